"""The calendar file, read back by the parser of icalendar."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from icalendar import Calendar, Event

from files import Folders
from tests.test_tweets_export import AWKWARD, BASE, LABEL, export, written
from tweets.schema import TweetBatch


def at(moment: str, whole: TweetBatch) -> TweetBatch:
    """One post of `whole`, at this moment."""
    return whole.model_copy(update={"posts": (whole.posts[0].model_copy(update={"at": moment}),)})


def opened(folders: Folders, *batches: TweetBatch, url: str = BASE) -> Calendar:
    (path,) = export(folders, "ics", batches=batches, url=url)
    calendar = Calendar.from_ical(path.read_bytes())
    assert isinstance(calendar, Calendar)
    return calendar


def start(event: Event) -> datetime:
    assert isinstance(event.start, datetime)
    return event.start


def events(calendar: Calendar) -> list[Event]:
    return list(calendar.events)


def test_the_posts_come_back_as_events(tmp_path: Path) -> None:
    calendar = opened(Folders(tmp_path), written())
    first, second, plain = events(calendar)
    assert calendar["METHOD"] == "PUBLISH"
    assert AWKWARD in str(first["DESCRIPTION"])
    assert "A kettle on a stove." in str(first["DESCRIPTION"])
    assert datetime.fromisoformat(LABEL.created) == first.DTSTAMP
    assert str(first["ATTACH"]) == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    assert first["ATTACH"].params["FMTTYPE"] == "image/png"
    assert "ATTACH" not in plain
    assert len({str(event["UID"]) for event in (first, second, plain)}) == 3
    for event in (first, second, plain):
        assert "AI-generated" in event.categories
        assert str(event["X-MADE-WITH-AI"]) == "TRUE"
        assert "AI-generated" in str(event["DESCRIPTION"])


def test_every_zone_comes_once_and_before_the_posts_that_need_it(tmp_path: Path) -> None:
    zones = ("Europe/Berlin", "America/New_York", "UTC", "Europe/Berlin")
    batches = [written(key=f"{n:08x}").model_copy(update={"time_zone": zone}) for n, zone in enumerate(zones)]
    calendar = opened(Folders(tmp_path), *batches)
    assert sorted(zone.tz_name for zone in calendar.timezones) == ["America/New_York", "Europe/Berlin"]
    assert calendar.get_missing_tzids() == set()
    text = (Folders(tmp_path).exports / "calendar.ics").read_text(encoding="utf-8")
    assert text.index("TZID:America/New_York") < text.index("TZID=America/New_York")
    assert all(len(line.encode()) <= 75 for line in text.splitlines() if "\x85" not in line)
    assert text.endswith("END:VCALENDAR\n")


def test_local_time_holds_on_both_sides_of_a_clock_change(tmp_path: Path) -> None:
    moments = ("2026-10-24T08:00:00+02:00", "2026-10-26T08:00:00+01:00")
    calendar = opened(Folders(tmp_path), *(at(moment, written(key=f"{n:08x}")) for n, moment in enumerate(moments)))
    for event, moment in zip(events(calendar), moments, strict=True):
        assert start(event).hour == 8
        assert start(event) == datetime.fromisoformat(moment)
    zone = calendar.timezones[0].to_tz(lookup_tzid=False)  # as the file itself describes it
    for moment in moments:
        offset = datetime.fromisoformat(moment[:19]).replace(tzinfo=zone).utcoffset()
        assert offset == datetime.fromisoformat(moment).utcoffset()


def test_the_second_pass_of_an_hour_is_not_taken_for_the_first(tmp_path: Path) -> None:
    moments = ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00")
    calendar = opened(Folders(tmp_path), *(at(moment, written(key=f"{n:08x}")) for n, moment in enumerate(moments)))
    starts = [start(event).astimezone(UTC) for event in events(calendar)]
    assert starts == [datetime.fromisoformat(moment) for moment in moments]


def test_without_an_address_the_picture_is_found_beside_the_file(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    event = events(opened(folders, written(), url=""))[0]
    picture = folders.picture("mira", "0123abcd", "2026-12-01-1")
    assert (folders.exports / str(event["ATTACH"])).resolve() == picture.resolve()
