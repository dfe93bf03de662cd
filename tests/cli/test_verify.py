"""What --verify tells of files: ours, other people's, changed and broken ones."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cli.verify import claim_of
from images.label import Labeller
from labels.picture_files import with_texts
from labels.xmp import read_xmp
from tests.answers import AI, persona
from tests.certificates import write_certificate
from tests.command import ROOT, command
from tests.studio import batch, job, labeller

FORMS = (".png", ".jpg", ".webp")
EXIFTOOL = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
 TC260:AIGC="{&quot;Label&quot;:&quot;2&quot;}"/></rdf:RDF></x:xmpmeta>"""
BOMB = (
    """<x:xmpmeta xmlns:x="adobe:ns:meta/"><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;">]>&c;</x:xmpmeta>"""
)


def painted(folder: Path, ending: str = ".png", by: Labeller | None = None) -> Path:
    wanted = job(folder, path=str(folder / f"1{ending}"))
    path = Path(wanted.path)
    path.write_bytes((by or labeller("z-image-turbo")).picture_bytes(Image.effect_noise((64, 64), 50), wanted, 9))
    return path


def saved(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def plain(path: Path, xmp: str = "") -> Path:
    """A picture of somebody else's, with a packet of somebody else's."""
    buffer = io.BytesIO()
    Image.effect_noise((32, 32), 50).save(buffer, {".png": "PNG", ".jpg": "JPEG", ".webp": "WEBP"}[path.suffix])
    path.write_bytes(with_texts(buffer.getvalue(), xmp) if xmp else buffer.getvalue())
    return path


@pytest.mark.parametrize("ending", FORMS)
def test_a_picture_of_ours_says_who_made_it_and_from_what(tmp_path: Path, ending: str) -> None:
    claim = claim_of(painted(tmp_path, ending))
    assert (claim.labelled, claim.kind) == (True, "picture")
    words = claim.line()
    for expected in ("trainedAlgorithmicMedia", "AIGC label 1", "Dramatis/", "z-image-turbo", "prompt is inside"):
        assert expected in words
    assert claim.found["note"]["seed"] == 9
    hidden = claim_of(painted(tmp_path, ending, labeller(tell_prompt=False)))
    assert hidden.labelled
    assert "prompt" not in hidden.line()


@pytest.mark.parametrize("ending", FORMS)
def test_a_label_of_another_program_counts_too(tmp_path: Path, ending: str) -> None:
    claim = claim_of(plain(tmp_path / f"1{ending}", EXIFTOOL))
    assert claim.labelled
    assert claim.found["aigc"] == {"Label": "2"}


@pytest.mark.parametrize(
    "xmp", ["", "<x:xmpmeta", "rubbish", BOMB, EXIFTOOL.replace("trained", "x").replace("Label", "L")]
)
def test_a_picture_without_a_label_is_called_so(tmp_path: Path, xmp: str) -> None:
    claim = claim_of(plain(tmp_path / "1.png", xmp))
    assert not claim.labelled
    assert "no AI label" in claim.line()


def test_entities_are_not_unfolded() -> None:
    assert read_xmp(BOMB).source_type == ""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_packed_texts_behind_the_pixels_of_a_png_are_read(tmp_path: Path) -> None:
    path = plain(tmp_path / "1.png")
    content = path.read_bytes()
    end = content.rindex(b"IEND") - 4
    texts = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(EXIFTOOL.encode()))
    texts += chunk(b"zTXt", b"parameters\0\0" + zlib.compress(b"a cat"))
    path.write_bytes(content[:end] + texts + content[end:])
    claim = claim_of(path)
    assert claim.labelled
    assert claim.found["prompt"]


@pytest.mark.parametrize("ending", FORMS)
def test_a_signature_is_checked_and_a_broken_one_belies_the_label(tmp_path: Path, ending: str) -> None:
    chain, key = map(str, write_certificate(tmp_path))
    path = painted(tmp_path, ending, labeller(certificate=chain, key=key))
    whole = claim_of(path)
    assert whole.labelled
    assert "signed by Test Studio (C2PA) and not changed since" in whole.line()
    path.write_bytes(path.read_bytes().replace(b"mira/0123abcd/1", b"mira/0123abcd/2"))
    broken = claim_of(path)
    assert not broken.labelled
    assert "DOES NOT FIT" in broken.line()
    assert not broken.found["signature"]["fits"]


def test_a_batch_is_labelled_when_each_of_its_posts_is(tmp_path: Path) -> None:
    value = batch(ai=AI).model_dump(mode="json")
    assert claim_of(saved(tmp_path / "b.json", value)).says[0] == "3 of 3 labelled"
    value["ai"] = None
    value["posts"][0]["ai"] = AI.model_dump()
    claim = claim_of(saved(tmp_path / "b.json", value))
    assert not claim.labelled
    assert claim.says[0] == "1 of 3 labelled"
    assert claim.found["ai"] == [AI.model_dump()]


@pytest.mark.parametrize(
    "value",
    [
        {"spec": "chara_card_v2", "data": {"name": "Ferro", "extensions": {}}},
        {"ai": {"generated": False}},
        {"ai": "yes"},
        {"posts": [], "persona": "x"},
        [],
        [1, 2],
        "words",
        {"data": [], "settings": None},
    ],
)
def test_records_without_a_label_are_called_so(tmp_path: Path, value: Any) -> None:
    assert not claim_of(saved(tmp_path / "x.json", value)).labelled


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("words")
    (tmp_path / "x.jsonl").write_text('{"ai": {"generated": true}}\n{')
    (tmp_path / "x.charx").write_bytes(b"PK\3\4")
    for name, words in (
        ("x.txt", "is not JSON"),
        ("x.jsonl", "line 2"),
        ("x.charx", "x.charx"),
        ("gone", "no such"),
        ("", "is a"),
    ):
        claim = claim_of(tmp_path / name)
        assert (claim.labelled, claim.kind) == (False, "unreadable")
        assert words in claim.line()
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "cut short" in claim_of(tmp_path / "x.png").line()


async def test_everything_that_a_run_leaves_behind_is_labelled(tmp_path: Path) -> None:
    portrait = ROOT / "examples" / "portraits" / "mira.png"
    wanted = ["--tweets", 2, "--export", "card,v3,charx,eliza,jsonl", "--image-format", "webp"]
    done = await command("--run-all", "--images", portrait, "--rehearse", "--out", tmp_path, *wanted)
    assert done.code == 0, done.err
    patterns = [
        "personas/*.json",
        "personas/cards/*",
        "calendars/*",
        "output_standalone/*.json",
        "output_images/**/*.webp",
    ]
    files = [f"{tmp_path}/{pattern}" for pattern in [*patterns, "output_standalone/exports/*"]]
    told = await command("--verify", *files)
    assert told.code == 0, told.out
    assert len(told.out.splitlines()) >= 9
    assert "files are labelled" in told.err
    for_programs = await command("--verify", *files, portrait, "--json")
    assert for_programs.code == 3
    assert for_programs.report["missing"] == 1
    assert [one["file"] for one in for_programs.report["files"] if not one["labelled"]] == [str(portrait)]


def test_a_persona_is_a_card(tmp_path: Path) -> None:
    value = {"data": {"extensions": {"dramatis": persona().model_dump(mode="json")}}}
    claim = claim_of(saved(tmp_path / "marra.json", value))
    assert (claim.labelled, claim.kind) == (True, "card")
