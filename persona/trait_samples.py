"""What a portrait is given by lot before anything is asked, so that a cast is not one character many times over.

A draw hangs on the run's seed, on the picture's own hash and on who else is there: of two pictures that want the
same entry of a list the one with the lower lot has it, and the other tries its next. A new picture therefore
changes the draws of those alone that collide with it. Knows no prompts and no model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from files import compact, digest

WORDS: Final = Path(__file__).parent / "words" / "draws.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class TraitSample:
    """What the model is offered where the picture leaves it free."""

    region: str
    age: str
    walk_of_life: str
    temperament: str
    name_begins_with: str
    name_comes_from: str

    def __str__(self) -> str:
        """Compact JSON, as it stands in the prompt."""
        return compact(asdict(self))


def draw_cast(hashes: Iterable[str], seed: int) -> dict[str, TraitSample]:
    """A draw for each picture. No entry of a list comes twice before all of the list are taken.

    Hangs on the set of hashes, never on their order.
    """
    order = sorted(set(hashes), key=lambda sha256: digest("lot", seed, sha256))
    dealt = {name: _deal(name, len(entries), order, seed) for name, entries in _words().items()}

    def entry(name: str, sha256: str) -> str:
        return _words()[name][dealt[name][sha256]]

    return {
        sha256: TraitSample(
            region=entry("regions", sha256),
            age=entry("ages", sha256),
            walk_of_life=entry("walks", sha256),
            temperament=entry("temperaments", sha256),
            name_begins_with=entry("sounds", sha256),
            name_comes_from=entry("names", sha256),
        )
        for sha256 in order
    }


def draw_again(sha256: str, attempt: int, others: Iterable[str], seed: int) -> TraitSample:
    """Another draw for a picture whose persona is made again, beside the first draws of `others`."""
    anew = f"{sha256} {attempt}"
    return draw_cast([anew, *others], seed)[anew]


def _deal(name: str, size: int, order: Sequence[str], seed: int) -> dict[str, int]:
    """The place in the list `name` for each picture, from the lowest lot to the highest.

    When all places are taken, the pictures that are left have their first wish: dealing a second round would let
    one new picture shift all of it.
    """
    dealt: dict[str, int] = {}
    taken: set[int] = set()
    for sha256 in order:
        wish = _wish(name, size, sha256, 0, seed)
        number = 0
        while wish in taken and len(taken) < size:
            number += 1
            wish = _wish(name, size, sha256, number, seed)
        taken.add(wish)
        dealt[sha256] = wish
    return dealt


def _wish(name: str, size: int, sha256: str, number: int, seed: int) -> int:
    return int(digest(name, seed, sha256, number, length=12), 16) % size


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return MappingProxyType({name: tuple(entries) for name, entries in words.items()})
