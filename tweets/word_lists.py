"""Word lists of this folder against texts: phrases that machines wear out, and what no camera sees in a scene.

The lists are data, words/*.toml. Pure, and linear in the length of a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"
MOST_WORN = 1  # worn phrases that one post may hold
LONGEST = 4000  # characters that are looked at: a hostile reply may be far longer
_UNSPACED = frozenset({"zh", "ja", "ko"})
_SCENE = {
    "looks": "scene says {0!r}: hair, eyes, skin and build are added later; leave them out",
    "mind": "scene says {0!r}, which no camera sees: say what is there and what is done",
    "letters": "scene asks for lettering ({0!r}), which painters spell wrongly: leave the words out",
}


def worn_phrases(text: str, language: str) -> list[str]:
    """Every worn phrase in `text`, as it stands there. Of a language without a list: none."""
    pattern = _worn(re.split(r"[-_]", language.casefold(), maxsplit=1)[0])
    return [match[0].strip() for match in pattern.finditer(text[:LONGEST])] if pattern else []


def too_worn(text: str, language: str) -> Iterator[str]:
    """An objection where a post holds more worn phrases than it may."""
    found = worn_phrases(text, language)
    if len(found) > MOST_WORN:
        said = ", ".join(f'"{phrase[:40]}"' for phrase in found)
        yield f"text is written in worn phrases ({said}): say it plainly, as only this character would"


def not_for_a_camera(scene: str, name: str) -> Iterator[str]:
    """Objections to a scene that says what code adds, what no camera sees, or what no painter can write.

    `name`: the character's, which a painter would take for lettering.
    """
    for kind, pattern in _scene().items():
        if match := pattern.search(scene[:LONGEST]):
            yield _SCENE[kind].format(match[0].strip())
    given = name.split()[0] if name.strip() else ""
    if len(given) > 2 and re.search(rf"\b{re.escape(given)}\b", scene[:LONGEST]):
        yield f'scene names {given}: call the character "the figure", or by what it does'


@cache
def word_list(file: str) -> dict[str, Any]:
    """A list of this folder."""
    return tomllib.loads((WORDS / f"{file}.toml").read_text(encoding="utf-8"))


@cache
def _worn(tongue: str) -> re.Pattern[str] | None:
    phrases = word_list("worn").get(tongue)
    if not phrases:
        return None
    either = "|".join(phrases)
    return re.compile(either if tongue in _UNSPACED else rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


@cache
def _scene() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile("|".join(ones), re.IGNORECASE) for kind, ones in word_list("scene").items()}
