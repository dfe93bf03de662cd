"""Posts as appointments: one iCalendar file that any calendar opens, each post at its character's local time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from files import writing
from settings import TOOL
from tweets.export.lists import Write
from tweets.export.post import ExportedPost

if TYPE_CHECKING:
    from icalendar import Event, Timezone

_SHOWN = timedelta(minutes=15)  # how long a post is in a view of the day
_TITLE = 60
_END = b"END:VCALENDAR\r\n"


@contextlib.contextmanager
def as_calendar(path: Path) -> Iterator[Write]:
    """The time zones are written as they come up, before the first post that needs them."""
    from icalendar import Calendar

    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", f"-//{TOOL}//EN")
    whole.add("method", "PUBLISH")
    zones: set[str] = set()
    with writing(path) as file:
        file.write(whole.to_ical().removesuffix(_END))

        def write(post: ExportedPost) -> None:
            event = _event(post)
            if post.batch.time_zone not in zones:
                zones.add(post.batch.time_zone)
                first = Calendar()
                first.add_component(event)
                first.add_missing_timezones()
                for zone in first.timezones:
                    _mend(zone)
                    file.write(zone.to_ical())
            file.write(event.to_ical())

        yield write
        file.write(_END)


def _mend(zone: Timezone) -> None:
    """Tell each change of the clocks by the clock before it, as RFC 5545 (3.6.5) says, and on a line of its own.

    The library tells the changes of spring by the clock after them, so that readers place the next hour an hour late;
    and it puts all changes into one list, of which some readers see the first alone.
    """
    from icalendar import vDDDLists, vDDDTypes

    place = ZoneInfo(zone.tz_name)
    for part in zone.subcomponents:
        before, after = part.TZOFFSETFROM, part.TZOFFSETTO
        part["DTSTART"] = vDDDTypes(_by_clock_before(part.DTSTART, before, after, place))
        if part.rdates:
            part["RDATE"] = [vDDDLists([_by_clock_before(one, before, after, place)]) for one, *_ in part.rdates]


def _by_clock_before(local: datetime, before: timedelta, after: timedelta, place: ZoneInfo) -> datetime:
    """The change that `local` tells by the clock before it or after it, by the clock before it."""
    for offset in (before, after):
        moment = (local - offset).replace(tzinfo=UTC)
        offsets = tuple(at.astimezone(place).utcoffset() for at in (moment - timedelta(seconds=1), moment))
        if offsets == (before, after):
            return (moment + before).replace(tzinfo=None)
    return local


def _event(post: ExportedPost) -> Event:
    from icalendar import Event

    batch, tweet = post.batch, post.post
    event = Event()
    event.add("uid", f"{post.id.replace('/', '.')}@dramatis")
    event.add("dtstamp", _stamp(post))
    # An hour that the clock passes twice has one name, and readers differ about which one it means.
    other = post.at.replace(fold=1 - post.at.fold)
    event.add("dtstart", post.at if post.at.utcoffset() == other.utcoffset() else post.at.astimezone(UTC))
    event.add("duration", _SHOWN)
    event.add("transp", "TRANSPARENT")
    event.add("summary", f"{batch.character}: {_title(tweet.text)}")
    event.add("description", _description(post))
    event.add("categories", [tweet.content_type, post.ai.label])
    event.add("x-made-with-ai", "TRUE")
    if post.place:
        # What is no web address is relative to this file.
        event.add("attach", post.url or quote(post.place), parameters={"FMTTYPE": post.media_type})
    return event


def _stamp(post: ExportedPost) -> datetime:
    """When the post was written; of one without a label, its own moment. The hour of the export changes no byte."""
    try:
        written = datetime.fromisoformat(post.ai.created)
    except ValueError:
        return post.at.astimezone(UTC)
    return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)


def _title(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _TITLE else words[: _TITLE - 1].rstrip() + "…"


def _description(post: ExportedPost) -> str:
    picture = (f"Picture: {post.post.alt_text or post.place}",) if post.place else ()
    return "\n\n".join((*post.post.parts, *picture, f"{post.ai.label}. Fiction."))
