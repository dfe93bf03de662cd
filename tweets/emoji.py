"""A character's habit with emoji: read from its own words, and held against a text. Pure.

A habit that cannot be read allows everything: what is not understood is never objected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from tweets.word_lists import word_list

# Of the signs that Unicode draws as text unless a selector follows, those that are pictures: no arrows, no (c).
_PICTURES = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")
_AS_TEXT = "\ufe0e"  # the selector that asks for a sign of text
_PLAIN = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class EmojiHabit:
    """`most`: in one post, None for any number. `only`: these alone, empty for any."""

    most: int | None = None
    only: frozenset[str] = frozenset()


ANY = EmojiHabit()


@lru_cache(maxsize=512)
def read_habit(words: str) -> EmojiHabit:
    """The habit that a character's sheet puts into words, such as "none, except a bell when she is beaten"."""
    named = frozenset(_plain(one) for one in emoji_in(words))
    says = {kind: bool(pattern.search(words)) for kind, pattern in _habits().items()}
    if says["none"] and not named and not says["except"]:
        return EmojiHabit(most=0)
    most = 1 if says["one"] or (says["none"] and not says["two"]) else 2 if says["two"] else None
    return EmojiHabit(most, frozenset() if says["others"] else named)


def emoji_in(text: str) -> list[str]:
    """Each emoji in `text`, a joined or toned one as one."""
    if text.isascii() or _beginnings().isdisjoint(text):
        return []
    import emoji  # its table takes longer to read than the rest of this package

    found = emoji.emoji_list(text)
    return [one["emoji"] for one in found if _is_picture(one["emoji"], text[one["match_end"] : one["match_end"] + 1])]


def emoji_objections(field: str, text: str, habit: EmojiHabit) -> Iterator[str]:
    """What in a text is not in the character's habit."""
    found = emoji_in(text)
    if not found or habit == ANY:
        return
    if habit.most == 0:
        yield f"{field} holds {' '.join(dict.fromkeys(found))}: the character uses no emoji; say it in words"
        return
    strange = [one for one in dict.fromkeys(found) if habit.only and _plain(one) not in habit.only]
    if strange:
        own = " ".join(sorted(habit.only))
        yield f"{field} holds {' '.join(strange)}: the character uses no other emoji than {own}"
    if habit.most is not None and len(found) > habit.most:
        yield f"{field} holds {len(found)} emoji: the character uses at most {habit.most} in a post"


@cache
def _beginnings() -> frozenset[str]:
    """The characters of which every text with an emoji has one: how it begins, or what makes a digit a key."""
    import emoji

    return frozenset(one[-1] if one[0].isascii() else one[0] for one in emoji.EMOJI_DATA)


def _is_picture(one: str, next_character: str) -> bool:
    import emoji

    if next_character == _AS_TEXT:
        return False
    drawn = emoji.EMOJI_DATA.get(one, {}).get("status") != emoji.STATUS["unqualified"]
    return drawn or len(one) > 1 or bool(_PICTURES.match(one))


def _plain(emoji: str) -> str:
    return _PLAIN.sub("", emoji)


@cache
def _habits() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile("|".join(ones), re.IGNORECASE) for kind, ones in word_list("emoji").items()}
