"""Public holidays, in the language that was asked for or the country's own."""

from __future__ import annotations

from datetime import date

import pytest

from calendars.holidays import holidays_of

NEW_YEAR = date(2027, 1, 1)


def on_new_year(country: str, language: str) -> tuple[str, ...]:
    return holidays_of(country, language, date(2026, 12, 30), 5)[NEW_YEAR]


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("JP", "ja", "元日"),
        ("FR", "fr", "Jour de l'an"),
        ("CN", "zh", "元旦"),
        ("CN", "zh-Hans-CN", "元旦"),
        ("TW", "zh-Hant", "中華民國開國紀念日"),
        ("HK", "zh-HK", "一月一日"),
        ("JP", "en", "New Year's Day"),
        ("PT", "pt", "Ano Novo"),
        ("DE", "de-AT", "Neujahr"),
    ],
)
def test_a_holiday_is_named_in_the_language_that_was_asked_for(country: str, language: str, name: str) -> None:
    assert on_new_year(country, language) == (name,)


@pytest.mark.parametrize("language", ["tlh", "", "xx_YY", "a/../b"])
def test_an_unknown_language_falls_back_to_the_countrys_own(language: str) -> None:
    assert on_new_year("FR", language) == ("Jour de l'an",)
    assert on_new_year("CN", language) == ("元旦",)


@pytest.mark.parametrize("country", ["", "XX", "QQQ", "__class__", "Narnia"])
def test_an_unknown_country_has_no_holidays(country: str) -> None:
    assert holidays_of(country, "en", date(2026, 1, 1), 365) == {}


def test_a_country_is_found_in_small_letters() -> None:
    assert on_new_year("jm", "fr") == ("New Year's Day",)


def test_only_the_days_asked_for_are_named_across_a_turn_of_the_year() -> None:
    found = holidays_of("GB", "en", date(2026, 12, 25), 8)
    assert list(found) == [date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 28), NEW_YEAR]
    assert holidays_of("GB", "en", date(2026, 12, 25), 7).keys() == found.keys() - {NEW_YEAR}
    assert holidays_of("GB", "en", NEW_YEAR, 0) == {}
