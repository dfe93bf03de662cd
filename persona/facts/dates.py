"""Ages, birthdays and days that differ from the fact sheet's, or from the day of a post.

Only what is said of the character and of now counts: "when I was twelve" and "my mother is 60" are nobody's slip.
How such things are said stands in words/dates.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache

from persona.facts.sheet import Contradiction, Sheet, Text, cited, words
from persona.schema.answers import Lore

_UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_TENS = {
    word: 10 * ten
    for ten, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_AGE = {
    "en": rf"(?P<age>\d{{1,5}}|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS[:9:-1])})",
    "cjk": r"(?P<age>\d{1,5}|[一二三四五六七八九十百零〇]{1,6})",
}
_ANY_AGE = {script: re.compile(age) for script, age in _AGE.items()}
_DAY_CJK = r"(?P<m>\d{1,2}|[一二三四五六七八九十]{1,3})月(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
_OF_BIRTH = re.compile("birthday|born|生", re.IGNORECASE)
_BIRTHDAY = {"en": "birthday", "zh": "生日", "ja": "誕生日"}


def ages(sheet: Sheet, text: Text, *, posted: bool) -> Iterator[Contradiction]:
    """Statements of the character's age. Since the sheet was written a post may have seen a birthday."""
    age, tongue = sheet.facts.age, _spoken(sheet)
    if not _ANY_AGE["cjk" if tongue in {"zh", "ja"} else "en"].search(text.own):
        return
    for group in ("named", tongue) if tongue == "en" and sheet.facts.name.split()[0] in text.own else (tongue,):
        for pattern, sure in _patterns("age", group, sheet.facts.name):
            for match in pattern.finditer(text.own):
                said = number(match["age"])
                coming = posted or re.search("turned|満|刚满|になっ", text.own[match.start() : match.end() + 6])
                if said is None or said == age or (coming and said == age + 1):
                    continue
                if sure or 10 <= said <= 120:
                    where = cited(text.own, match.start(), match.end())
                    yield Contradiction(
                        f"{text.field} says {where}, but the character is {age} years old: give this age or none", sure
                    )


