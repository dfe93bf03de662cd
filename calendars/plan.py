"""Plan a persona's posts: which days, which times, which kinds. Counting and drawing, no model, no files.

The same seed and persona give the same plan. Themes come later, from the model or from nobody.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from calendars.holidays import holidays_of
from calendars.schema import MOST_POSTS_A_DAY, Calendar, Day, PlannedPost
from errors import BadInput
from files import digest
from persona.schema import WEEKDAYS, Persona, Strategy

T = TypeVar("T")


def first_day(persona: Persona, clock: Callable[[], datetime]) -> date:
    """The day after today where the character lives. `clock` gives a moment with its offset."""
    return clock().astimezone(ZoneInfo(persona.time_zone)).date() + timedelta(days=1)


def plan_calendar(persona: Persona, *, posts: int, days: int, start: date, seed: int) -> Calendar:
    """Exactly `posts` planned posts over `days` days from `start`, in the character's own time zone."""
    bare = Calendar(
        persona=persona.name,
        time_zone=persona.time_zone,
        country=persona.country,
        language=persona.language,
        planned_by="mix",
        days=(Day(date=start),),
    )
    return bare.model_copy(update={"days": _plan_days(bare, persona, posts, _dates(start, days), seed)})


def extend_calendar(
    calendar: Calendar, persona: Persona, *, posts: int, days: int, start: date | None, seed: int
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
    span = max(math.ceil(days * extra / posts), math.ceil(extra / MOST_POSTS_A_DAY))
    added = _plan_days(calendar, persona, extra, _dates(begin, span), seed)
    return calendar.model_copy(update={"days": calendar.days + added})


def from_day(calendar: Calendar, start: date | None) -> Calendar:
    """The part of `calendar` that begins on `start`; all of it when nothing is planned from then on."""
    days = tuple(day for day in calendar.days if start is None or day.date >= start)
    return calendar.model_copy(update={"days": days}) if any(day.posts for day in days) else calendar


def _plan_days(calendar: Calendar, persona: Persona, posts: int, dates: Sequence[date], seed: int) -> tuple[Day, ...]:
    """`posts` posts on `dates`, so that `calendar` with them keeps the persona's shares."""
    strategy = persona.mix
    random = Random(int(digest("calendar", seed, persona.name, dates[0].isoformat(), length=16), 16))
    zone = ZoneInfo(calendar.time_zone)
    numbers = _posts_per_day(strategy, dates, posts, zone, random)

    there = list(calendar.posts())
    kinds = _missing(strategy.shares(), Counter(post.content_type for post in there), posts)
    share = {True: strategy.picture_share, False: 1 - strategy.picture_share}
    pictures = _missing(share, Counter(post.picture for post in there), posts)
    rows = zip(_mixed(kinds, random), _mixed(pictures, random), strict=True)

    names = holidays_of(calendar.country, calendar.language, dates[0], len(dates))
    planned = []
    for day, number in zip(dates, numbers, strict=True):
        times = _times(day, _hours(strategy, day), number, zone, random)
        made = tuple(
            PlannedPost(id=f"{day}-{n}", time=at.strftime("%H:%M"), content_type=kind, picture=picture)
            for n, (at, (kind, picture)) in enumerate(zip(times, rows, strict=False), 1)
        )
        planned.append(Day(date=day, holidays=names.get(day, ()), posts=made))
    return tuple(planned)


def _posts_per_day(strategy: Strategy, dates: Sequence[date], posts: int, zone: ZoneInfo, random: Random) -> list[int]:
    """How many posts each day gets, in step with the hours of its weekday; quiet days when nothing else is left."""
    rhythm = _rhythm(strategy)
    weights = [len(rhythm[day.weekday()]) for day in dates]
    if not any(weights):
        weights = [1] * len(dates)
    moments = [index for index, weight in enumerate(weights) for _ in range(weight)]
    every, rest = divmod(posts, len(moments))
    numbers = Counter({index: every * weight for index, weight in enumerate(weights)})
    numbers.update(moments[chosen] for chosen in _one_in_each_part(len(moments), rest, random))

    room = [min(MOST_POSTS_A_DAY, len(_minutes(day, range(24), zone))) for day in dates]
    too_many = sum(max(0, numbers[index] - most) for index, most in enumerate(room))
    if posts > sum(room):
        raise BadInput(
            f"{posts} posts do not fit into {len(dates)} days: a day takes {MOST_POSTS_A_DAY} at most.",
            f"Ask for fewer with --tweets, or for {math.ceil(posts / MOST_POSTS_A_DAY)} days or more with --days.",
        )
    for index in sorted(range(len(dates)), key=lambda index: weights[index] == 0):
        taken = min(too_many, max(0, room[index] - numbers[index]))
        numbers[index] = min(numbers[index], room[index]) + taken
        too_many -= taken
    return [numbers[index] for index in range(len(dates))]


def _rhythm(strategy: Strategy) -> list[set[int]]:
    """The hours of each weekday, monday first."""
    hours: dict[str, set[int]] = {day.weekday: set(day.hours) for day in strategy.rhythm}
    return [hours[weekday] for weekday in WEEKDAYS]


def _hours(strategy: Strategy, day: date) -> list[int]:
    """The hours of this day's weekday; those of the other weekdays where it has none of its own."""
    rhythm = _rhythm(strategy)
    return sorted(rhythm[day.weekday()] or set().union(*rhythm))


def _times(day: date, hours: Sequence[int], number: int, zone: ZoneInfo, random: Random) -> list[time]:
    """`number` different times within `hours`, in order; neighbouring hours help out when these are too few."""
    nearest = sorted(range(24), key=lambda hour: (min(abs(hour - own) for own in hours), hour))
    for used in range(len(hours), 25):
        minutes = _minutes(day, sorted(nearest[:used]), zone)
        if len(minutes) >= number:
            break
    chosen = (minutes[index] for index in _one_in_each_part(len(minutes), number, random))
    return [time(*divmod(minute, 60)) for minute in chosen]


def _minutes(day: date, hours: Sequence[int] | range, zone: ZoneInfo) -> list[int]:
    """The minutes of the day within `hours` that exist on the clock: a change to summer time skips some."""
    minutes = [60 * hour + minute for hour in hours for minute in range(60)]
    ends = (datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone))
    if ends[0].utcoffset() == ends[1].utcoffset():
        return minutes
    return [minute for minute in minutes if _exists(datetime.combine(day, time(*divmod(minute, 60)), zone))]


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) == local


def _dates(start: date, days: int) -> list[date]:
    return [start + timedelta(days=number) for number in range(days)]


def _one_in_each_part(length: int, parts: int, random: Random) -> list[int]:
    """`parts` different indices below `length`, in order, one drawn from each equal part."""
    return [random.randrange(part * length // parts, (part + 1) * length // parts) for part in range(parts)]


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
