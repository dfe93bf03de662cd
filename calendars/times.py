"""Times of day on a local clock: a character's hours, the quiet hours, and the minutes that a clock change skips.

Counting and drawing; knows no calendars and no files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

QuietHours = tuple[int, int]  # minutes of the day: from the first, up to the second; they may pass midnight


def times_on(
    day: date, hours: Collection[int], number: int, zone: ZoneInfo, quiet: QuietHours | None, random: Random
) -> list[time]:
    """`number` different times within `hours`, in order; neighbouring hours help out when these are too few."""
    nearest = sorted(range(24), key=lambda hour: (min(_apart(hour, own) for own in hours), hour))
    for used in range(len(set(hours)), 25):
        minutes = minutes_on(day, sorted(nearest[:used]), zone, quiet)
        if len(minutes) >= number:
            break
    chosen = (minutes[index] for index in one_in_each_part(len(minutes), number, random))
    return [time(*divmod(minute, 60)) for minute in chosen]


def minutes_on(day: date, hours: Sequence[int] | range, zone: ZoneInfo, quiet: QuietHours | None) -> list[int]:
    """The minutes of the day within `hours` that exist on the clock, and that are not quiet."""
    minutes = [60 * hour + minute for hour in hours for minute in range(60)]
    if quiet is not None:
        minutes = [minute for minute in minutes if not is_quiet(minute, quiet)]
    ends = (datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone))
    if ends[0].utcoffset() == ends[1].utcoffset():
        return minutes
    return [minute for minute in minutes if _exists(datetime.combine(day, time(*divmod(minute, 60)), zone))]


def is_quiet(minute: int, quiet: QuietHours) -> bool:
    """Whether a minute of the day lies within the quiet hours."""
    begin, end = quiet
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def one_in_each_part(length: int, parts: int, random: Random) -> list[int]:
    """`parts` different indices below `length`, in order, one drawn from each equal part."""
    return [random.randrange(part * length // parts, (part + 1) * length // parts) for part in range(parts)]


def _apart(hour: int, other: int) -> int:
    """Around midnight: 23 and 0 are neighbours."""
    return min(abs(hour - other), 24 - abs(hour - other))


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) == local
