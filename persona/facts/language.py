"""Whether a text is written in the language that was asked for: by its script, and by its small words.

Short texts and languages without a word list are passed over; a few words of another language are a habit of speech.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from persona.facts.sheet import HAN, KANA, LATIN, Contradiction, tongue_of, words

_SCRIPTS = {
    "han": re.compile(f"[{HAN}]"),
    "kana": re.compile(f"[{KANA}]"),
    "hangul": re.compile("[\uac00-\ud7a3\u1100-\u11ff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "latin": re.compile(f"[{LATIN}]"),
}
_SCRIPT_OF = {
    **dict.fromkeys(("zh", "yue"), ("han",)),
    "ja": ("han", "kana"),
    "ko": ("hangul",),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk"), ("cyrillic",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("arabic",)),
    "he": ("hebrew",),
    "el": ("greek",),
    "th": ("thai",),
    **dict.fromkeys(("hi", "mr", "ne"), ("devanagari",)),
}
_EITHER = frozenset({"sr", "kk", "uz", "az", "mn", "ku", "tg", "pa", "sd", "ks"})  # written in more than one script
FEW_LETTERS = 12
ENOUGH_WORDS = 14


def wrong_tongue(language: str, text: str, field: str) -> Iterator[Contradiction]:
    """An objection when the text is clearly in another language."""
    tongue = tongue_of(language)
    share = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    letters = sum(share.values())
    if letters < FEW_LETTERS or tongue in _EITHER:
        return
    wanted = _SCRIPT_OF.get(tongue, ("latin",))
    fitting = sum(share[script] for script in wanted) / letters
    if tongue == "ja" and share["han"] >= 2 * FEW_LETTERS and not share["kana"]:
        yield _objection(field, language, "it has no kana at all", True)
    elif tongue == "zh" and share["kana"] > 0.2 * letters:
        yield _objection(field, language, "it is Japanese", True)
    elif fitting < 0.15:
        yield _objection(field, language, "it is written in another script", True)
    elif fitting < 0.4 and letters >= 3 * FEW_LETTERS:
        yield _objection(field, language, "most of it is written in another script", False)
    elif wanted == ("latin",):
        yield from _by_vote(tongue, language, text, field)


def _by_vote(tongue: str, language: str, text: str, field: str) -> Iterator[Contradiction]:
    tokens = re.findall(rf"[{LATIN}]+(?:'[{LATIN}]+)?", text.casefold().replace("’", "'"))
    if len(tokens) < ENOUGH_WORDS:
        return
    small, votes = _small_words(), Counter[str]()
    own = small.get(tongue, frozenset())
    foreign = [token for token in tokens if token not in own]
    for token in foreign:
        votes.update(_tongues_of().get(token, ()))
    best = max(votes, key=lambda one: votes[one], default=tongue)
    mine = len(tokens) - len(foreign)
    if best in _kin(tongue) or votes[best] < max(4, len(tokens) // 6) or votes[best] < 3 * mine:
        return
    sure = mine * 6 <= votes[best] if tongue in small else best == "en" and votes[best] >= 6
    yield _objection(field, language, f"its words are {words('tongues')['spoken'].get(best, best)}", sure)


def _objection(field: str, language: str, why: str, certain: bool) -> Contradiction:
    return Contradiction(
        f'{field} is not in the language that was asked for, "{language}": {why}; write it anew', certain
    )


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {one: frozenset(listed.split()) for one, listed in words("tongues")["stopwords"].items()}


@cache
def _tongues_of() -> dict[str, tuple[str, ...]]:
    """Small word -> the languages that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for one, listed in _small_words().items():
        for word in listed:
            found[word] = (*found.get(word, ()), one)
    return found


@cache
def _kin(tongue: str) -> frozenset[str]:
    return frozenset(one for group in words("tongues")["kin"] if tongue in group.split() for one in group.split())
