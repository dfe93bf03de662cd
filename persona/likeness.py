"""Members of a cast whom a reader would mix up: found by comparing what a reader remembers, never mended here.

Compares names (and with them handles), work and home together, greetings and turns of phrase. The later one of two is
told with the stage that would have to be made again: posts may already rest on the earlier one. Knows no files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from persona.schema.persona import Persona

NAME_ALIKE = 88.0  # of 100: one letter of eight may differ
WORDS_ALIKE = 90.0
SHORTEST_PHRASE = 8  # bytes, so three signs of Chinese; whoever says "right" is not known by it

_PUNCTUATION = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """One thing in which `later` is like `earlier`. `stage`: what of `later` would have to be made again."""

    earlier: Path
    later: Path
    what: str
    shown: str
    stage: str

    def __str__(self) -> str:
        return f"{self.later.name} is like {self.earlier.name} in its {self.what}: {self.shown}"


_Saying = tuple[str, ...]  # two are alike when all of their parts are


@dataclass(frozen=True, slots=True)
class _Member:
    """What is compared of one persona, and nothing else: a cast may be large."""

    path: Path
    created: str
    names: Sequence[_Saying]
    work_and_home: Sequence[_Saying]
    greetings: Sequence[_Saying]
    phrases: Sequence[_Saying]

    @classmethod
    def of(cls, path: Path, persona: Persona) -> _Member:
        return cls(
            path,
            persona.ai.created if persona.ai else "",
            [(persona.character,)],
            _work_and_home(persona),
            [(_first_line(persona),)],
            _phrases(persona),
        )


@dataclass(frozen=True, slots=True)
class _Trait:
    """One thing that is compared: what each member has of it, and how near is too near."""

    what: str
    stage: str
    alike: float
    sayings: Sequence[Sequence[_Saying]]  # of each member, any number


def likenesses(cast: Iterable[tuple[Path, Persona]]) -> list[Likeness]:
    """For each member that is like an earlier one, the first thing in which it is: name before work before words.

    Earlier is who was made earlier; between two of one moment, who comes first in the alphabet. The personas are taken
    one by one and not kept.
    """
    members = sorted(
        (_Member.of(path, persona) for path, persona in cast), key=lambda member: (member.created, member.path.name)
    )
    found: dict[int, Likeness] = {}
    for trait in _traits(members):
        for later, earlier, shown in _alike(trait):
            if later not in found:
                found[later] = Likeness(members[earlier].path, members[later].path, trait.what, shown, trait.stage)
    return [found[number] for number in sorted(found)]


def _traits(members: Sequence[_Member]) -> Iterator[_Trait]:
    yield _Trait("name", "core", NAME_ALIKE, [one.names for one in members])
    yield _Trait("work and home", "core", WORDS_ALIKE, [one.work_and_home for one in members])
    yield _Trait("greeting", "voice", WORDS_ALIKE, [one.greetings for one in members])
    yield _Trait("catch-phrase", "core", WORDS_ALIKE, [one.phrases for one in members])


def _alike(trait: _Trait) -> Iterator[tuple[int, int, str]]:
    """The later and the earlier of each two that are alike, and the words of the later one."""
    said: dict[_Saying, int] = {}  # who said it first
    firsts: dict[_Saying, str] = {}  # its first part, which is searched
    for number, sayings in enumerate(trait.sayings):
        mine = {plain: ", ".join(saying) for saying in sayings if all(plain := tuple(map(_plain, saying)))}
        for plain, shown in mine.items():
            if plain in said:
                yield number, said[plain], shown
                continue
            for _, _, other in process.extract_iter(plain[0], firsts, scorer=fuzz.ratio, score_cutoff=trait.alike):
                if all(fuzz.ratio(*parts) >= trait.alike for parts in zip(plain[1:], other[1:], strict=True)):
                    yield number, said[other], shown
                    break
        for plain in mine:
            said.setdefault(plain, number)
            firsts[plain] = plain[0]


def _plain(words: str) -> str:
    """The words without case, accents of width and punctuation, so that only what is said counts."""
    return " ".join(_PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", words).casefold()).split())


def _work_and_home(persona: Persona) -> list[_Saying]:
    return [(persona.core.facts.work, persona.core.facts.home.place)] if persona.core else []


def _first_line(persona: Persona) -> str:
    greeting = persona.voice.greeting if persona.voice else persona.given.first_message if persona.given else ""
    return greeting.strip().partition("\n")[0]


def _phrases(persona: Persona) -> list[_Saying]:
    phrases = persona.core.speech.constructions if persona.core else ()
    return [(phrase,) for phrase in phrases if len(_plain(phrase).encode()) >= SHORTEST_PHRASE]
