"""Pronouns that are not the character's, in English sentences about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from persona.facts.sheet import Contradiction, Sheet, Text, words

_WORDS = {
    "she": frozenset({"she", "her", "hers", "herself"}),
    "he": frozenset({"he", "him", "his", "himself"}),
}
_ANYBODY = frozenset({"man", "woman", "boy", "girl", "he's", "she's", "sir", "madam", "who", "whoever", "ma'am"})


def pronouns(sheet: Sheet, texts: Sequence[Text]) -> Iterator[Contradiction]:
    """Wrong pronouns in texts that speak of nobody but the character.

    A text counts when it names the character, or is a scene, and holds no other person whom "he" or "she" may mean.
    """
    own = {one for one in _WORDS if one in re.split(r"\W+", sheet.facts.pronouns.casefold())}
    if not own or len(own) == 2:
        return
    if sheet.tongue != "en" and not any(text.painted for text in texts):
        return
    [kind] = own
    wrong = _WORDS["he" if kind == "she" else "she"]
    for text in texts:
        if not text.painted and sheet.tongue != "en":
            continue
        tokens = re.findall(r"[a-z]+(?:'[a-z]+)?", text.own.casefold())
        there = [token for token in tokens if token in wrong]
        if not there or not _WORDS[kind].isdisjoint(tokens) or not _speaks_of_it_alone(sheet, text, tokens):
            continue
        yield Contradiction(
            f'{text.field} calls the character "{there[0]}", but its pronouns are {sheet.facts.pronouns}: use these',
            text.painted or len(there) > 1 or there[0].endswith("self"),
        )


def _speaks_of_it_alone(sheet: Sheet, text: Text, tokens: list[str]) -> bool:
    given = sheet.facts.name.split()[0]
    if not text.painted and not re.match(rf"\W*{re.escape(given)}\b", text.own):
        return False
    others = {word.casefold() for name in sheet.people for word in name.split() if word[0].isupper()}
    others |= set(words("colours")["beings"]) | set(words("people")["relations"]) | _ANYBODY
    return others.isdisjoint(tokens) and others.isdisjoint(token.removesuffix("'s") for token in tokens)
