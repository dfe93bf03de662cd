"""Public holidays and observances of a country, named in a language. Knows nothing of calendars and personas."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache

# Where a language is written in several ways, the one meant when nothing more is said.
_USUAL = {"zh": "zh_CN", "zh_hans": "zh_CN", "zh_hant": "zh_TW", "en": "en_US", "pt": "pt_BR"}
_PUBLIC = ("public",)
# The library's categories of days that people keep and go to work on.
_OBSERVED = ("de_facto", "half_day", "optional", "unofficial", "workday")

Named = dict[date, tuple[str, ...]]


def holidays_of(country: str, language: str, start: date, days: int) -> Named:
    """Day -> names of its public holidays, for `days` days from `start`. Empty for a country nobody knows.

    A language that the country's holidays are not named in falls back to the country's own.
    """
    return _between(country, language, _PUBLIC, start, days)


def observances_of(country: str, language: str, start: date, days: int) -> Named:
    """Day -> names of what else is kept on it, such as Mother's Day where it is a working day. As `holidays_of`."""
    holidays = holidays_of(country, language, start, days)
    found = {
        day: tuple(name for name in names if name not in holidays.get(day, ()))
        for day, names in _between(country, language, _OBSERVED, start, days).items()
    }
    return {day: names for day, names in found.items() if names}


def _between(country: str, language: str, categories: tuple[str, ...], start: date, days: int) -> Named:
    if days < 1:
        return {}
    last = start + timedelta(days=days - 1)
    named = _of_years(country.upper(), language, categories, start.year, last.year)
    return {day: names for day, names in named.items() if start <= day <= last}


@lru_cache(maxsize=1024)
def _of_years(country: str, language: str, categories: Collection[str], first: int, last: int) -> Named:
    from holidays import country_holidays  # a slow import that most commands do without

    try:
        nameless = country_holidays(country)
    except NotImplementedError:
        return {}
    kept = tuple(name for name in nameless.supported_categories if name in categories)
    if not kept:
        return {}
    chosen = _supported(nameless.supported_languages, country, language) or nameless.default_language
    found = country_holidays(country, years=range(first, last + 1), language=chosen, categories=kept)
    return {day: tuple(dict.fromkeys(found.get_list(day))) for day in sorted(found)}


def _supported(languages: Sequence[str], country: str, language: str) -> str | None:
    """The entry of `languages` that stands for `language`; the library itself takes any word in silence."""
    there = {name.lower(): name for name in languages}
    wanted = re.sub("-", "_", language).lower()
    base = wanted.split("_")[0]
    usual = _USUAL.get(wanted, _USUAL.get("_".join(wanted.split("_")[:2]), ""))
    exact = (wanted, usual.lower()) if base == "zh" else (wanted, f"{base}_{country.lower()}", usual.lower(), base)
    for name in exact:
        if name in there:
            return there[name]
    return next((name for low, name in sorted(there.items()) if low.split("_")[0] == base), None)
