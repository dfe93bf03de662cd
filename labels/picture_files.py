"""The texts inside a PNG, JPEG or WebP file: found without reading the pixels, exchanged without touching them.

Two texts matter here: the XMP packet, and `parameters`, the prompt and settings as picture tools write them (a text
chunk in PNG, the EXIF comment in JPEG and WebP). Knows bytes; not what the texts say. Any file may be handed in.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from PIL import Image

from labels.xmp import XMP_CHUNK

Form = Literal["png", "jpeg", "webp"]
LARGEST_TEXT = 4 * 1024 * 1024  # of a part that is looked into

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PNG_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_EXIF = b"Exif\0\0"
_APP0, _APP1, _APP11, _SOS = 0xE0, 0xE1, 0xEB, 0xDA
_WEBP_EXIF_FLAG, _WEBP_XMP_FLAG = 0x08, 0x04
_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286
# What Pillow raises for a file that is damaged or cut short.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error)


@dataclass(slots=True)
class Texts:
    """What was found. `complete`: the file has an end; `signed`: a C2PA manifest is inside, valid or not."""

    form: Form
    xmp: str = ""
    chunk: str = ""  # the text of a PNG
    exif: bytes = b""  # what holds the text of a JPEG or a WebP
    complete: bool = False
    signed: bool = False

    @property
    def parameters(self) -> str:
        return self.chunk or (_comment_in(self.exif) if self.exif else "")

    @property
    def tells(self) -> bool:
        """Whether there may be such a text: in a file of ours there is, since nothing else is in its EXIF data."""
        return bool(self.chunk or self.exif)


def read_texts(file: BinaryIO, *, beyond_pixels: bool = True) -> Texts | None:
    """The texts of the picture in `file`; None when it is none of the three forms.

    `beyond_pixels`: also those that other programs put behind the pixels of a PNG; ours stand before them.
    """
    head = file.read(12)
    if head.startswith(_PNG):
        return _read_png(file, beyond_pixels)
    if head.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(file)
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return _read_webp(file, int.from_bytes(head[4:8], "little"))
    return None


def with_texts(content: bytes, xmp: str, parameters: str = "") -> bytes:
    """The same picture with these two texts instead of its own, before the pixels, and without a C2PA manifest,
    which would no longer fit. `content` is whole and of one of the three forms, as we or Pillow write them."""
    if content.startswith(_PNG):
        return _put_png(content, xmp, parameters)
    if content.startswith(b"\xff\xd8"):
        return _put_jpeg(content, xmp, parameters)
    return _put_webp(content, xmp, parameters)


# -- PNG ---------------------------------------------------------------------------------------------


def _read_png(file: BinaryIO, beyond_pixels: bool) -> Texts:
    texts = Texts("png")
    file.seek(len(_PNG))
    while len(head := file.read(8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"IEND" or (kind == b"IDAT" and not beyond_pixels):
            break
        texts.signed |= kind == b"caBX"
        if kind not in _PNG_TEXTS or length > LARGEST_TEXT:
            file.seek(length + 4, io.SEEK_CUR)
            continue
        body, check = file.read(length), file.read(4)
        if zlib.crc32(kind + body).to_bytes(4, "big") == check:
            keyword, text = _png_text(kind, body)
            if keyword == XMP_CHUNK:
                texts.xmp = texts.xmp or text
            elif keyword == "parameters":
                texts.chunk = texts.chunk or text
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - len(_PNG_END)))
    texts.complete = file.read() == _PNG_END
    return texts


def _png_text(kind: bytes, body: bytes) -> tuple[str, str]:
    keyword, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return keyword.decode("latin-1"), rest.decode("latin-1")
    packed, encoding = rest[1:], "latin-1"
    if kind == b"iTXt":  # a flag, a method, a language and a translated keyword stand before the text
        parts = rest[2:].split(b"\0", 2)
        text = parts[2] if len(parts) == 3 else b""
        if rest[:1] != b"\x01":
            return keyword.decode("latin-1"), text.decode("utf-8", "replace")
        packed, encoding = text, "utf-8"
    try:
        text = zlib.decompressobj().decompress(packed, LARGEST_TEXT)
    except zlib.error:
        text = b""
    return keyword.decode("latin-1"), text.decode(encoding, "replace")


def _put_png(content: bytes, xmp: str, parameters: str) -> bytes:
    start = len(_PNG)
    parts = [_PNG]
    while start + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[start : start + 8])
        end = start + 12 + length
        keyword = content[start + 8 : end].partition(b"\0")[0]
        ours = kind in _PNG_TEXTS and keyword in {XMP_CHUNK.encode(), b"parameters"}
        if not ours and kind != b"caBX":
            parts.append(content[start:end])
        if kind == b"IHDR":
            parts += [_png_chunk("parameters", parameters)] if parameters else []
            parts.append(_png_chunk(XMP_CHUNK, xmp))
        start = end
    return b"".join(parts)


def _png_chunk(keyword: str, text: str) -> bytes:
    """Plain text where Latin-1 will do, because every tool reads that; the packet always as iTXt."""
    try:
        if keyword == XMP_CHUNK:
            raise UnicodeEncodeError("latin-1", text, 0, 0, "an XMP packet is UTF-8")
        kind, body = b"tEXt", keyword.encode() + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        kind, body = b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# -- JPEG --------------------------------------------------------------------------------------------


def _read_jpeg(file: BinaryIO) -> Texts:
    texts = Texts("jpeg")
    file.seek(2)
    while len(head := file.read(4)) == 4 and head[0] == 0xFF and head[1] != _SOS:
        length = int.from_bytes(head[2:], "big") - 2
        if length < 0:
            return texts
        body = file.read(length) if head[1] in {_APP1, _APP11} else b""
        if head[1] == _APP11:
            texts.signed |= body.startswith(b"JP")
        elif body.startswith(_JPEG_XMP):
            texts.xmp = texts.xmp or body.removeprefix(_JPEG_XMP).decode("utf-8", "replace")
        elif body.startswith(_JPEG_EXIF):
            texts.exif = texts.exif or body
        if not body:
            file.seek(length, io.SEEK_CUR)
    file.seek(0, io.SEEK_END)
    file.seek(max(0, file.tell() - 2))
    texts.complete = file.read() == b"\xff\xd9"
    return texts


def _put_jpeg(content: bytes, xmp: str, parameters: str) -> bytes:
    start, first = 2, b""
    kept: list[bytes] = []
    while content[start + 1] != _SOS:
        end = start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")
        segment, kind = content[start:end], content[start + 1]
        if kind == _APP0 and not kept:
            first = segment
        elif kind not in {_APP1, _APP11}:
            kept.append(segment)
        start = end
    texts = [_segment(_exif_with(parameters))] if parameters else []
    texts.append(_segment(_JPEG_XMP + xmp.encode()))
    return b"".join((content[:2], first, *texts, *kept, content[start:]))


def _segment(body: bytes) -> bytes:
    return bytes((0xFF, _APP1)) + struct.pack(">H", len(body) + 2) + body


# -- WebP --------------------------------------------------------------------------------------------


def _read_webp(file: BinaryIO, length: int) -> Texts:
    texts = Texts("webp")
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        body = file.read(size) if head[:4] in {b"EXIF", b"XMP "} and size <= LARGEST_TEXT else b""
        texts.signed |= head[:4] == b"C2PA"
        if head[:4] == b"XMP ":
            texts.xmp = texts.xmp or body.decode("utf-8", "replace")
        elif head[:4] == b"EXIF":
            texts.exif = texts.exif or _JPEG_EXIF + body.removeprefix(_JPEG_EXIF)
        file.seek(size + size % 2 - len(body), io.SEEK_CUR)
    file.seek(0, io.SEEK_END)
    texts.complete = file.tell() == length + 8
    return texts


def _put_webp(content: bytes, xmp: str, parameters: str) -> bytes:
    chunks = dict(_webp_chunks(content))
    flags = chunks.pop(b"VP8X", b"\0")[0] | _WEBP_XMP_FLAG
    flags = flags | _WEBP_EXIF_FLAG if parameters else flags & ~_WEBP_EXIF_FLAG
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    for name in (b"EXIF", b"XMP ", b"C2PA"):
        chunks.pop(name, None)
    if parameters:
        chunks[b"EXIF"] = _exif_with(parameters).removeprefix(_JPEG_EXIF)
    chunks[b"XMP "] = xmp.encode()
    head = {b"VP8X": bytes((flags, 0, 0, 0)) + sides}
    body = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2) for name, part in (head | chunks).items()
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a picture that stands still: none of them comes twice."""
    start = 12
    while start + 8 <= len(content):
        name, size = struct.unpack("<4sI", content[start : start + 8])
        yield name, content[start + 8 : start + 8 + size]
        start += 8 + size + size % 2


# -- the EXIF comment --------------------------------------------------------------------------------


def _exif_with(parameters: str) -> bytes:
    """EXIF data with `parameters` as its comment, in the encoding in which picture tools write it."""
    exif = Image.Exif()
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"UNICODE\0" + parameters.encode("utf-16-be")
    content = exif.tobytes()
    return content if content.startswith(_JPEG_EXIF) else _JPEG_EXIF + content


def _comment_in(content: bytes) -> str:
    """The comment of EXIF data of anybody's making, "" where there is none or it cannot be read."""
    exif = Image.Exif()
    try:
        with warnings.catch_warnings(action="ignore"):
            exif.load(content)
            comment = exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT, b"")
    except DAMAGE:
        return ""
    if not isinstance(comment, bytes):
        return str(comment)
    kind, words = comment[:8], comment[8:]
    if kind != b"UNICODE\0":
        return words.decode("utf-8", "replace").strip("\0 ")
    backwards = words[1:2] == b"\0" and words[:1] != b"\0"
    return words.decode("utf-16-le" if backwards else "utf-16-be", "replace").strip("\0 ")
