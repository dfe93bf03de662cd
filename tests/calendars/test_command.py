"""Calendars on the command line: flags, and what a calendar that cannot be used says before anything is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from persona.cards.card import write_persona
from tests import answers
from tests.command import Done, command


def a_day(number: int = 1, posts: int = 1, **changes: Any) -> dict[str, Any]:
    day = f"2026-12-{number:02}"
    planned = [
        {"id": f"{day}-{n}", "time": "09:30", "content_type": "shed report"} | changes for n in range(1, posts + 1)
    ]
    return {"date": day, "posts": planned}


async def posts(folder: Path, calendar: dict[str, Any], *more: object) -> Done:
    """Write the posts of Marra by this calendar, in rehearsal."""
    write_persona(folder / "marra.json", answers.persona())
    path = folder / "calendar.json"
    path.write_text(json.dumps(calendar), encoding="utf-8")
    given = ("--persona", folder / "marra.json", "--calendar", path)
    return await command(*given, *more, "--rehearse", "--out", folder / "out", "--json")


async def test_a_calendar_by_hand_is_followed_to_the_minute(tmp_path: Path) -> None:
    days = [a_day(3), {"date": "2026-12-04"}, a_day(5, theme="A bell came by post.")]
    done = await posts(tmp_path, {"time_zone": "Europe/Oslo", "days": days})
    assert done.code == 0, done.err
    (path,) = (tmp_path / "out" / "output_standalone").glob("*.json")
    written = json.loads(path.read_text(encoding="utf-8"))["posts"]
    assert [post["at"] for post in written] == ["2026-12-03T09:30:00+01:00", "2026-12-05T09:30:00+01:00"]
    assert written[1]["theme"] == "A bell came by post."


@pytest.mark.parametrize(
    ("calendar", "said"),
    [
        ({"days": [{"date": "2027-02-30", "posts": []}]}, "'2027-02-30' is no date"),
        ({"time_zone": "Europe/Atlantis", "days": [a_day()]}, "'Europe/Atlantis' is no IANA time zone"),
        ({"days": [a_day(posts=10_000)]}, "day 1 (2026-12-01), posts: there are 10000; at most 1000 fit in a day"),
        ({"days": [a_day(posts=2, id="2026-12-01-1")]}, "the id 2026-12-01-1 is used twice"),
        ({"persona": "nobody", "days": [a_day()]}, "is the calendar of 'nobody', who is not the persona of"),
        ({"format": 0, "days": [a_day()]}, "has format 0; this version reads calendars of format 1"),
        ({"days": [a_day(2), a_day(1)]}, "the days are not in order: 2026-12-01 follows 2026-12-02"),
    ],
    ids=["30 february", "zone", "ten thousand", "twice", "nobody", "older", "order"],
)
async def test_a_bad_calendar_is_refused_in_one_sentence_before_anything_is_asked(
    tmp_path: Path, calendar: dict[str, Any], said: str
) -> None:
    done = await posts(tmp_path, calendar)
    assert done.code == 2, done.err
    lines = [line for line in done.err.splitlines() if said in line]
    assert len(lines) == 1, done.err
    assert "Traceback" not in done.err
    assert not [path for path in (tmp_path / "out").rglob("*-*.json") if path.parent.name != "reports"]


async def test_a_persona_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = await command("--persona", tmp_path / "gone.json", "--tweets", 1, "--rehearse", "--out", tmp_path)
    assert done.code == 2
    assert f"There is no file {tmp_path}/gone.json" in done.err


async def test_a_calendar_that_nobody_needs_is_left_aside_and_told(tmp_path: Path) -> None:
    write_persona(tmp_path / "marra.json", answers.persona())
    for name in ("marra", "zed"):
        text = json.dumps({"persona": name, "days": [a_day()]})
        (tmp_path / f"{name}-days.json").write_text(text, encoding="utf-8")
    given = ("--batch-mode", "--personas", tmp_path / "marra.json", "--calendars", f"{tmp_path}/*-days.json")
    done = await command(*given, "--rehearse", "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "zed-days.json is left aside: no persona of this command is 'zed'" in done.err


async def test_posts_per_day_and_quiet_hours_shape_a_new_calendar(tmp_path: Path) -> None:
    write_persona(tmp_path / "marra.json", answers.persona())
    flags = ("--days", 4, "--posts-per-day", 3, "--quiet-hours", "20-12", "--start-date", "2026-12-01")
    done = await command("--persona", tmp_path / "marra.json", *flags, "--rehearse", "--out", tmp_path, "--json")
    assert done.code == 0, done.err
    calendar = json.loads((tmp_path / "calendars" / "marra.json").read_text(encoding="utf-8"))
    assert [day["date"] for day in calendar["days"]] == [f"2026-12-0{n}" for n in range(1, 5)]
    times = [post["time"] for day in calendar["days"] for post in day["posts"]]
    assert len(times) == 12
    assert all("12:00" <= time < "20:00" for time in times)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--tweets", 3, "--days", 3, "--posts-per-day", 1), "give two of the three"),
        (("--posts-per-day", 1, "--calendar", "x.json"), "--posts-per-day is for calendars that are planned"),
        (("--quiet-hours", "23-7", "--calendar", "x.json"), "--quiet-hours is for calendars that are planned"),
        (("--quiet-hours", "7-7"), "7-7: it leaves no time for a post"),
        (("--posts-per-day", "0"), "it must be a number above 0"),
        (("--start-date", "2027-02-30"), "write a date that exists"),
    ],
)
async def test_flags_that_make_no_sense_are_usage_errors(tmp_path: Path, flags: tuple[object, ...], said: str) -> None:
    done = await command("--persona", "x.json", *flags, "--out", tmp_path / "out")
    assert done.code == 2
    assert said in done.err
