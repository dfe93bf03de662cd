"""Public holidays of a country, named in a language. Knows nothing of calendars and personas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

# Where a language is written in several ways, the one meant when nothing more is said.
_USUAL = {"zh": "zh_CN", "zh_hans": "zh_CN", "zh_hant": "zh_TW", "en": "en_US", "pt": "pt_BR"}


def holidays_of(country: str, language: str, start: date, days: int) -> dict[date, tuple[str, ...]]:
    """Day -> names of its holidays, for `days` days from `start`. Empty for a country nobody knows.

    A language that the country's holidays are not named in falls back to the country's own.
    """
    if days < 1:
        return {}
    last = start + timedelta(days=days - 1)
    named = _of_years(country.upper(), language, start.year, last.year)
    return {day: names for day, names in named.items() if start <= day <= last}


@lru_cache(maxsize=512)
def _of_years(country: str, language: str, first: int, last: int) -> dict[date, tuple[str, ...]]:
    from holidays import country_holidays  # a slow import that most commands do without

    try:
        nameless = country_holidays(country)
    except NotImplementedError:
        return {}
    chosen = _supported(nameless.supported_languages, country, language) or nameless.default_language
    found = country_holidays(country, years=range(first, last + 1), language=chosen)
    return {day: tuple(found.get_list(day)) for day in sorted(found)}


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