def birthdays(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """A birthday that is stated on another day."""
    if not _OF_BIRTH.search(text.own):
        return
    for pattern, _ in _patterns("birthday", _spoken(sheet), sheet.facts.name):
        for match in pattern.finditer(text.own):
            day = _day_of(match)
            if day is not None and day != sheet.facts.birthday:
                yield _wrong_birthday(sheet, text.field, cited(text.own, match.start(), match.end()))


def book_birthday(sheet: Sheet, number: int, lore: Lore) -> Iterator[Contradiction]:
    """An entry of the character book that is the character's own birthday, on another day."""
    if lore.date is None or lore.date == sheet.facts.birthday:
        return
    name, birthday = lore.name.casefold(), _BIRTHDAY[_spoken(sheet)]
    if birthday not in name:
        return
    given = sheet.facts.name.split()[0].casefold()
    own = {birthday, f"my {birthday}", f"the {birthday}", f"her {birthday}", f"his {birthday}", f"{given}'s {birthday}"}
    own |= {f"{given}的{birthday}", f"{given}の{birthday}", f"我的{birthday}", f"自分の{birthday}", f"私の{birthday}"}
    if name in own:
        yield _wrong_birthday(sheet, f"entries.{number}.date", f'"{lore.date}" for "{lore.name}"')


def own_days(sheet: Sheet, text: Text, day: date) -> Iterator[Contradiction]:
    """A post that takes its own day for another: a birthday, a weekday or a date."""
    tongue, words_there = _spoken(sheet), text.own
    for key, shift in (("sure", 0), ("tomorrow", 1)):
        if (day + timedelta(days=shift)).strftime("%m-%d") == sheet.facts.birthday:
            continue
        for expression in words("dates")["today"][tongue][key]:
            match = re.search(expression, words_there)
            if match and not re.search(words("dates")["today"][tongue]["unless"], words_there[: match.start()]):
                yield _wrong_birthday(sheet, text.field, f"{cited(words_there, match.start(), match.end())} on {day}")
    weekday = words("dates")["names"]["weekdays"][tongue][day.weekday()]
    for pattern, sure in _patterns("weekday", tongue, sheet.facts.name):
        for match in pattern.finditer(words_there):
            if match["weekday"].casefold().replace("天", "日") != weekday:
                where = cited(words_there, match.start(), match.end())
                yield Contradiction(f"{text.field} says {where}, but {day} is a {day:%A}: mend the weekday", sure)
    for expression in words("dates")["date"][tongue]:
        for match in re.finditer(_filled(expression, tongue, sheet.facts.name), words_there):
            said = _day_of(match)
            if said is not None and said != f"{day:%m-%d}":
                where = cited(words_there, match.start(), match.end())
                yield Contradiction(f"{text.field} says {where}, but the post's day is {day}: mend the date")


def number(written: str) -> int | None:
    """The number that digits, English words or Chinese numerals stand for."""
    if written.isdecimal():
        return int(written)
    small = written.casefold().replace("-", " ").split()
    if all(word in _TENS or word in _UNITS for word in small):
        return sum(_TENS[word] if word in _TENS else _UNITS.index(word) for word in small)
    return _cjk_number(written)


def _cjk_number(written: str) -> int | None:
    hundreds, _, rest = written.rpartition("百")
    tens, ten, units = rest.lstrip("零〇").rpartition("十")
    try:
        value = 100 * (_DIGITS[hundreds] if hundreds else 1 if "百" in written else 0)
        value += 10 * (_DIGITS[tens] if tens else 1) if ten else 0
        return value + (_DIGITS[units] if units else 0)
    except KeyError:
        return None


def _spoken(sheet: Sheet) -> str:
    """The language whose patterns are used: an English card may be posted in a language that has none."""
    return sheet.tongue if sheet.tongue in {"zh", "ja"} else "en"


@lru_cache(maxsize=1024)
def _patterns(kind: str, group: str, name: str) -> tuple[tuple[re.Pattern[str], bool], ...]:
    bank = words("dates")[kind][group]
    return tuple(
        (_filled(expression, group, name), sure == "sure")
        for sure in ("sure", "likely")
        for expression in bank.get(sure, ())
    )


@lru_cache(maxsize=1024)
def _filled(expression: str, group: str, name: str) -> re.Pattern[str]:
    if "{name}" in expression:
        names = "|".join(re.escape(part) for part in (name, name.split()[0]))
        return _filled(expression.replace("{name}", names), group, "")
    if name:  # the same for every character
        return _filled(expression, group, "")
    cjk = group in {"zh", "ja"}
    filled = expression.replace("{age}", _AGE["cjk" if cjk else "en"])
    return re.compile(filled.replace("{day}", _DAY_CJK if cjk else _english_day()))


@cache
def _english_day() -> str:
    month = "|".join(f"{month}|{month[:3]}" for month in words("dates")["names"]["months"])
    return (
        rf"(?:(?:the )?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{month})\b"
        rf"|(?P<m2>{month})\.? (?:the )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b)"
    )


def _day_of(match: re.Match[str]) -> str | None:
    """Month and day of what was found, as MM-DD."""
    parts = {name: value for name, value in match.groupdict().items() if value}
    month, day = (
        parts.get("m") or parts.get("m1") or parts.get("m2"),
        parts.get("d") or parts.get("d1") or parts.get("d2"),
    )
    if month is None or day is None:
        return None
    months = [name[:3] for name in words("dates")["names"]["months"]]
    short = month.casefold()[:3]
    which = months.index(short) + 1 if short in months else number(month)
    return f"{which:02}-{number(day) or 0:02}" if which else None


def _wrong_birthday(sheet: Sheet, field: str, where: str) -> Contradiction:
    return Contradiction(
        f"{field} says {where}, but the character's birthday is {sheet.facts.birthday} (month-day): keep it"
    )
