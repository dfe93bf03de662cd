"""A picture as a file that says of itself what it is: made by a model, by which one, from which words.

PNG, JPEG or WebP, by the ending of its path. Before the pixels stand `parameters` as picture tools read it, and an
XMP packet with the IPTC and GB 45438 marks and our own note. Knows no torch and no processes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from files import PICTURE_ENDINGS, write_bytes
from images.models import Model
from images.schema import Labelling, PictureJob
from labels.ai_label import AILabel
from labels.c2pa import Signer
from labels.picture_files import read_texts, with_texts
from labels.xmp import one_line, own_note, xmp_packet
from settings import TOOL

# Characters; a JPEG segment holds 65,000 bytes, and a character takes up to four of them.
LONGEST_PROMPT, LONGEST_NEGATIVE = 12_000, 2_000

# As small as the default of 6 in half its time; fine lines keep their colour.
_SAVED: Final[dict[str, dict[str, Any]]] = {
    "png": {"compress_level": 3},
    "jpeg": {"quality": 92, "subsampling": 0},
    "webp": {"quality": 90},
}
_FORMS: Final = {ending: form for form, ending in PICTURE_ENDINGS.items()}


@dataclass(frozen=True, slots=True)
class Label:
    """What a picture of ours says of itself. `complete`: the file has an end; `tells`: its prompt stands in it;
    `signed`: so does a C2PA manifest. `painting`: the digest of the post's painting that it shows."""

    key: str
    id: str
    model: str
    seed: int
    complete: bool
    tells: bool
    signed: bool = False
    painting: str = ""


class Labeller:
    """Labels the pictures of one painter, and signs them where a certificate is configured.

    Misconfigured when the certificate cannot be used.
    """

    def __init__(self, model: Model, labelling: Labelling) -> None:
        self._model = model.name
        self._negative_prompt = (model.negative_prompt or "") if model.guidance > 0 else ""
        self._tell = labelling.tell_prompt
        self._signer = Signer(labelling.certificate, labelling.key) if labelling.certificate else None

    def picture_bytes(self, image: Image.Image, job: PictureJob, seed: int) -> bytes:
        """`image` as a labelled file. `seed` is the one it was painted with in the end."""
        form = _form(job)
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, format=form, **_SAVED[form])
        return self._labelled(buffer.getvalue(), job, seed, self._parameters(job, seed), {})

    def relabelled(self, content: bytes, job: PictureJob, seed: int, more: Mapping[str, Any]) -> bytes:
        """A finished file of ours with the label of `job`, pixel for pixel. `more` is noted in it beside the rest."""
        texts = read_texts(io.BytesIO(content))
        return self._labelled(content, job, seed, texts.parameters if texts else "", more)

    def is_behind(self, label: Label) -> bool:
        """Whether a finished picture tells what it should not, or is not signed as it should be."""
        return (label.tells and not self._tell) or (self._signer is not None and not label.signed)

    def renew(self, job: PictureJob) -> None:
        """Bring the label of the finished picture of `job` up to what is wanted now, pixel for pixel."""
        path = Path(job.path)
        content = path.read_bytes()
        if texts := read_texts(io.BytesIO(content)):
            parameters = texts.parameters if self._tell else ""
            write_bytes(path, self.signed(with_texts(content, texts.xmp, parameters), job))

    def _labelled(self, content: bytes, job: PictureJob, seed: int, parameters: str, more: Mapping[str, Any]) -> bytes:
        mark = AILabel(model=self._model, provider="local", tool=TOOL, created="")
        own = {"key": job.key, "id": job.id, "model": self._model, "seed": seed, "painting": job.painting, **more}
        xmp = xmp_packet(
            mark.tool, mark.digital_source_type, mark.aigc(job.id), title=job.title, description=job.alt_text, own=own
        )
        return self.signed(with_texts(content, xmp, parameters if self._tell else ""), job)

    def signed(self, content: bytes, job: PictureJob) -> bytes:
        """A labelled file, signed where a certificate is configured."""
        if self._signer is None:
            return content
        return self._signer.sign(content, _form(job), title=job.id, model=self._model)

    def _parameters(self, job: PictureJob, seed: int) -> str:
        """Readers find the settings in the last line by its pairs, so no value may hold a comma or a colon, and the
        negative prompt by its name. Without a sampler some read nothing at all: ours is the one the painter came with.
        """
        name = re.sub(r"[\s,:\"]+", " ", one_line(self._model)).strip()
        lines = [one_line(job.prompt).replace("Negative prompt:", "Negative prompt")[:LONGEST_PROMPT]]
        if self._negative_prompt.strip():
            lines.append(f"Negative prompt: {one_line(self._negative_prompt)[:LONGEST_NEGATIVE]}")
        lines.append(
            f"Steps: {job.steps}, Sampler: default, CFG scale: {job.guidance:g}, Seed: {seed}, "
            f"Size: {job.width}x{job.height}, Model: {name}, Version: {TOOL}"
        )
        return "\n".join(lines)


def read_label(path: Path) -> Label | None:
    """The label of a picture of ours; None for any other file. Reads no pixels.

    Raises FileNotFoundError when there is nothing at `path`, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        texts = read_texts(file, beyond_pixels=False)
    note = own_note(texts.xmp) if texts else {}
    key, identity, model, seed = (note.get(name) for name in ("key", "id", "model", "seed"))
    if texts is None or not (isinstance(key, str) and isinstance(identity, str) and isinstance(model, str)):
        return None
    seed = seed if isinstance(seed, int) else 0
    painting = str(note.get("painting", ""))
    return Label(key, identity, model, seed, texts.complete, texts.tells, texts.signed, painting)


def _form(job: PictureJob) -> str:
    return _FORMS[Path(job.path).suffix]
