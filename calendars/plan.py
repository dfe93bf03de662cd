"""Plan a persona's posts: which days, which times, which kinds. Counting and drawing, no model, no files.

The same seed and persona give the same plan. Themes come later, from the model or from nobody.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from calendars.days import hours_on, posts_per_day
from calendars.holidays import holidays_of, observances_of
from calendars.own_dates import own_dates_of
from calendars.schema import Calendar, Day, PlannedPost
from calendars.times import QuietHours, minutes_on, times_on
from errors import BadInput
from files import digest
from persona.schema.persona import Persona
from values import MOST_A_DAY

T = TypeVar("T")


def first_day(persona: Persona, clock: Callable[[], datetime]) -> date:
    """The day after today where the character lives. `clock` gives a moment with its offset."""
    return clock().astimezone(ZoneInfo(persona.time_zone)).date() + timedelta(days=1)


def plan_calendar(
    persona: Persona, *, posts: int, days: int, start: date, seed: int, quiet: QuietHours | None = None
) -> Calendar:
    """Exactly `posts` planned posts over `days` days from `start`, in the character's own time zone.

    No time lies within the `quiet` hours.
    """
    bare = Calendar(
        persona=persona.name,
        time_zone=persona.time_zone,
        country=persona.country,
        language=persona.language,
        planned_by="mix",
        days=(Day(date=start),),
    )
    return bare.model_copy(update={"days": _plan_days(bare, persona, posts, _dates(start, days), seed, quiet)})


def extend_calendar(
    calendar: Calendar,
    persona: Persona,
    *,
    posts: int,
    days: int,
    start: date | None,
    seed: int,
    quiet: QuietHours | None = None,
) -> Calendar:
    """`calendar` with days added behind its last, so that it holds `posts` posts from `start` (None: its first day) on.

    What is there stays as it is. A calendar that holds enough is returned unchanged. Where `posts` asks for
    a part of them only, as many days are added as that part of `days`.
    """
    there = sum(1 for post in calendar.posts() if start is None or post.day >= start)
    extra = posts - there
    if extra <= 0:
        return calendar
    begin = calendar.days[-1].date + timedelta(days=1)
    if start is not None:
        begin = max(begin, start)
    span = max(math.ceil(days * extra / posts), math.ceil(extra / MOST_A_DAY))
    added = _plan_days(calendar, persona, extra, _dates(begin, span), seed, quiet)
    return calendar.model_copy(update={"days": calendar.days + added})


def from_day(calendar: Calendar, start: date | None) -> Calendar:
    """The part of `calendar` that begins on `start`; all of it when nothing is planned from then on."""
    days = tuple(day for day in calendar.days if start is None or day.date >= start)
    return calendar.model_copy(update={"days": days}) if any(day.posts for day in days) else calendar


def _plan_days(
    calendar: Calendar, persona: Persona, posts: int, dates: Sequence[date], seed: int, quiet: QuietHours | None
) -> tuple[Day, ...]:
    """`posts` posts on `dates`, so that `calendar` with them keeps the persona's shares."""
    strategy = persona.mix
    random = Random(int(digest("calendar", seed, persona.name, dates[0].isoformat(), length=16), 16))
    zone = ZoneInfo(calendar.time_zone)
    room = [min(MOST_A_DAY, len(minutes_on(day, range(24), zone, quiet))) for day in dates]
    if posts > sum(room):
        raise _too_many(posts, room)
    own = own_dates_of(persona, dates)
    numbers = posts_per_day(strategy, dates, own, posts, room, random)

    there = list(calendar.posts())
    kinds = _missing(strategy.shares(), Counter(post.content_type for post in there), posts)
    share = {True: strategy.picture_share, False: 1 - strategy.picture_share}
    pictures = _missing(share, Counter(post.picture for post in there), posts)
    rows = zip(_mixed(kinds, random), _mixed(pictures, random), strict=True)

    place = (calendar.country, calendar.language, dates[0], len(dates))
    holidays, observances = holidays_of(*place), observances_of(*place)
    planned = []
    for day, number in zip(dates, numbers, strict=True):
        times = times_on(day, hours_on(strategy, day), number, zone, quiet, random)
        made = tuple(
            PlannedPost(id=f"{day}-{n}", time=at.strftime("%H:%M"), content_type=kind, picture=picture)
            for n, (at, (kind, picture)) in enumerate(zip(times, rows, strict=False), 1)
        )
        planned.append(
            Day(
                date=day,
                holidays=holidays.get(day, ()),
                observances=observances.get(day, ()),
                own_dates=own.get(day, ()),
                posts=made,
            )
        )
    return tuple(planned)


def _too_many(posts: int, room: Sequence[int]) -> BadInput:
    days = "1 day" if len(room) == 1 else f"{len(room)} days"
    return BadInput(
        f"{posts} posts do not fit into {days}: a day takes {max(room)} at most.",
        f"Ask for fewer with --tweets, or for {math.ceil(posts / max(room))} days or more with --days.",
    )


def _dates(start: date, days: int) -> list[date]:
    return [start + timedelta(days=number) for number in range(days)]


def _missing(shares: Mapping[T, float], there: Mapping[T, int], number: int) -> dict[T, int]:
    """Which `number` items bring what is there closest to `shares`."""
    aim = _whole_counts(shares, sum(there.values()) + number)
    lacking = {item: max(0, count - there.get(item, 0)) for item, count in aim.items()}
    return _whole_counts({item: count / sum(lacking.values()) for item, count in lacking.items()}, number)


def _whole_counts(shares: Mapping[T, float], total: int) -> dict[T, int]:
    """Whole numbers that add up to `total`, by largest remainder; ties go to the earlier."""
    counts = {item: math.floor(share * total + 1e-9) for item, share in shares.items()}
    remainders = sorted(shares, key=lambda item: counts[item] - shares[item] * total)
    for item in remainders[: total - sum(counts.values())]:
        counts[item] += 1
    return counts


def _mixed(counts: Mapping[T, int], random: Random) -> list[T]:
    """Every item as often as counted, each spread over the whole list instead of standing in a block."""
    places = [
        ((number + random.random()) / count, order, item)
        for order, (item, count) in enumerate(counts.items())
        for number in range(count)
    ]
    return [item for _, _, item in sorted(places, key=lambda place: place[:2])]
