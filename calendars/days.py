"""How many posts each day gets: in step with the hours of its weekday, with quiet days and bursts.

Counting and drawing; knows no files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from random import Random

from calendars.times import one_in_each_part
from persona.schema.answers import Strategy
from values import WEEKDAYS

WEEK = 7
BUSY = 3  # times as many posts as on other days
FEWEST = 4  # days with posts in a week that can spare one


def posts_per_day(
    strategy: Strategy,
    dates: Sequence[date],
    own: Collection[date],
    posts: int,
    room: Sequence[int],
    random: Random,
) -> list[int]:
    """`posts` posts spread over `dates`, at most `room` on each; the sum of `room` must hold them.

    In each week one day stays quiet and one, rather an `own` date, is busy. Days that are quiet are used when
    nothing else is left, the quiet weekdays of the strategy last of all.
    """
    usual = _hours_of(strategy, dates)
    weights = _uneven(usual, dates, own, random)
    moments = [index for index, weight in enumerate(weights) for _ in range(weight)]
    every, rest = divmod(posts, len(moments))
    numbers = Counter({index: every * weight for index, weight in enumerate(weights)})
    numbers.update(moments[chosen] for chosen in one_in_each_part(len(moments), rest, random))

    too_many = sum(max(0, numbers[index] - most) for index, most in enumerate(room))
    for index in sorted(range(len(dates)), key=lambda index: (not weights[index], not usual[index])):
        taken = min(too_many, max(0, room[index] - numbers[index]))
        numbers[index] = min(numbers[index], room[index]) + taken
        too_many -= taken
    return [numbers[index] for index in range(len(dates))]


def hours_on(strategy: Strategy, day: date) -> set[int]:
    """The hours of this day's weekday; those of the other weekdays where it has none of its own."""
    rhythm = _rhythm(strategy)
    return rhythm[day.weekday()] or set().union(*rhythm)


def _hours_of(strategy: Strategy, dates: Sequence[date]) -> list[int]:
    """The number of hours on each day; all alike when every day is a quiet one."""
    rhythm = _rhythm(strategy)
    hours = [len(rhythm[day.weekday()]) for day in dates]
    return hours if any(hours) else [1] * len(dates)


def _uneven(usual: Sequence[int], dates: Sequence[date], own: Collection[date], random: Random) -> list[int]:
    """`usual` with a quiet day and a busy one in each week from the first day on."""
    weights = list(usual)
    for begin in range(0, len(weights), WEEK):
        days = [index for index in range(begin, min(begin + WEEK, len(weights))) if weights[index]]
        if len(days) < FEWEST:
            continue
        busy = random.choice([index for index in days if dates[index] in own] or days)
        weights[busy] *= BUSY
        spare = [index for index in days if index != busy and dates[index] not in own]
        if spare:
            weights[random.choice(spare)] = 0
    return weights


def _rhythm(strategy: Strategy) -> list[set[int]]:
    """The hours of each weekday, monday first."""
    hours: dict[str, set[int]] = {day.weekday: set(day.hours) for day in strategy.rhythm}
    return [hours[weekday] for weekday in WEEKDAYS]
