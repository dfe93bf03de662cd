"""Bytes of a PNG that says of itself what it is: made by a model, by which one, from which words.

Four text chunks before the pixels: `dramatis` for ourselves, `parameters` as picture tools read it, and an XMP
packet with the IPTC and GB 45438 marks. Knows no torch and no processes.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin

from images.schema import PictureJob
from labels import XMP_CHUNK, one_line, xmp_packet
from persona.schema import AILabel
from settings import TOOL

OWN_CHUNK = "dramatis"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_LARGEST_LABEL = 65_536
_COMPRESSION = 3  # as small as the default of 6, in half its time


@dataclass(frozen=True, slots=True)
class Label:
    """What a picture of ours says of itself. `complete`: the file has an end.

    `painting`: the digest of the post's painting that it shows, "" in pictures of earlier versions.
    """

    key: str
    id: str
    model: str
    complete: bool
    painting: str = ""


def png_bytes(image: Image.Image, job: PictureJob, *, seed: int, model: str, negative_prompt: str = "") -> bytes:
    """`image` as a labelled PNG. `seed` is the one it was painted with in the end."""
    own = {"key": job.key, "id": job.id, "model": model, "painting": job.painting}
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(OWN_CHUNK, json.dumps(own))
    chunks.add_text("parameters", _parameters(job, seed, model, negative_prompt))
    chunks.add_itxt(XMP_CHUNK, _xmp(job, AILabel(model=model, provider="local", tool=TOOL, created="")))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="PNG", pnginfo=chunks, compress_level=_COMPRESSION)
    return buffer.getvalue()


def read_label(path: Path) -> Label | None:
    """The label of a picture of ours; None for any other file. Reads the chunks before the pixels only.

    Raises FileNotFoundError when there is nothing at `path`, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        found = _own_chunk(file)
        if found is None:
            return None
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(max(0, size - len(_END)))
        complete = file.read() == _END
    key, identity, model = (found.get(name) for name in ("key", "id", "model"))
    if not (isinstance(key, str) and isinstance(identity, str) and isinstance(model, str)):
        return None
    return Label(key, identity, model, complete, str(found.get("painting", "")))


def _own_chunk(file: BinaryIO) -> dict[str, object] | None:
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        return None
    while len(head := file.read(8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in {b"IDAT", b"IEND"}:
            return None
        if kind != b"tEXt" or length > _LARGEST_LABEL:
            file.seek(length + 4, io.SEEK_CUR)
            continue
        body, check = file.read(length), file.read(4)
        name, _, text = body.partition(b"\0")
        if name != OWN_CHUNK.encode():
            continue
        if zlib.crc32(kind + body).to_bytes(4, "big") != check:
            return None
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None
    return None


def _parameters(job: PictureJob, seed: int, model: str, negative_prompt: str) -> str:
    """Readers find the settings in the last line by its pairs, so no value may hold a comma or a colon."""
    name = re.sub(r"[\s,:\"]+", " ", one_line(model)).strip()
    lines = [one_line(job.prompt)]
    if negative_prompt.strip():
        lines.append(f"Negative prompt: {one_line(negative_prompt)}")
    lines.append(
        f"Steps: {job.steps}, CFG scale: {job.guidance:g}, Seed: {seed}, Size: {job.width}x{job.height}, "
        f"Model: {name}, Version: {TOOL}"
    )
    return "\n".join(lines)


def _xmp(job: PictureJob, mark: AILabel) -> str:
    return xmp_packet(mark.tool, mark.digital_source_type, mark.aigc(job.id), title=job.title, description=job.alt_text)
