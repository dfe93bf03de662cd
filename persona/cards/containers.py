"""What a card may be wrapped in: a JSON file, a PNG picture, a CHARX archive. Reading and writing their bytes.

Nothing is ever unpacked to disk, and nothing is read without a limit. Does not know what a card says.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from errors import BadInput
from files import LARGEST_JSON

PNG = b"\x89PNG\r\n\x1a\n"
ICON = "assets/icon/images/main.png"  # where the picture lies in a CHARX of ours
LARGEST_FILE = 256 * 1024 * 1024
LARGEST_PICTURE = 64 * 1024 * 1024
MOST_ENTRIES = 10_000
LARGEST_ARCHIVE = 1024 * 1024 * 1024  # all entries together, unpacked
MOST_TIMES = 100  # how much larger than the file its content may be, beyond what a small one may always be
DEEPEST = 100
EXPECTED = "A persona is expected: a JSON file of ours, a character card, or an object with a name and a description."

_PICTURES = {b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WEBP"}
_TEXT_CHUNKS = {b"tEXt", b"zTXt", b"iTXt"}
_MAKE_ONE = "To make a persona from the picture, give it with --generate-persona --image."
_EMBEDDED = ("embeded://", "embedded://", "__asset:")  # the first is the specification's own spelling


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file holds: a card as JSON, the picture that came with it, and what was wrong but could be read."""

    value: dict[str, Any]
    picture: bytes | None = None
    mended: tuple[str, ...] = ()


def open_card(path: Path) -> Opened:
    """The card in `path`, told by its content and not by its name. BadInput says in one sentence why there is none."""
    content = _content(path)
    if content.startswith(PNG):
        return _from_png(path, content)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) and zipfile.is_zipfile(io.BytesIO(content)):
        return _from_charx(path, content)
    for start, kind in _PICTURES.items():
        if content.startswith(start):
            raise BadInput(f"{path} is a {kind} picture without a character card.", _MAKE_ONE)
    return Opened(_card(f"{path}", content))


def charx(card: bytes, picture: bytes | None) -> bytes:
    """A CHARX archive. The same content gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (("card.json", card), (ICON, picture)):
            if content is not None:
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_STORED if name == ICON else zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
    return buffer.getvalue()


# -- files and JSON ----------------------------------------------------------------------------------


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{path} is larger than any card ({LARGEST_FILE >> 20} MB).", "Is it the right file?")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", EXPECTED) from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.", EXPECTED) from error


def _card(where: str, content: bytes) -> dict[str, Any]:
    """A JSON object. `where` names the file, and the place in it, for the sentence that refuses it."""
    if len(content) > LARGEST_JSON:
        raise BadInput(f"{where} is larger than any card ({LARGEST_JSON >> 20} MB).", "Is it the right file?")
    try:
        encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        value = json.loads(content.decode(encoding), strict=False, parse_float=_finite, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise BadInput(f"{where} is not UTF-8 text.", EXPECTED) from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not JSON: {error}.", EXPECTED) from error
    if not isinstance(value, dict):
        raise BadInput(f"{where} holds no JSON object.", EXPECTED)
    if _depth(value) > DEEPEST:
        raise BadInput(f"{where} is nested more than {DEEPEST} levels deep, as no card is.", EXPECTED)
    return value


def _no_number(_word: str) -> None:
    """NaN and Infinity, which some programs write, are no JSON: they become null."""


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


# -- PNG ---------------------------------------------------------------------------------------------


def _from_png(path: Path, content: bytes) -> Opened:
    """`ccv3` wins over `chara`; one that cannot be read gives way to the other."""
    found: dict[str, tuple[bytes, bytes]] = {}
    for kind, start, end in _chunks(content):
        if kind in _TEXT_CHUNKS:
            keyword, _, body = content[start + 8 : end - 4].partition(b"\0")
            found.setdefault(_name(keyword), (kind, body))
    errors: list[BadInput] = []
    for name in ("ccv3", "chara"):
        if name in found:
            where = f"The {name} card in {path}"
            try:
                value = _card(where, _decoded(_text(where, *found[name])))
            except BadInput as error:
                errors.append(error)
                continue
            mended = (f"{error.what.removesuffix('.')}; its {name} card is read instead." for error in errors)
            return Opened(value, _without_card(content), tuple(mended))
    raise errors[0] if errors else BadInput(f"{path} is a picture without a character card.", _MAKE_ONE)


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a PNG: kind, start and end. What is cut short ends the list."""
    place = len(PNG)
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        end = place + 12 + length
        if end > len(content):
            return
        yield kind, place, end
        if kind == b"IEND":
            return
        place = end


