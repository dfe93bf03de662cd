"""The plan of a calendar: exact counts, local times, shares, and days added behind what is there."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.plan import extend_calendar, first_day, from_day, plan_calendar
from calendars.schema import Calendar
from errors import BadInput
from persona.schema.persona import Given, Persona
from tests import answers
from values import MOST_A_DAY

TUESDAY = date(2026, 12, 1)
PERSONA = answers.persona()


def plan(posts: int = 10, days: int = 15, start: date = TUESDAY, seed: int = 0, persona: Persona = PERSONA) -> Calendar:
    return plan_calendar(persona, posts=posts, days=days, start=start, seed=seed)


def living_in(zone: str, country: str, hours: tuple[int, ...] = (6, 12, 21)) -> Persona:
    home = answers.CORE.facts.home.model_copy(update={"time_zone": zone, "country_code": country})
    core = answers.CORE.model_copy(update={"facts": answers.CORE.facts.model_copy(update={"home": home})})
    rhythm = tuple(day.model_copy(update={"hours": hours}) for day in answers.STRATEGY.rhythm)
    return PERSONA.model_copy(update={"core": core, "strategy": answers.STRATEGY.model_copy(update={"rhythm": rhythm})})


@pytest.mark.parametrize("posts", [1, 7, 10, 100, 1000])
@pytest.mark.parametrize("days", [1, 15, 31])
def test_a_plan_holds_exactly_what_was_asked_for(posts: int, days: int) -> None:
    calendar = plan(posts, days)
    # reading it back runs every check of the schema: order of days and times, ids, ids under their own day
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
    assert [day.date for day in calendar.days] == [TUESDAY + timedelta(days=n) for n in range(days)]
    assert len(list(calendar.posts())) == posts
    for day in calendar.days:
        times = [post.time for post in day.posts]
        assert len(set(times)) == len(times)
        assert [post.id for post in day.posts] == [f"{day.date}-{n}" for n in range(1, len(times) + 1)]


@pytest.mark.parametrize("posts", [1, 7, 10, 100, 1000])
def test_kinds_and_pictures_follow_the_shares_within_rounding(posts: int) -> None:
    planned = list(plan(posts).posts())
    kinds = Counter(post.content_type for post in planned)
    for name, share in answers.STRATEGY.shares().items():
        assert abs(kinds[name] - share * posts) < 1
    assert abs(sum(post.picture for post in planned) - 0.6 * posts) < 1


def test_kinds_are_spread_over_the_month() -> None:
    kinds = [post.content_type for post in plan(100, 31).posts()]
    assert max(len(list(run)) for _, run in itertools.groupby(kinds)) <= 5
    for name, share in answers.STRATEGY.shares().items():
        for third in (kinds[:33], kinds[33:66], kinds[66:]):
            assert abs(third.count(name) - share * 33) <= 4


def test_every_kind_has_posts_with_and_without_a_picture() -> None:
    seen = {(post.content_type, post.picture) for post in plan(200, 31).posts()}
    assert len(seen) == 2 * len(answers.STRATEGY.content_types)


def test_some_days_have_several_posts_and_some_none() -> None:
    numbers = [len(day.posts) for day in plan(20, 31).days]
    assert 0 in numbers
    assert max(numbers) >= 2


def test_posts_come_at_the_hours_of_the_weekday_and_not_on_the_full_hour() -> None:
    planned = list(plan(60, 31).posts())
    assert {int(post.time[:2]) for post in planned} <= {6, 12, 21}
    assert sum(post.time.endswith(":00") for post in planned) < 6
    assert len({post.time[3:] for post in planned}) > 20


def test_quiet_weekdays_stay_quiet() -> None:
    for posts in (10, 300, 1000):
        assert not any(day.posts for day in plan(posts, 31).days if day.date.weekday() == 6)


def test_a_quiet_day_is_used_when_nothing_else_is_left() -> None:
    sunday = date(2026, 12, 6)
    alone = plan(3, 1, start=sunday)
    assert len(alone.days[0].posts) == 3
    assert {int(post.time[:2]) for post in alone.posts()} <= {6, 12, 21}
    overfull = plan(MOST_A_DAY + 5, 2, start=date(2026, 12, 5))
    assert [len(day.posts) for day in overfull.days] == [MOST_A_DAY, 5]


def test_more_posts_than_fit_are_refused_with_the_days_that_would_do() -> None:
    with pytest.raises(BadInput, match=r"10000 posts do not fit into 1 day: .*10 days or more with --days"):
        plan(10_000, 1)
    assert sum(1 for _ in plan(10_000, 10).posts()) == 10_000


def test_the_same_seed_and_name_give_the_same_plan_and_others_do_not() -> None:
    assert plan(seed=3) == plan(seed=3)
    assert plan(seed=3) != plan(seed=4)
    assert plan(seed=3).days != plan(seed=3, persona=answers.persona("other")).days


def test_holidays_stand_in_the_calendar_in_the_characters_language() -> None:
    french = living_in("Europe/Paris", "FR").model_copy(update={"language": "fr"})
    calendar = plan(10, 31, persona=french)
    assert {day.date.day: day.holidays for day in calendar.days if day.holidays} == {25: ("Noël",)}
    assert calendar.language == "fr"
    assert calendar.country == "FR"
    assert calendar.time_zone == "Europe/Paris"
    assert calendar.planned_by == "mix"


@pytest.mark.parametrize(
    ("zone", "country", "day", "length", "skipped"),
    [
        ("Europe/Berlin", "DE", date(2026, 3, 29), 23, 2),
        ("America/New_York", "US", date(2026, 3, 8), 23, 2),
        ("Europe/Berlin", "DE", date(2026, 10, 25), 25, None),
        ("America/New_York", "US", date(2026, 11, 1), 25, None),
    ],
)
def test_a_clock_change_leaves_real_times_in_order(
    zone: str, country: str, day: date, length: int, skipped: int | None
) -> None:
    nightly = living_in(zone, country, hours=(1, 2, 3))
    calendar = plan(90, 1, start=day, persona=nightly)
    moments = [post.at(zone) for post in calendar.posts()]
    assert [f"{moment:%H:%M}" for moment in moments] == [post.time for post in calendar.posts()]
    stamps = [moment.timestamp() for moment in moments]
    assert stamps == sorted(set(stamps))
    midnights = [datetime.combine(day + timedelta(days=n), time(), ZoneInfo(zone)).timestamp() for n in (0, 1)]
    assert midnights[1] - midnights[0] == length * 3600
    assert len({moment.utcoffset() for moment in moments}) == 2
    if skipped is not None:
        assert skipped not in {moment.hour for moment in moments}


def test_an_hour_that_the_clock_skips_is_replaced_by_its_neighbours() -> None:
    nightly = living_in("Europe/Berlin", "DE", hours=(2,))
    calendar = plan(5, 1, start=date(2026, 3, 29), persona=nightly)
    assert {post.time[:2] for post in calendar.posts()} <= {"01", "03"}


def test_the_first_day_is_tomorrow_where_the_character_lives() -> None:
    def late() -> datetime:
        return datetime(2026, 12, 1, 23, 30, tzinfo=UTC)

    assert first_day(living_in("Asia/Tokyo", "JP"), late) == date(2026, 12, 3)
    assert first_day(living_in("America/New_York", "US"), late) == date(2026, 12, 2)


def test_a_card_from_elsewhere_is_planned_from_a_plain_mix() -> None:
    card = Persona(name="guest", given=Given(name="Guest", description="somebody"))
    calendar = plan(20, persona=card)
    assert len(list(calendar.posts())) == 20
    assert calendar.time_zone == "UTC"
    assert not any(day.holidays for day in calendar.days)


def test_a_calendar_that_holds_enough_is_left_alone() -> None:
    calendar = plan(10)
    assert extend_calendar(calendar, PERSONA, posts=10, days=15, start=None, seed=0) is calendar
    assert extend_calendar(calendar, PERSONA, posts=4, days=15, start=TUESDAY, seed=0) is calendar


@pytest.mark.parametrize("posts", [11, 20, 100, 2000])
def test_days_added_for_more_posts_leave_what_is_there_as_it_is(posts: int) -> None:
    calendar = plan(10)
    longer = extend_calendar(calendar, PERSONA, posts=posts, days=15, start=None, seed=0)
    assert longer.days[:15] == calendar.days
    assert len(list(longer.posts())) == posts
    assert Calendar.model_validate_json(longer.model_dump_json()) == longer
    kinds = Counter(post.content_type for post in longer.posts())
    for name, share in answers.STRATEGY.shares().items():
        assert abs(kinds[name] - share * posts) < 1


def test_a_later_start_adds_its_own_posts_behind_a_gap() -> None:
    calendar = plan(10)
    start = date(2027, 2, 1)
    longer = extend_calendar(calendar, PERSONA, posts=10, days=15, start=start, seed=0)
    assert longer.days[:15] == calendar.days
    assert [day.date for day in longer.days[15:]] == [start + timedelta(days=n) for n in range(15)]
    assert len(list(from_day(longer, start).posts())) == 10
    assert from_day(longer, None) == longer


def test_a_start_within_the_calendar_counts_the_posts_from_there_on() -> None:
    calendar = plan(10)
    start = TUESDAY + timedelta(days=7)
    longer = extend_calendar(calendar, PERSONA, posts=10, days=15, start=start, seed=0)
    assert longer.days[:15] == calendar.days
    assert len(list(from_day(longer, start).posts())) == 10


def test_kinds_of_another_hand_do_not_stop_an_extension() -> None:
    calendar = plan(10)
    posts = tuple(post.model_copy(update={"content_type": "shanty"}) for post in calendar.days[0].posts)
    days = (calendar.days[0].model_copy(update={"posts": posts}), *calendar.days[1:])
    longer = extend_calendar(calendar.model_copy(update={"days": days}), PERSONA, posts=25, days=15, start=None, seed=0)
    assert len(list(longer.posts())) == 25
