"""The word banks behind `--rehearse`: reading them, drawing from them, filling their sentences.

Every draw is a digest of what is asked about: nothing here is random and nothing depends on the clock. A language
is a folder of TOML files under rehearsal/bank; one that has none is rehearsed in English.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Words = dict[str, Any]

BANKS = Path(__file__).parent / "bank"
FALLBACK = "en"
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Bank:
    """The words of one language, a table per file, and the painter's words, which are English for all."""

    language: str
    names: Words
    jobs: tuple[Words, ...]
    persona: Words
    posts: Words
    looks: Words


def bank_for(language: str) -> Bank:
    """The bank of a language code such as `en` or `zh-Hans`; English where there is none."""
    code = re.split(r"[-_\s]", language.strip().casefold(), maxsplit=1)[0]
    return _read(code if code in _languages() else FALLBACK)


@cache
def _languages() -> frozenset[str]:
    return frozenset(folder.name for folder in BANKS.iterdir() if folder.is_dir())


@cache
def _read(language: str) -> Bank:
    folder = BANKS / language
    return Bank(
        language=language,
        names=_toml(folder / "names.toml"),
        jobs=tuple(_toml(folder / "jobs.toml")["job"]),
        persona=_toml(folder / "persona.toml"),
        posts=_toml(folder / "posts.toml"),
        looks=looks(),
    )


@cache
def looks() -> Words:
    """The painter's words: colours, scenes, bodies."""
    return _toml(BANKS / "looks.toml")


def _toml(path: Path) -> Words:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Draw:
    """Choices that hang on `key` alone: the same key and question give the same choice for ever."""

    key: str

    def number(self, what: str, below: int) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.key}\0{what}".encode()).digest()[:8]) % below

    def one(self, what: str, items: Sequence[T]) -> T:
        return items[self.number(what, len(items))]

    def some(self, what: str, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in a drawn order."""
        rank = hashlib.shake_256(f"{self.key}\0{what}".encode()).digest(4 * len(items))
        order = sorted(range(len(items)), key=lambda index: rank[4 * index : 4 * index + 4])
        return [items[index] for index in order[:count]]

    def mixed(self, what: str, items: Sequence[T]) -> list[T]:
        return self.some(what, items, len(items))

    def chance(self, what: str, percent: int) -> bool:
        return self.number(what, 100) < percent


@dataclass(slots=True)
class Filling:
    """What stands in the slots of a sentence.

    `words` are the same wherever they are named. `pieces` are lists: each time one is named, the next is taken.
    Both may hold slots themselves; a slot that nobody knows stays as it is: it came from outside. `{Thing}` is
    `{thing}` with a capital letter, `{ask_low}` is `{ask}` with a small one.
    """

    words: Mapping[str, str]
    pieces: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)

    def fill(self, sentence: str) -> str:
        return _SLOT.sub(lambda slot: self._value(slot[1]), sentence)

    def _value(self, name: str) -> str:
        if name.endswith("_low"):
            return lowered(self._value(name.removesuffix("_low")))
        if name[0].isupper():
            return capital(self._value(name[0].lower() + name[1:]))
        if name in self.pieces:
            number = self._taken.get(name, 0)
            self._taken[name] = number + 1
            return self.fill(self.pieces[name][number % len(self.pieces[name])])
        return self.fill(self.words[name]) if name in self.words else f"{{{name}}}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """`text` with a small first letter, unless it begins with "I" or an abbreviation."""
    return text if re.match(r"I\b|\w[A-Z]", text) else text[:1].lower() + text[1:]
