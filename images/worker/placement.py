"""Where the parts of a painter live, by what the device has room for. Pure but for the headers of weight files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from images.weights import count_parameters

ROOM_TO_PAINT = 3_500_000_000  # bytes beside the weights: a megapixel while it is decoded, and torch itself


class Placement(StrEnum):
    """From the fastest to the most modest."""

    ALL = "all of it on the device"
    ENCODER_WAITS = "the text encoder waits in main memory and comes for new words only"
    TURNS = "its parts take turns on the device, which is slower"


def place(folder: Path, variant: str, number_bytes: int, free: int) -> Placement:
    """How the painter in `folder` is placed on a device with `free` bytes, its numbers taking `number_bytes` each."""
    parts = {
        part.name: number_bytes * count_parameters(part, variant) for part in sorted(folder.iterdir()) if part.is_dir()
    }
    room = free - min(ROOM_TO_PAINT, free // 4)
    encoders = sum(size for name, size in parts.items() if name.startswith("text_encoder"))
    if sum(parts.values()) <= room:
        return Placement.ALL
    # While words are encoded the encoder is there too, but nothing is painted then: it may take that room.
    fits = encoders > 0 and sum(parts.values()) <= free and sum(parts.values()) - encoders <= room
    return Placement.ENCODER_WAITS if fits else Placement.TURNS
