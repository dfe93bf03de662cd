"""People whom a text names although nobody has told of them.

A name is recognised by where it stands: after "my sister", after "Mrs", before "さん" or "老师". Only such places are
certain; a capital word that merely stands where a person could is suspected. What is not recognised is missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from persona.facts.places import is_place
from persona.facts.sheet import HAN, NAME, Contradiction, Sheet, Text, begins_sentence, cited, words, words_in

_CHRISTENED = re.compile(
    rf"\b(?:named?|calls?|called|christened|dubbed|nicknamed|names|answers to)\b(?:\s+[a-z'-]+){{0,4}}\s+\"?({NAME})"
)
_NEXT = re.compile(r"\s+([A-Za-zÀ-ÿ']+)")
_PREVIOUS = re.compile(r"([A-Za-zÀ-ÿ']+)\.?\s+$")


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a person's name stands in an English text."""

    related: re.Pattern[str]
    titled: re.Pattern[str]
    addressed: re.Pattern[str]
    near: re.Pattern[str]
    speaking: re.Pattern[str]
    owning: re.Pattern[str]
    given: frozenset[str]
    nobody: frozenset[str]
    things_before: frozenset[str]
    things_after: frozenset[str]


def strangers(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """Names of people who are neither on the sheet nor in the network."""
    if text.painted:
        return
    find = {"en": _english, "zh": _chinese, "ja": _japanese}.get(sheet.tongue)
    told: set[str] = set()
    for name, start, end, certain in find(sheet, text) if find else ():
        if name not in told:
            told.add(name)
            yield Contradiction(
                f'{text.field} names "{name}" ({cited(text.plain, start, end)}), who is on no list of people of this '
                "character: name only people whom the fact sheet names, or leave the name out",
                certain,
            )


_Found = tuple[str, int, int, bool]


def _english(sheet: Sheet, text: Text) -> Iterator[_Found]:
    places, plain = english_places(), text.plain
    here = {word for match in _CHRISTENED.finditer(plain) for word in words_in(match[1])}
    for pattern, sure in (
        (places.related, True),
        (places.titled, True),
        (places.addressed, False),
        (places.near, False),
        (places.speaking, False),
        (places.owning, False),
    ):
        for match in pattern.finditer(plain):
            name = match["name"].removesuffix("'s")
            known = {small for word in name.split() for small in words_in(word)} & (sheet.vocabulary | here)
            if known or name.startswith("I'") or name.isupper() or name.casefold() in places.nobody or is_place(name):
                continue
            if not sure and _is_thing(places, plain, match):
                continue
            given = name.split()[0] in places.given
            if pattern in (places.owning, places.near) and not given:
                continue
            if pattern is places.speaking and begins_sentence(plain, match.start("name")) and not given:
                continue
            weak = bool(match.groupdict().get("weak"))
            certain = not weak and (sure or (given and pattern is not places.owning))
            yield name, match.start("name"), match.end("name"), certain


def _is_thing(places: _Places, text: str, match: re.Match[str]) -> bool:
    before = _PREVIOUS.search(text[: match.start("name")])
    after = _NEXT.match(text, match.end("name"))
    return bool(
        (before and before[1].casefold() in places.things_before)
        or (after and (after[1].casefold() in places.things_after or after[1][0].isupper()))
    )


@cache
def english_places() -> _Places:
    bank = words("people")

    def any_of(name: str) -> str:
        return "|".join(sorted(bank[name], key=len, reverse=True))

    name = rf"(?P<name>{NAME})"
    return _Places(
        related=re.compile(
            rf"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir)(?: [a-z-]+)? (?:{any_of('relations')}),? {name}"
        ),
        titled=re.compile(rf"\b(?:(?:{any_of('titles')})|(?P<weak>{any_of('weak_titles')}))\.? {name}"),
        addressed=re.compile(rf"\b(?:{any_of('before')}) {name}"),
        near=re.compile(rf"\b(?:{any_of('before_given')}) {name}"),
        speaking=re.compile(rf"(?<![\w'.-]){name},? (?:{any_of('said')})\b"),
        owning=re.compile(rf"(?<![\w'.-])(?P<name>{NAME}'s)\b(?= [a-z])"),
        given=frozenset(bank["given"]),
        nobody=frozenset(bank["not_people"]),
        things_before=frozenset(bank["things_before"]),
        things_after=frozenset(bank["things_after"]),
    )


def _chinese(sheet: Sheet, text: Text) -> Iterator[_Found]:
    plain, bank = text.plain, words("people")["zh"]
    titled, related = _chinese_places()
    for match in titled.finditer(plain):
        surname, given, title = match["surname"], match["given"], match["title"]
        whole = f"{surname}{given}{title}"
        if _is_told(sheet, whole, surname, surname + given) or f"{surname}{given}" in bank["not_names"]:
            continue
        before = plain[match.start() - 1] if match.start() else "。"
        yield whole, match.start(), match.end(), not given and before in bank["before"]
    for match in related.finditer(plain):
        name = match["name"]
        if _is_told(sheet, name, name, name) or any(name.startswith(word) for word in bank["not_names"]):
            continue
        after = plain[match.end("name") :][:1]
        certain = after in bank["speaking"] and not set(name) & set(bank["particles"])
        yield name, match.start("name"), match.end("name"), certain


def _is_told(sheet: Sheet, whole: str, surname: str, name: str) -> bool:
    people = (sheet.facts.name, *sheet.people)
    told = whole in sheet.told or (len(name) > 1 and name in sheet.told)
    return told or any(one.startswith(surname) for one in people)


@cache
def _chinese_places() -> tuple[re.Pattern[str], re.Pattern[str]]:
    bank = words("people")["zh"]
    titles = "|".join(sorted(bank["titles"], key=len, reverse=True))
    relations = "|".join(bank["relations"])
    surname = f"[{bank['surnames']}]"
    after = re.escape(bank["after"])
    return (
        re.compile(f"(?P<surname>{surname})(?P<given>[{HAN}]{{0,2}}?)(?P<title>{titles})"),
        re.compile(f"我(?:的|们的)?(?:{relations})(?P<name>{surname}[{HAN}]{{1,2}})(?=[{after}]|$)"),
    )


def _japanese(sheet: Sheet, text: Text) -> Iterator[_Found]:
    named, katakana = _japanese_places()
    everybody = [re.sub(r"\s", "", one) for one in (sheet.facts.name, *sheet.people)]
    for match in named.finditer(text.plain):
        surname, given = match["surname"], match["given"]
        if any(surname in one or (given and given in one) for one in everybody) or surname + given in sheet.told:
            continue
        before = text.plain[match.start() - 1 : match.start()]
        certain = len(given) != 1 and not re.match(f"[{HAN}]", before)
        yield match[0], match.start(), match.end(), certain
    for match in katakana.finditer(text.plain):
        if match["name"] not in sheet.told:
            yield match[0], match.start(), match.end(), False


@cache
def _japanese_places() -> tuple[re.Pattern[str], re.Pattern[str]]:
    bank = words("people")["ja"]
    surnames = "|".join(sorted(bank["surnames"], key=len, reverse=True))
    honorifics = "|".join(bank["honorifics"])
    return (
        re.compile(f"(?P<surname>{surnames})(?P<given>[{HAN}]{{0,2}}|[ぁ-ん]{{0,3}}?)(?:{honorifics})"),
        re.compile(f"(?P<name>[ァ-ヴー]{{2,}})(?:{honorifics})"),
    )
