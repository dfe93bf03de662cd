"""Pictures that are signed with the user's certificate, and what a change afterwards does to the signature."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import c2pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from PIL import Image

from config import read_settings
from errors import Misconfigured
from images.label import read_label
from labels.c2pa import Signer, read_signature
from labels.picture_files import read_texts
from tests.certificates import Key, write_certificate
from tests.command import command
from tests.studio import batch, job, labeller

FORMS = {".png": "png", ".jpg": "jpeg", ".webp": "webp"}
KEYS: dict[str, Any] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}


def signed(folder: Path, ending: str = ".png", key: Key | None = None) -> tuple[Path, bytes]:
    """A signed picture, and the pixels of the one that was not signed."""
    chain, private = write_certificate(folder, key)
    wanted = job(folder, path=str(folder / f"1{ending}"))
    noise = Image.effect_noise((64, 64), 50)
    content = labeller(certificate=str(chain), key=str(private)).picture_bytes(noise, wanted, 9)
    path = Path(wanted.path)
    path.write_bytes(content)
    return path, labeller().picture_bytes(noise, wanted, 9)


@pytest.mark.parametrize("ending", FORMS)
def test_another_program_finds_the_signature_valid_and_trusted_under_our_authority(tmp_path: Path, ending: str) -> None:
    path, _ = signed(tmp_path, ending)
    authority = (tmp_path / "chain.pem").read_text().split("-----END CERTIFICATE-----\n")[
        1
    ] + "-----END CERTIFICATE-----\n"
    settings = c2pa.Settings.from_dict({"verify": {"verify_trust": True}, "trust": {"trust_anchors": authority}})
    with c2pa.Reader(str(path), context=c2pa.Context(settings=settings)) as reader:
        report = json.loads(reader.json())
    assert report["validation_state"] == "Trusted"
    [action] = report["manifests"][report["active_manifest"]]["assertions"][0]["data"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert action["softwareAgent"] == {"name": "rehearsal"}
    assert "thumbnail" not in json.dumps(report)


@pytest.mark.parametrize("ending", FORMS)
def test_labels_and_pixels_survive_the_signature(tmp_path: Path, ending: str) -> None:
    path, unsigned = signed(tmp_path, ending)
    label = read_label(path)
    assert label is not None
    assert label.complete
    texts, before = read_texts(io.BytesIO(path.read_bytes())), read_texts(io.BytesIO(unsigned))
    assert texts is not None
    assert before is not None
    assert texts.signed
    assert (texts.xmp, texts.parameters) == (before.xmp, before.parameters)
    with Image.open(path) as one, Image.open(io.BytesIO(unsigned)) as other:
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("ending", FORMS)
def test_a_change_after_signing_breaks_it(tmp_path: Path, ending: str) -> None:
    path, _ = signed(tmp_path, ending)
    content = path.read_bytes()
    found = read_signature(content, FORMS[ending])
    assert (found.checked, found.fits, found.signer, found.generator) == (True, True, "Test Studio", "Dramatis")
    assert found.source_type.endswith("/trainedAlgorithmicMedia")
    assert not read_signature(
        content.replace(b"trainedAlgorithmicMedia", b"digitalCaptureOnLineTag"), FORMS[ending]
    ).fits


@pytest.mark.parametrize("ending", FORMS)
def test_a_picture_whose_prompt_is_hidden_is_signed_anew(tmp_path: Path, ending: str) -> None:
    path, _ = signed(tmp_path, ending)
    hiding = labeller(certificate=str(tmp_path / "chain.pem"), key=str(tmp_path / "key.pem"), tell_prompt=False)
    hiding.renew(job(tmp_path, path=str(path)))
    content = path.read_bytes()
    assert b"red hair" not in content
    assert read_signature(content, FORMS[ending]).fits


@pytest.mark.parametrize("ending", FORMS)
def test_a_picture_that_was_there_unsigned_is_signed_as_it_is(tmp_path: Path, ending: str) -> None:
    path, unsigned = signed(tmp_path, ending)
    path.write_bytes(unsigned)
    label = read_label(path)
    signing = labeller(certificate=str(tmp_path / "chain.pem"), key=str(tmp_path / "key.pem"))
    assert label is not None
    assert signing.is_behind(label)
    assert not labeller().is_behind(label)
    signing.renew(job(tmp_path, path=str(path)))
    label = read_label(path)
    assert label is not None
    assert not signing.is_behind(label)
    assert read_signature(path.read_bytes(), FORMS[ending]).fits


@pytest.mark.parametrize("kind", KEYS)
def test_every_usual_kind_of_key_signs(tmp_path: Path, kind: str) -> None:
    path, _ = signed(tmp_path, key=KEYS[kind]())
    assert read_signature(path.read_bytes(), "png").fits


def test_what_cannot_sign_is_said_before_anything_is_painted(tmp_path: Path) -> None:
    chain, key = map(str, write_certificate(tmp_path))
    (tmp_path / "old").mkdir()
    old_chain, old_key = map(str, write_certificate(tmp_path / "old", days=0))
    (tmp_path / "text.pem").write_text("no certificate")
    for certificate, private, words in (
        (str(tmp_path / "gone.pem"), key, r"C2PA_CERTIFICATE .*gone\.pem cannot be read"),
        (chain, str(tmp_path / "text.pem"), r"C2PA_KEY .*text\.pem is no PEM file"),
        (chain, chain, "C2PA_KEY .* cannot be used"),
        (chain, old_key, "C2PA_CERTIFICATE .* cannot sign: .*belong to C2PA_KEY"),
        (old_chain, old_key, "C2PA_CERTIFICATE .* cannot sign"),
    ):
        with pytest.raises(Misconfigured, match=words):
            Signer(certificate, private)


def test_rubbish_has_no_valid_signature() -> None:
    for content in (b"", b"\x89PNG\r\n\x1a\n", b"\0" * 100):
        assert not read_signature(content, "png").fits


async def test_a_run_signs_with_the_certificate_of_the_settings_wherever_it_lies(tmp_path: Path) -> None:
    write_certificate(tmp_path)
    (tmp_path / ".env").write_text("C2PA_CERTIFICATE=chain.pem\nC2PA_KEY=key.pem\nIMAGE_FORMAT=jpeg\n")
    (tmp_path / "b.json").write_text(batch().model_dump_json())
    paint = ["--generate-images", "--tweets-batch", "b.json", "--rehearse"]
    done = await command(*paint, cwd=tmp_path)
    assert done.code == 0, done.err
    pictures = sorted((tmp_path / "output_images").rglob("*.jpg"))
    assert len(pictures) == 2
    assert all(read_signature(path.read_bytes(), "jpeg").fits for path in pictures)
    (tmp_path / "key.pem").unlink()
    lost = await command(*paint, cwd=tmp_path)
    assert (lost.code, "C2PA_KEY" in lost.err) == (4, True)


def test_half_of_a_signature_is_none(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="only one is set"):
        read_settings({}, {"C2PA_KEY": "key.pem"}, tmp_path / ".env")
