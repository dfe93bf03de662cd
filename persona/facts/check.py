"""What contradicts the fact sheet: in a later stage's answer, in a post, in a scene.

Pure: an answer in, sentences out that the model can act on and a person can read. A certain contradiction is worth
sending the answer back; a suspected one is only reported. False alarms are worse than misses. The single checks
stand in the files beside this one, their word lists under words/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache

from persona.facts.dates import ages, birthdays, book_birthday, own_days
from persona.facts.language import wrong_tongue
from persona.facts.looks import invariants, looks
from persona.facts.names import misspelt
from persona.facts.people import english_places, strangers
from persona.facts.places import anywhere, home_in_itself, homes, offsets
from persona.facts.pronouns import pronouns
from persona.facts.sheet import WORDS, Contradiction, Sheet, Text, read_sheet, texts_of, words
from persona.schema.answers import Core, Examples, Facts, Knowledge, Network, Visual, Voice
from persona.schema.fields import Answer
from persona.schema.persona import Persona
from persona.schema.stage_table import NAMES

__all__ = ["Contradiction", "contradictions", "doubts", "notes", "persona_notes", "post_contradictions", "prepare"]

ENGLISH = "en"


def prepare() -> None:
    """Load what the first check would have to load."""
    for table in WORDS.glob("*.toml"):
        words(table.stem)
    anywhere()
    english_places()


def contradictions(
    core: Core, answer: Answer, language: str = ENGLISH, network: Network | None = None
) -> list[Contradiction]:
    """What in the answer of a stage does not agree with stage 1. `network`: stage 4, where it is there already."""
    told = () if isinstance(answer, Core) else (core, network)
    return _once(_in_stage(_sheet(core.facts, told, language), answer))


def doubts(core: Core, answer: Answer, language: str) -> list[str]:
    """What is certain enough to send the answer of a stage back once."""
    return [one.sentence for one in contradictions(core, answer, language) if one.certain]


def post_contradictions(
    persona: Persona, day: date, text: str, scene: str = "", alt_text: str = "", told: str = ""
) -> list[Contradiction]:
    """What in one post does not agree with its character or its day. `told`: what the writer was given besides.

    Barred is what is certain about its language and its day.
    """
    return _once(
        _in_post(persona, day, Text("text", text), Text("scene", scene, True), Text("alt_text", alt_text), told)
    )


def persona_notes(persona: Persona) -> tuple[str, ...]:
    """All that the stages of a persona still say against its fact sheet, for people."""
    if persona.core is None:
        return ()
    found: list[str] = []
    for name in NAMES:
        answer = getattr(persona, name)
        if answer is not None:
            found += notes(contradictions(persona.core, answer, persona.language, persona.network), f"{name}: ")
    return tuple(found)


def notes(found: Iterable[Contradiction], where: str = "") -> tuple[str, ...]:
    """Contradictions as lines for people."""
    return tuple(f"{where}{'' if one.certain else 'perhaps: '}{one.sentence}" for one in found)


def _in_stage(sheet: Sheet, answer: Answer) -> Iterator[Contradiction]:
    texts = texts_of(answer)
    whole = "\n".join(text.words for text in texts)
    yield from wrong_tongue(ENGLISH if isinstance(answer, Visual) else sheet.language, whole, "the answer")
    if isinstance(answer, Core):
        yield from home_in_itself(sheet.facts.home)
    if isinstance(answer, Visual):
        yield from invariants(sheet, answer)
    if isinstance(answer, Knowledge):
        for number, lore in enumerate(answer.entries):
            yield from book_birthday(sheet, number, lore)
    yield from pronouns(sheet, texts)
    names_people = isinstance(answer, Core | Examples | Voice | Knowledge)
    speaks = isinstance(answer, Examples | Voice)
    for text in texts:
        yield from _in_text(sheet, text, posted=False)
        yield from offsets(sheet, text)
        if names_people:
            yield from strangers(sheet, text)
        if speaks:
            yield from _never_said(sheet, text)


def _in_post(
    persona: Persona, day: date, text: Text, scene: Text, alt_text: Text, told: str
) -> Iterator[Contradiction]:
    for part in (text, alt_text):
        yield from map(_barred, wrong_tongue(persona.language, part.plain, part.field))
    sheet = _sheet_of(persona)
    if sheet is None:
        return
    sheet = sheet.hearing(told) if told else sheet
    yield from pronouns(sheet, (scene, alt_text))
    yield from map(_barred, own_days(sheet, text, day))
    yield from _never_said(sheet, text)
    for part in (text, scene, alt_text):
        if part.words:
            yield from _in_text(sheet, part, posted=True)
            yield from strangers(sheet, part)


def _in_text(sheet: Sheet, text: Text, *, posted: bool) -> Iterator[Contradiction]:
    yield from misspelt(sheet, text)
    yield from looks(sheet, text)
    if not text.painted:
        yield from ages(sheet, text, posted=posted)
        yield from birthdays(sheet, text)
        yield from homes(sheet, text)


def _barred(found: Contradiction) -> Contradiction:
    return replace(found, blocking=found.certain)


def _never_said(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """Words that the character would never use, in its own mouth."""
    small = text.own.casefold()
    for phrase in sheet.facts.never_says:
        bare = phrase.strip().strip("\"'“”「」『』.").casefold()
        if not bare or bare not in small:
            continue
        pattern = rf"(?<!\w){re.escape(bare)}(?!\w)" if bare.isascii() else re.escape(bare)
        if re.search(pattern, small):
            yield Contradiction(f'{text.field} uses "{bare}", which the character never says: find other words')


def _once(found: Iterable[Contradiction]) -> list[Contradiction]:
    """Each sentence once, the certain ones first."""
    every = dict.fromkeys(found)
    sure = {one.sentence for one in every if one.certain}
    return [one for one in every if one.certain] + [
        one for one in every if not one.certain and one.sentence not in sure
    ]


def _sheet_of(persona: Persona) -> Sheet | None:
    if persona.core is None:
        return None
    stages = (persona.network, persona.strategy, persona.examples, persona.voice, persona.knowledge, persona.given)
    return _sheet(persona.core.facts, (persona.core, *stages), persona.language)


@lru_cache(maxsize=256)
def _sheet(facts: Facts, told: tuple[Answer | None, ...], language: str) -> Sheet:
    """Built once for all stages and posts of a persona that are told the same."""
    return read_sheet(facts, language, told)
