"""What a picture says of how it was made, for people: who painted it, with what settings, how it was chosen.

Reads no pixels. Knows nothing of posts and pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from labels.picture_files import read_texts
from labels.xmp import own_note

_SETTINGS: Final = re.compile(r"(Steps|CFG scale|Size|Seed): ([^,]+)")  # in the last line of `parameters`


@dataclass(frozen=True, slots=True)
class Making:
    """`painting`: the digest of the painting that it shows. `told`: what people may read, by name. All of it is empty
    for a picture that does not say."""

    model: str = ""
    painting: str = ""
    told: Mapping[str, str] = field(default_factory=dict)


def making_of(picture: Path) -> Making:
    """What the picture in this file says. One that cannot be read, or is not ours, says nothing."""
    try:
        with picture.open("rb") as file:
            texts = read_texts(file, beyond_pixels=False)
    except OSError:
        return Making()
    if texts is None:
        return Making()
    note = own_note(texts.xmp)
    settings = dict(_SETTINGS.findall(texts.parameters.rpartition("\n")[2]))
    return Making(str(note.get("model", "")), str(note.get("painting", "")), settings | _choice(note))


def _choice(note: Mapping[str, Any]) -> dict[str, str]:
    """How it was chosen among several attempts, if it was."""
    if "score" not in note:
        return {}
    told = {"Score": str(note["score"])}
    if isinstance(number := note.get("attempt"), int):
        told["Chosen"] = f"attempt {number + 1} of {note.get('of', '?')}"
    verdict = note.get("verdict")
    for name, value in verdict.items() if isinstance(verdict, dict) else ():
        words = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        if words:
            told[name.replace("_", " ").capitalize()] = words
    return told
