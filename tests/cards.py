"""Cards as other programs write them, right and wrong, and the files that they come in."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

V1: dict[str, Any] = {
    "name": "Ferro",
    "description": "{{char}} sells weather by the litre.",
    "personality": "patient, damp",
    "scenario": "a market",
    "first_mes": "Rain?",
    "mes_example": "<START>\n{{user}}: hi\n{{char}}: Umbrella or bucket?",
}
# Everything that a full card has, and keys that nobody but their owners know.
DATA: dict[str, Any] = {
    **V1,
    "creator_notes": "Made on a rainy day.\n\nTwice.",
    "system_prompt": "{{original}} Be damp.",
    "post_history_instructions": "Stay damp.",
    "alternate_greetings": ["Hail?", "Fog?"],
    "tags": ["weather", "market"],
    "creator": "nobody",
    "character_version": "3.1",
    "character_book": {
        "name": "Weather",
        "scan_depth": 4,
        "extensions": {"booktool": {"a": [1, 2.5, None]}},
        "entries": [
            {
                "keys": ["hail"],
                "content": "{{char}} keeps hail in a bucket.",
                "extensions": {"depth": 4, "probability": 100, "weight": 0.30000000000000004},
                "enabled": True,
                "insertion_order": 100,
                "id": 7,
                "name": "hail",
                "use_regex": False,
                "othertool_key": "kept",
            },
            {
                "keys": ["off"],
                "content": "Never shown.",
                "extensions": {},
                "enabled": False,
                "insertion_order": 1,
                "use_regex": True,
            },
        ],
    },
    "extensions": {
        "talkativeness": "0.5",
        "fav": False,
        "depth_prompt": {"prompt": "", "depth": 4},
        "othertool/ü": {"z": 1, "a": [True, {"deep": "\u202e\x00"}], "half": "\ud83d"},
    },
    "unknown_field": {"kept": ["as", "it", "was"]},
}
V2: dict[str, Any] = {"spec": "chara_card_v2", "spec_version": "2.0", "data": DATA}
V3_ONLY: dict[str, Any] = {
    "group_only_greetings": ["All of you: rain?"],
    "nickname": "Fe",
    "creator_notes_multilingual": {"de": "An einem Regentag."},
    "source": ["https://example.org/ferro"],
    "creation_date": 1_700_000_000,
    "modification_date": 0,
    "assets": [
        {"type": "icon", "uri": "https://example.org/f.png", "name": "main", "ext": "png"},
        {"type": "background", "uri": "https://example.org/m.webp", "name": "market", "ext": "webp"},
        {"type": "emotion", "uri": "embeded://assets/emotion/images/sad.png", "name": "sad", "ext": "png"},
    ],
}
V3: dict[str, Any] = {"spec": "chara_card_v3", "spec_version": "3.0", "data": DATA | V3_ONLY}


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def encoded(card: Any) -> bytes:
    return base64.b64encode(json.dumps(card).encode())


def picture(size: tuple[int, int] = (80, 120)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "navy").save(buffer, "PNG")
    return buffer.getvalue()


def text_chunk(kind: str, keyword: str, text: bytes) -> bytes:
    """A text chunk of any of the three kinds; a `+` after the kind packs an iTXt."""
    body = {
        "tEXt": b"\0" + text,
        "zTXt": b"\0\0" + zlib.compress(text),
        "iTXt": b"\0\0\0en\0\0" + text,
        "iTXt+": b"\0\1\0en\0\0" + zlib.compress(text),
    }[kind]
    name = kind.rstrip("+").encode()
    body = keyword.encode() + body
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(*chunks: bytes, after_the_pixels: bool = False) -> bytes:
    content = picture()
    place = content.index(b"IEND" if after_the_pixels else b"IDAT") - 4
    return content[:place] + b"".join(chunks) + content[place:]


def charx_with(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
