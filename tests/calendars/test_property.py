"""What holds for every plan, in whatever zone, from whatever day on, however many posts."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from calendars.plan import extend_calendar, plan_calendar
from calendars.schema import Calendar
from calendars.times import QuietHours, is_quiet
from persona.schema.persona import Persona
from tests import answers
from tests.properties import steady

# Those where the clock does unusual things beside all others: half an hour, at midnight, a whole day left out.
ODD = ("Australia/Lord_Howe", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu")
zones = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones()))
hours = st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True).map(sorted)
evenings = st.none() | st.tuples(st.integers(1200, 1439), st.integers(0, 480))


def living_in(zone: str, rhythm: list[int]) -> Persona:
    facts = answers.CORE.facts
    home = facts.home.model_copy(update={"time_zone": zone})
    core = answers.CORE.model_copy(update={"facts": facts.model_copy(update={"home": home})})
    days = tuple(day.model_copy(update={"hours": tuple(rhythm)}) for day in answers.STRATEGY.rhythm)
    return answers.persona().model_copy(
        update={"core": core, "strategy": answers.STRATEGY.model_copy(update={"rhythm": days})}
    )


def assert_holds(calendar: Calendar, zone: str, quiet: QuietHours | None) -> None:
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
    dates = [day.date for day in calendar.days]
    assert dates == sorted(set(dates))
    posts = list(calendar.posts())
    assert len({post.id for post in posts}) == len(posts)
    moments = [post.at(zone) for post in posts]
    # The times stand on the local clock, and one after the other for the whole world too.
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in moments] == [f"{post.day} {post.time}" for post in posts]
    assert moments == sorted(moments)
    assert quiet is None or not any(is_quiet(post.minute, quiet) for post in posts)


@steady
@given(
    zone=zones,
    rhythm=hours,
    start=st.dates(date(2011, 1, 1), date(2037, 12, 1)),
    days=st.integers(1, 40),
    posts=st.integers(1, 120),
    more=st.integers(0, 60),
    seed=st.integers(0, 9),
    quiet=evenings,
)
@example("Pacific/Apia", [2], date(2011, 12, 29), 3, 50, 10, 0, None)
@example("America/Havana", [0], date(2026, 3, 8), 1, 50, 0, 0, None)
@example("Europe/Berlin", [2], date(2026, 3, 29), 1, 100, 30, 0, (1320, 60))
def test_any_plan_and_its_extension_stand_on_the_local_clock(
    zone: str, rhythm: list[int], start: date, days: int, posts: int, more: int, seed: int, quiet: QuietHours | None
) -> None:
    persona = living_in(zone, rhythm)
    calendar = plan_calendar(persona, posts=posts, days=days, start=start, seed=seed, quiet=quiet)
    assert [day.date for day in calendar.days] == [start + timedelta(days=number) for number in range(days)]
    assert sum(len(day.posts) for day in calendar.days) == posts
    assert_holds(calendar, zone, quiet)
    longer = extend_calendar(calendar, persona, posts=posts + more, days=days, start=None, seed=seed, quiet=quiet)
    assert longer.days[: len(calendar.days)] == calendar.days
    assert sum(len(day.posts) for day in longer.days) == posts + more
    assert_holds(longer, zone, quiet)
