"""What `--rehearse` says of a painted picture: numbers drawn from the picture itself, the same for ever."""

from __future__ import annotations

import hashlib

from rehearsal.bank import Words
from rehearsal.cast import Asked

_LOWEST = 4
_DEFECTS = ("one hand is smudged", "the background bends", "an object floats")


def verdict(asked: Asked) -> Words:
    """A verdict on the last picture of the question."""
    lot = hashlib.sha256(asked.picture).digest()
    same, fits, clean = (_LOWEST + byte % (11 - _LOWEST) for byte in lot[:3])
    return {
        "seen": "A rehearsed look at the picture.",
        "same_character": same,
        "fits_scene": fits,
        "defects": [] if clean == 10 else [_DEFECTS[lot[3] % len(_DEFECTS)]],
        "clean": clean,
    }
