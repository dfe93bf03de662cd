"""C2PA signatures on pictures: a manifest that says a model made this file, signed with the user's own certificate.

Signing is the last step: whatever changes the file afterwards breaks the signature. The only file that imports c2pa,
an optional library (requirements-c2pa.txt). Uses no network: no time stamps, no lists of revoked certificates.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from errors import BadPicture, Misconfigured
from labels.ai_label import AILabel
from settings import VERSION

MADE_BY_MODEL: Final[str] = AILabel.model_fields["digital_source_type"].default
ALGORITHMS: Final = ("es256", "ps256", "es384", "ed25519", "es512")  # a key fits one of them
_SETTINGS: Final = {
    "builder": {"thumbnail": {"enabled": False}},  # it would add half a megabyte and 300 ms to a picture
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
_INSTALL: Final = "Install it with: python -m pip install -r requirements-c2pa.txt"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a file's C2PA manifest says. `checked`: c2pa was there to look; `fits`: nothing has changed since."""

    checked: bool
    fits: bool = False
    signer: str = ""
    source_type: str = ""
    generator: str = ""


class Signer:
    """Signs pictures with one certificate. Misconfigured when that cannot work, found out by signing one."""

    def __init__(self, certificate: str, key: str) -> None:
        self._c2pa = c2pa = _library()
        if c2pa is None:
            raise Misconfigured("C2PA_CERTIFICATE needs c2pa-python, which is not installed.", _INSTALL)
        chain, private = _pem("C2PA_CERTIFICATE", certificate), _pem("C2PA_KEY", key)
        self._context = c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))
        self._signer = _first_that_fits(c2pa, chain, private, key)
        sample = io.BytesIO()
        Image.new("RGB", (16, 16)).save(sample, "PNG")
        try:
            self._sign(sample.getvalue(), "png", "sample", "none")
        except c2pa.C2paError as error:
            raise Misconfigured(f"C2PA_CERTIFICATE {certificate} cannot sign: {error}.", _CERTIFICATE) from error

    def sign(self, content: bytes, form: str, *, title: str, model: str) -> bytes:
        """`content` with a manifest. BadPicture when it cannot be signed any more."""
        try:
            return self._sign(content, form, title, model)
        except self._c2pa.C2paError as error:
            raise BadPicture(f"The picture could not be signed: {error}.", "Look at C2PA_CERTIFICATE.") from error

    def _sign(self, content: bytes, form: str, title: str, model: str) -> bytes:
        signed = io.BytesIO()
        with self._c2pa.Builder(_manifest(title, model), context=self._context) as builder:
            builder.sign(self._signer, f"image/{form}", io.BytesIO(content), signed)
        return signed.getvalue()


def read_signature(content: bytes, form: str) -> Signature:
    """What the manifest in `content` says, for a file that has one."""
    c2pa = _library()
    if c2pa is None:
        return Signature(checked=False)
    context = c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))
    try:
        with c2pa.Reader(f"image/{form}", io.BytesIO(content), context=context) as reader:
            report = json.loads(reader.json())
    except c2pa.C2paError:
        return Signature(checked=True)
    manifest = report.get("manifests", {}).get(report.get("active_manifest"), {})
    generators = manifest.get("claim_generator_info") or [{}]
    return Signature(
        checked=True,
        fits=report.get("validation_state") in {"Valid", "Trusted"},
        signer=str(manifest.get("signature_info", {}).get("issuer", "")),
        source_type=next((kind for kind in _source_types(manifest)), ""),
        generator=str(generators[0].get("name", "")),
    )


def _source_types(manifest: dict[str, Any]) -> list[str]:
    return [
        str(action["digitalSourceType"])
        for assertion in manifest.get("assertions", ())
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", ())
        if "digitalSourceType" in action
    ]


def _manifest(title: str, model: str) -> dict[str, Any]:
    action = {"action": "c2pa.created", "digitalSourceType": MADE_BY_MODEL, "softwareAgent": {"name": model}}
    return {
        "claim_generator_info": [{"name": "Dramatis", "version": VERSION}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }


_CERTIFICATE: Final = (
    "It must be a chain of PEM certificates for signing (key usage digitalSignature, extended key usage "
    "emailProtection or documentSigning), the signer's own first, belong to C2PA_KEY, and be valid today."
)


def _first_that_fits(c2pa: Any, chain: bytes, private: bytes, key: str) -> Any:
    for algorithm in ALGORITHMS:
        info = c2pa.C2paSignerInfo(alg=algorithm.encode(), sign_cert=chain, private_key=private, ta_url=None)
        try:
            return c2pa.Signer.from_info(info)
        except c2pa.C2paError:
            continue
    raise Misconfigured(
        f"C2PA_KEY {key} cannot be used with C2PA_CERTIFICATE.",
        "It must be an unencrypted private key in PKCS#8 form (BEGIN PRIVATE KEY): EC P-256, P-384, P-521, RSA or "
        "Ed25519. Convert one with: openssl pkcs8 -topk8 -nocrypt -in old.pem -out key.pem",
    )


def _pem(name: str, path: str) -> bytes:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Misconfigured(f"{name} {path} cannot be read: {reason}.", "Give the path of a PEM file.") from error
    if b"-----BEGIN" not in content:
        raise Misconfigured(f"{name} {path} is no PEM file.", "It must begin with -----BEGIN.")
    return content


def _library() -> Any:
    try:
        import c2pa
    except ImportError:
        return None
    return c2pa
