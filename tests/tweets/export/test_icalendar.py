"""The calendar file, read back by the parser of icalendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from files import Folders
from tests.readers_of_others import read
from tests.tweets.export.test_export import AWKWARD, BASE, LABEL, export, written
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


def test_a_reader_of_another_house_finds_each_moment_by_the_time_zones_in_the_file(tmp_path: Path) -> None:
    changes = {
        "Europe/Berlin": ("2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"),
        "America/New_York": ("2026-03-08T07:00:00+00:00", "2026-11-01T06:00:00+00:00"),
        "Australia/Lord_Howe": ("2026-10-03T15:30:00+00:00", "2026-04-04T15:00:00+00:00"),
        "Asia/Kolkata": ("2026-07-01T12:00:00+00:00",),
    }
    batches, moments, whole = [], [], written()
    for number, (zone, changed) in enumerate(changes.items()):
        near = [
            datetime.fromisoformat(one) + timedelta(minutes=shift) for one in changed for shift in range(-90, 91, 20)
        ]
        posts = [
            whole.posts[0].model_copy(update={"id": f"2026-12-01-{n}", "at": one.isoformat()})
            for n, one in enumerate(near, 1)
        ]
        batches.append(whole.model_copy(update={"key": f"{number:08x}", "time_zone": zone, "posts": tuple(posts)}))
        moments += [one.timestamp() for one in near]
    (path,) = export(Folders(tmp_path), "ics", batches=batches)
    (found,) = read("calendar", path.read_text(encoding="utf-8"))
    assert [one["at"] for one in found] == moments
    assert {one["zone"] for one in found} == {*changes, "UTC"}  # an hour that comes twice is told in UTC
    assert len({one["id"] for one in found}) == len(moments)
    assert {one["title"] for one in found} == {'Mira: Tea, "quoted" and a second line; 茶 ☕ =1+1'}
