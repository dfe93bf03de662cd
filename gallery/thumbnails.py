"""Small pictures for the pages, made once: a file that is there for the picture as it is now is not made again.

What a picture says of itself, the AI label too, goes along. Knows pictures and files, nothing of posts.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from files import digest, write_bytes
from labels.picture_files import DAMAGE
from labels.xmp import XMP_CHUNK

ENDING = ".webp"
_QUALITY, _EFFORT = 78, 2


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture and its size in pixels, by which a page keeps its place free."""

    path: Path
    width: int
    height: int


def thumbnail(picture: Path, folder: Path, name: str, longest: int) -> Thumbnail | None:
    """The thumbnail of `picture`, at most `longest` pixels on a side; None when the picture cannot be read."""
    try:
        seen = picture.stat()
        path = folder / f"{name}-{digest(seen.st_size, seen.st_mtime_ns, longest, length=8)}{ENDING}"
        content = b"" if path.exists() else _small(picture, longest)
        with Image.open(io.BytesIO(content) if content else path) as small:
            width, height = small.size
    except (*DAMAGE, Image.DecompressionBombError):
        return None
    if content:
        write_bytes(path, content)
    return Thumbnail(path, width, height)


def sweep(folder: Path, used: Iterable[Path]) -> None:
    """Remove the thumbnails in `folder` that no page uses any more."""
    wanted = {path.name for path in used}
    for path in folder.glob(f"*{ENDING}"):
        if path.name not in wanted:
            path.unlink(missing_ok=True)


def _small(picture: Path, longest: int) -> bytes:
    with Image.open(picture) as image:
        xmp = image.info.get("xmp") or image.info.get(XMP_CHUNK) or b""
        image.draft("RGB", (longest, longest))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=_QUALITY, method=_EFFORT, xmp=xmp.encode() if isinstance(xmp, str) else xmp)
    return buffer.getvalue()
