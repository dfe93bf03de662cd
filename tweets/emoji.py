"""A character's habit with emoji: read from its own words, and held against a text. Pure.

A habit that cannot be read allows everything: what is not understood is never objected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from tweets.word_lists import word_list

# A flag, or a picture character with its skin tone, its variation and what is joined to it.
_ONE = (
    r"[\U0001f300-\U0001faff\u2600-\u2604\u2614-\u2618\u2622-\u2623\u262e\u2638-\u263a\u2648-\u2653\u267f\u2693"
    r"\u26a0-\u26a1\u26aa-\u26ab\u26bd-\u26be\u26c4-\u26c5\u26d4\u26ea\u26f2-\u26f5\u26fa\u26fd\u2705\u2708-\u270d"
    r"\u2728\u274c\u274e\u2753-\u2755\u2757\u2763-\u2764\u2795-\u2797\u2b50\u2b55\u231a-\u231b\u23e9-\u23f3"
    r"\u2b1b-\u2b1c\U0001f004\U0001f0cf]"
)
_TAIL = r"[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}{_TAIL}(?:\u200d[^\s\w]{_TAIL})*|[^\s\w]\ufe0f|[0-9#*]\ufe0f?\u20e3"
)
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
    return [] if text.isascii() else _EMOJI.findall(text)


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


def _plain(emoji: str) -> str:
    return _PLAIN.sub("", emoji)


@cache
def _habits() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile("|".join(ones), re.IGNORECASE) for kind, ones in word_list("emoji").items()}
