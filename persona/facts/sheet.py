"""What the checks of persona/facts/check.py read: the fact sheet made searchable, and the texts of an answer.

Knows no rule: what contradicts what stands in the files of the checks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from persona.schema.answers import Core, Facts, Network, Visual

WORDS = Path(__file__).parent.parent / "words"
HAN = "\u3400-\u4dbf\u4e00-\u9fff々"
KANA = "\u3041-\u309f\u30a1-\u30ff"
LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
NAME = rf"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f][{LATIN}]*(?:[-'][{LATIN}]+)*"
# Fields that say nothing about the character in words: names of things, fixed values, somebody else's words.
_PASSED_OVER = frozenset(
    {"handle", "weekday", "hours", "kind", "name_spoken", "birthday", "date", "country_code", "time_zone", "user"}
    | {"pronouns", "keys", "content_type", "small_errors", "never_says", "languages", "palette", "favourites"}
)
_QUOTED = re.compile(r'"[^"]{2,}"|“[^”]*”|「[^」]*」|『[^』]*』|«[^»]*»|„[^“”]*[“”]')
_TAGGED = re.compile(r"[@#＠＃][\w_]+")
_PLAIN = str.maketrans("０１２３４５６７８９’‘", "0123456789''")
_WORD = re.compile(rf"[{LATIN}]+(?:[-'][{LATIN}]+)*")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Words that do not agree with the fact sheet, told so that the model can mend them.

    `certain`: worth sending the answer back. What is only suspected is reported. `blocking`: no post may say it.
    """

    sentence: str
    certain: bool = True
    blocking: bool = False


@dataclass(frozen=True)
class Text:
    """One text of an answer. `field`: where it stands. `painted`: it says what a picture shows, in English."""

    field: str
    words: str
    painted: bool = False

    @cached_property
    def plain(self) -> str:
        """The text without handles and hashtags, with straight apostrophes and plain digits."""
        return _TAGGED.sub("", unicodedata.normalize("NFC", self.words).translate(_PLAIN))

    @cached_property
    def own(self) -> str:
        """The text without what stands in quotation marks: somebody else may have said it."""
        return _QUOTED.sub('""', self.plain)


@dataclass(frozen=True)
class Sheet:
    """The facts of one character, and every word that has been told about it."""

    facts: Facts
    language: str
    people: tuple[str, ...]  # the sheet's and the network's, without the character
    told: str
    vocabulary: frozenset[str]  # the words that have been told, in small letters

    def hearing(self, more: str) -> Sheet:
        """The same sheet, when this has been told too."""
        return replace(self, told=f"{self.told}\n{more}", vocabulary=self.vocabulary.union(words_in(more)))

    @property
    def name_words(self) -> dict[str, str]:
        """Each word of a name -> the whole name. The character's own come first."""
        return _name_words((self.facts.name, *self.people))

    @cached_property
    def tongue(self) -> str:
        """The language of the posts without script and region."""
        return tongue_of(self.language)


@lru_cache(maxsize=256)
def _name_words(names: tuple[str, ...]) -> dict[str, str]:
    words: dict[str, str] = {}
    for name in names:
        for word in _WORD.findall(name):
            if len(word) >= 3 and word[0].isupper():
                words.setdefault(word, name)
    return words


def read_sheet(facts: Facts, language: str, told: Iterable[BaseModel | None]) -> Sheet:
    """The sheet, and what else has been told: whoever and whatever that names is known."""
    answers = [answer for answer in (facts, *told) if answer is not None]
    people = [person.name for person in facts.people]
    for network in answers:
        if isinstance(network, Network):
            people += [name for contact in network.people for name in (contact.name, contact.called)]
    lines = "\n".join(line for answer in answers for line in strings_of(answer.model_dump()))
    lines = unicodedata.normalize("NFC", lines)
    return Sheet(facts, language, tuple(dict.fromkeys(people)), lines, frozenset(words_in(lines)))


def strings_of(value: Any) -> Iterator[str]:
    """Every string inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings_of(one)


def texts_of(answer: BaseModel) -> list[Text]:
    """The texts of a stage's answer, each with its field."""
    english = isinstance(answer, Visual)
    parts: dict[str, Any] = answer.model_dump()
    if isinstance(answer, Core):
        parts = {name: value for name, value in parts.items() if name not in {"reading", "facts"}}
    if isinstance(answer, Network):  # who is named here is known by that
        parts = {"people": [{k: v for k, v in one.items() if k not in {"name", "called"}} for one in parts["people"]]}
    return [Text(field, words, english) for field, words in _walk("", parts)]


def _walk(field: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in _PASSED_OVER:
                yield from _walk(f"{field}.{name}" if field else name, one)
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _walk(f"{field}.{number}", one)


def words_in(text: str) -> Iterator[str]:
    """Latin words in small letters, with and without a possessive ending."""
    for word in _WORD.findall(text.translate(_PLAIN)):
        small = word.casefold()
        yield small
        if small.endswith("'s"):
            yield small[:-2]
        if "-" in small:
            yield from small.split("-")


def tongue_of(language: str) -> str:
    return re.split(r"[-_]", language.strip().casefold(), maxsplit=1)[0]


def begins_sentence(text: str, start: int) -> bool:
    """Whether the word at `start` would have a capital letter anyway."""
    before = text[:start].rstrip(" \t\"'“”‘’(*_-–—")
    return not before or before[-1] in ".!?…:;\n/•·。！？：；"


def cited(text: str, start: int, end: int) -> str:
    """The words at this place with a little of what surrounds them, in quotation marks."""
    left, right = max(0, start - 12), min(len(text), end + 12)
    while left > 0 and text[left - 1].isascii() and text[left - 1].isalnum():
        left -= 1
    while right < len(text) and text[right].isascii() and text[right].isalnum():
        right += 1
    return f'"{" ".join(text[left:right].split())}"'


@cache
def words(file: str) -> dict[str, Any]:
    """A word list of this folder."""
    return tomllib.loads((WORDS / f"{file}.toml").read_text(encoding="utf-8"))
