"""What days are: their season, what is kept on them, what they are to the character, and how many posts they get."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest

from calendars.holidays import holidays_of, observances_of
from calendars.own_dates import own_dates_of
from calendars.plan import extend_calendar, plan_calendar
from calendars.schema import Calendar
from calendars.seasons import season_of
from persona.schema.answers import Lore, Strategy
from persona.schema.persona import Given, Persona
from tests import answers
from tests.rehearsal.test_endpoint import answer, portrait

PERSONA = answers.persona()
TUESDAY = date(2026, 12, 1)
ALWAYS = answers.STRATEGY.model_copy(
    update={"rhythm": tuple(day.model_copy(update={"hours": (9, 13, 20)}) for day in answers.STRATEGY.rhythm)}
)


def born_on(day: str, *lore: Lore) -> Persona:
    facts = answers.CORE.facts.model_copy(update={"birthday": day})
    core = answers.CORE.model_copy(update={"facts": facts})
    knowledge = answers.KNOWLEDGE.model_copy(update={"entries": lore})
    return PERSONA.model_copy(update={"core": core, "knowledge": knowledge, "strategy": ALWAYS})


def plan(posts: int, days: int, persona: Persona, seed: int = 0, quiet: tuple[int, int] | None = None) -> Calendar:
    return plan_calendar(persona, posts=posts, days=days, start=TUESDAY, seed=seed, quiet=quiet)


@pytest.mark.parametrize(
    ("zone", "seasons"),
    [
        ("Europe/Oslo", ("winter", "spring", "summer", "autumn")),
        ("America/Argentina/Buenos_Aires", ("summer", "autumn", "winter", "spring")),
        ("Australia/Sydney", ("summer", "autumn", "winter", "spring")),
        ("Asia/Tokyo", ("winter", "spring", "summer", "autumn")),
        ("US/Eastern", ("winter", "spring", "summer", "autumn")),  # an older name of America/New_York
        ("Asia/Singapore", ("", "", "", "")),
        ("UTC", ("", "", "", "")),
        ("Nowhere/Town", ("", "", "", "")),
    ],
)
def test_seasons_turn_with_the_hemisphere_and_the_tropics_have_none(zone: str, seasons: tuple[str, ...]) -> None:
    for quarter, season in enumerate(seasons):
        months = [(quarter * 3 + 12 + step - 1) % 12 + 1 for step in range(3)]  # 12, 1, 2 and so on
        assert {season_of(zone, date(2026, month, 28)) for month in months} == {season}


def test_observances_are_named_in_the_language_and_are_no_holidays() -> None:
    may = (date(2026, 5, 1), 31)
    assert observances_of("US", "en", *may) == {date(2026, 5, 10): ("Mother's Day",)}
    assert observances_of("CN", "zh", *may) == {date(2026, 5, 4): ("五四青年节",)}
    assert observances_of("FI", "fi", *may)[date(2026, 5, 10)] == ("Äitienpäivä",)
    for country in ("US", "FI", "SE", "UA", "BR"):
        holidays = holidays_of(country, "en", date(2026, 1, 1), 365)
        for day, names in observances_of(country, "en", date(2026, 1, 1), 365).items():
            assert not set(names) & set(holidays.get(day, ()))
    assert observances_of("XX", "en", *may) == observances_of("GB", "en", *may) == {}


def test_birthdays_and_anniversaries_are_found() -> None:
    feast = Lore(name="harbour feast", keys=("feast",), content="The boats ring.", date="08-09")
    shed = Lore(name="the shed", keys=("shed",), content="No lock.", date=None)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert own_dates_of(born_on("08-09", feast, shed), days) == {date(2026, 8, 9): ("birthday", "harbour feast")}
    card = Persona(name="guest", given=Given(name="Guest", description="x", lore=(feast,)))
    assert own_dates_of(card, days) == {date(2026, 8, 9): ("harbour feast",)}


@pytest.mark.parametrize(("year", "day"), [(2027, date(2027, 2, 28)), (2028, date(2028, 2, 29))])
def test_a_birthday_on_29_february_is_kept_every_year(year: int, day: date) -> None:
    days = [date(year, 2, 1) + timedelta(days=n) for n in range(31)]
    assert own_dates_of(born_on("02-29"), days) == {day: ("birthday",)}


def test_own_dates_stand_in_the_calendar_and_are_busy_not_quiet() -> None:
    persona = born_on("12-10")
    there = [plan(30, 15, persona, seed=seed).days[9] for seed in range(40)]
    assert all(day.own_dates == ("birthday",) for day in there)
    assert all(day.posts for day in there)
    usual = [len(day.posts) for seed in range(40) for day in plan(30, 15, born_on("06-01"), seed=seed).days]
    assert sum(len(day.posts) for day in there) / len(there) > 1.5 * sum(usual) / len(usual)


def test_every_week_has_a_quiet_day_and_a_burst() -> None:
    for seed in range(20):
        numbers = [len(day.posts) for day in plan(84, 28, born_on("06-01"), seed=seed).days]
        assert sum(numbers) == 84
        for week in (numbers[begin : begin + 7] for begin in range(0, 28, 7)):
            assert min(week) == 0
            assert max(week) >= 6
            assert week.count(0) == 1


def test_quiet_days_differ_from_week_to_week() -> None:
    days = plan(84, 28, born_on("06-01")).days
    assert len({day.date.weekday() for day in days if not day.posts}) > 1


@pytest.mark.parametrize("quiet", [(23 * 60, 7 * 60), (0, 12 * 60 + 30), (20 * 60, 24 * 60)])
def test_nothing_is_planned_within_the_quiet_hours(quiet: tuple[int, int]) -> None:
    begin, end = quiet
    for posts in (10, 300):
        for post in plan(posts, 15, PERSONA, quiet=quiet).posts():
            assert not (begin <= post.minute < end if begin < end else post.minute >= begin or post.minute < end)


def test_a_character_of_the_night_moves_to_the_nearest_hours_that_are_not_quiet() -> None:
    nightly = tuple(day.model_copy(update={"hours": (2,)}) for day in answers.STRATEGY.rhythm)
    persona = PERSONA.model_copy(update={"strategy": answers.STRATEGY.model_copy(update={"rhythm": nightly})})
    hours = {post.minute // 60 for post in plan(40, 15, persona, quiet=(23 * 60, 5 * 60)).posts()}
    assert hours <= {5, 22}


def test_quiet_hours_hold_for_days_that_are_added() -> None:
    calendar = plan(10, 15, PERSONA)
    longer = extend_calendar(calendar, PERSONA, posts=40, days=15, start=None, seed=0, quiet=(0, 20 * 60))
    assert longer.days[:15] == calendar.days
    assert all(post.minute >= 20 * 60 for day in longer.days[15:] for post in day.posts)


def test_shares_hold_within_rounding_over_a_whole_cast() -> None:
    for number in range(100):
        persona = answers.persona(f"member-{number}")
        kinds = Counter(post.content_type for post in plan(10, 15, persona).posts())
        for name, share in answers.STRATEGY.shares().items():
            assert abs(kinds[name] - 10 * share) < 1


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
async def test_shares_hold_for_100_rehearsed_strategies_of_their_own(language: str) -> None:
    different = set()
    for number in range(100):
        core = await answer("persona_core", portrait(number), language=language)
        sheet = {name: value for name, value in core.items() if name != "reading"}
        strategy = Strategy.model_validate(await answer("persona_strategy", language=language, core=sheet))
        persona = answers.persona(f"member-{number}").model_copy(update={"strategy": strategy})
        posts = list(plan(10, 15, persona).posts())
        kinds = Counter(post.content_type for post in posts)
        for name, share in strategy.shares().items():
            assert abs(kinds[name] - 10 * share) < 1
        assert abs(sum(post.picture for post in posts) - 10 * strategy.picture_share) < 1
        different.add(tuple(strategy.shares().values()))
    assert len(different) >= 3


def test_times_of_a_day_never_repeat_and_stay_in_order() -> None:
    for seed, posts in itertools.product(range(5), (10, 200)):
        for day in plan(posts, 15, PERSONA, seed=seed).days:
            minutes = [post.minute for post in day.posts]
            assert minutes == sorted(set(minutes))