def _without_card(content: bytes) -> bytes:
    """The picture alone: text chunks as large as a card's are more than picture readers take."""
    parts = [
        content[start:end]
        for kind, start, end in _chunks(content)
        if kind not in _TEXT_CHUNKS or _name(content[start + 8 : end].partition(b"\0")[0]) not in {"ccv3", "chara"}
    ]
    return PNG + b"".join(parts)


def _name(keyword: bytes) -> str:
    return keyword.decode("latin-1").strip().lower()


def _text(where: str, kind: bytes, body: bytes) -> bytes:
    """The text of a text chunk, unpacked if it is packed."""
    if kind == b"tEXt":
        return body
    packed, text = True, body[1:]
    if kind == b"iTXt":  # a flag, a method, a language and a translated keyword stand before the text
        packed, parts = body[:1] == b"\x01", body[2:].split(b"\0", 2)
        text = parts[2] if len(parts) == 3 else b""
    return _inflated(where, text) if packed else text


def _inflated(where: str, packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, LARGEST_JSON + 1)
    except zlib.error as error:
        raise BadInput(f"{where} cannot be unpacked: {error}.", EXPECTED) from error
    if len(text) > LARGEST_JSON:
        raise BadInput(f"{where} unpacks to more than any card ({LARGEST_JSON >> 20} MB).", "Is it the right file?")
    return text


def _decoded(text: bytes) -> bytes:
    """The bytes behind base64 with or without line breaks and padding. Some programs write the JSON as it is."""
    stripped = re.sub(rb"\s+", b"", text) if not text.lstrip(b"\xef\xbb\xbf").lstrip().startswith(b"{") else b""
    if not stripped:
        return text
    try:
        return base64.b64decode(stripped.rstrip(b"=") + b"=" * (-len(stripped.rstrip(b"=")) % 4), validate=True)
    except binascii.Error:
        return text


# -- CHARX -------------------------------------------------------------------------------------------


def _from_charx(path: Path, content: bytes) -> Opened:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            _refuse_bomb(path, archive.infolist(), len(content))
            if "card.json" not in entries:
                raise BadInput(f"{path} is an archive without a card.json.", EXPECTED)
            where = f"The card.json in {path}"
            value = _card(where, _entry(path, archive, entries["card.json"], LARGEST_JSON))
            icon = entries.get(_icon(value))
            picture = _entry(path, archive, icon, LARGEST_PICTURE) if icon else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, struct.error) as error:
        raise BadInput(f"{path} is a damaged archive: {str(error).rstrip('.')}.", EXPECTED) from error
    return Opened(value, picture)


def _refuse_bomb(path: Path, entries: list[zipfile.ZipInfo], size: int) -> None:
    """No card has so many parts, or parts that grow so much."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES:
        _bomb(path, f"it has {len(entries):,} entries, more than {MOST_ENTRIES:,}")
    if unpacked > LARGEST_ARCHIVE:
        _bomb(path, f"it unpacks to {unpacked >> 20:,} MB, more than {LARGEST_ARCHIVE >> 20:,}")
    if unpacked > max(LARGEST_JSON, size * MOST_TIMES):
        _bomb(path, f"it unpacks to {unpacked // size:,} times its size")


def _entry(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.flag_bits & 0x1:
        raise BadInput(f"{path} is encrypted.", "Save it without a password.")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadInput(f"{path} is packed in a way that no card is.", "Save it as an ordinary zip archive.")
    with archive.open(entry) as file:  # what the archive says of its sizes may be untrue: the limit holds all the same
        content = file.read(most + 1)
    if len(content) > most:
        _bomb(path, f"{entry.filename} unpacks to more than {most >> 20} MB")
    return content


def _bomb(path: Path, why: str) -> NoReturn:
    raise BadInput(f"{path} is no card that can be opened safely: {why}.", "Is it the right file?")


def _icon(card: dict[str, Any]) -> str:
    """The entry with the card's picture: the icon named main, or else the first one. "" where there is none."""
    data = card.get("data")
    assets = data.get("assets") if isinstance(data, dict) else None
    icons = [
        asset
        for asset in (assets if isinstance(assets, list) else ())
        if isinstance(asset, dict) and asset.get("type") == "icon" and str(asset.get("uri")).startswith(_EMBEDDED)
    ]
    icons.sort(key=lambda asset: asset.get("name") != "main")
    return re.sub("^(embedd?ed://|__asset:)", "", str(icons[0]["uri"])).lstrip("/") if icons else ""
