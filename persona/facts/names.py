"""Names that are spelt in another way than on the fact sheet. In doubt a word is another word, not a slip."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from persona.facts.places import is_place
from persona.facts.sheet import HAN, LATIN, NAME, Contradiction, Sheet, Text, begins_sentence, cited, words

# A language that bends names (Polish, Finnish ...) has endings that look like slips.
_UNBENT = frozenset({"en", "zh", "ja", "ko", "fr", "it", "es", "pt", "vi", "id"})
_NAME = re.compile(rf"(?<![{LATIN}\d.@_/])({NAME})")
_WORD_BEFORE = re.compile(rf"([{LATIN}']+)[ ]$")
_ARTICLES = frozenset({"a", "an", "the", "this", "that", "some", "these", "those"})
_KATAKANA = re.compile("[ァ-ヴー]{3,}")
_HONORIFIC = re.compile("さん|ちゃん|くん|君|先生|先輩|さま")


def misspelt(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """Words that are nearly a name of the sheet."""
    yield from _latin(sheet, text)
    if sheet.tongue in {"zh", "ja"} and not text.painted:
        yield from _characters(sheet, text)
        yield from _katakana(sheet, text)


def _latin(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    found = list(_NAME.finditer(text.plain))
    for number, match in enumerate(found):
        word = match[1].removesuffix("'s").removesuffix("'")
        if len(word) < 3 or word.isupper() or word.casefold() in sheet.vocabulary or is_place(word):
            continue
        before = _WORD_BEFORE.search(text.plain[: match.start()])
        if before and before[1].casefold() in _ARTICLES:
            continue
        beside = {
            other[1].removesuffix("'s")
            for other in (*found[max(0, number - 1) : number], *found[number + 1 : number + 2])
            if abs(other.start() - match.end()) <= 1 or abs(match.start() - other.end()) <= 1
        }
        for part, name in sheet.name_words.items():
            slip = _slip(word, part)
            if slip is None:
                continue
            together = bool(beside & (set(name.split()) - {part}))
            if not together and (slip == "ending" or (slip == "letter" and begins_sentence(text.plain, match.start()))):
                continue
            certain = slip == "accents" or together or sheet.tongue in _UNBENT
            yield _spelt(text, match.start(), match.end(), name, certain)
            break


def _slip(word: str, part: str) -> str | None:
    """How `word` may have become of `part`: by lost accents, by one letter; None when it is another word."""
    small, wanted = word.casefold(), part.casefold()
    if bare(small) == bare(wanted):
        return "accents" if small != wanted else None
    if len(wanted) < 5 or len(small) < 4 or small[0] != wanted[0]:
        return None
    if not one_edit(small, wanted):
        return None
    # One that only begins like the other may be a plural, a genitive, a pet name.
    return "ending" if small.startswith(wanted) or wanted.startswith(small) else "letter"


def _characters(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    for name in dict.fromkeys((sheet.facts.name, *sheet.people)):
        for match in _variants(name, sheet.tongue).finditer(text.plain):
            if match[0] not in sheet.told:
                before = text.plain[: match.start()][-1:]
                alone = not re.match(f"[{HAN}]", before) or before in words("people")["zh"]["before"]
                yield _spelt(text, match.start(), match.end(), name, alone)
        for match in _near(name).finditer(text.plain):
            if match[0] not in sheet.told and not _variants(name, sheet.tongue).match(match[0]):
                yield _spelt(text, match.start(), match.end(), name, False)


@lru_cache(maxsize=2048)
def _variants(name: str, tongue: str) -> re.Pattern[str]:
    """Finds the name, and parts of it that stand alone, with one character replaced by one that is taken for it."""
    groups = words("spellings")[tongue]
    spaced = [part for part in re.split(r"[\s・=＝·]", name) if len(part) >= 2]
    slips: dict[str, None] = {}
    for whole in dict.fromkeys(("".join(spaced), *(spaced if len(spaced) > 1 else ()))):
        if not re.fullmatch(f"[{HAN}]+", whole):
            continue
        for place, character in enumerate(whole):
            twins = "".join(group for group in groups if character in group).replace(character, "")
            slips |= {f"{whole[:place]}{twin}{whole[place + 1 :]}": None for twin in twins}
    return re.compile("|".join(map(re.escape, slips)) or r"(?!)")


@lru_cache(maxsize=2048)
def _near(name: str) -> re.Pattern[str]:
    """Finds a full name of three or four characters with another last or middle character."""
    whole = re.sub(r"[\s・=＝·]", "", name)
    if not re.fullmatch(f"[{HAN}]{{3,4}}", whole):
        return re.compile(r"(?!)")
    one = [f"{whole[:place]}(?!{whole[place]})[{HAN}]{whole[place + 1 :]}" for place in range(1, len(whole) - 1)]
    return re.compile(f"(?<![{HAN}])(?:{'|'.join(one)})")


def _katakana(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    names = [(part, name) for name in (sheet.facts.name, *sheet.people) for part in _KATAKANA.findall(name)]
    if not names:
        return
    for match in _KATAKANA.finditer(text.plain):
        if match[0] in sheet.told:
            continue
        for part, name in names:
            if len(part) >= 4 and match[0][0] == part[0] and one_edit(match[0], part):
                certain = bool(_HONORIFIC.match(text.plain, match.end()))
                yield _spelt(text, match.start(), match.end(), name, certain)
                break


def _spelt(text: Text, start: int, end: int, name: str, certain: bool) -> Contradiction:
    found = text.plain[start:end]
    return Contradiction(
        f'{text.field} has "{found}" ({cited(text.plain, start, end)}), but the fact sheet spells this name "{name}": '
        "spell it so, or name nobody who is not on it",
        certain,
    )


@lru_cache(maxsize=4096)
def bare(word: str) -> str:
    """The word without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def one_edit(one: str, other: str) -> bool:
    """Whether one letter more, less, changed, or two swapped make one of the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(left) > len(right) else left == right[1:]
