"""What docs/ says of calendars is what the program does; `python -m tests.calendar_pages` writes it anew."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from calendars.calendar_file import read_calendar
from calendars.plan import plan_calendar
from calendars.story import with_story_parts
from tests import answers
from tests.calendar_pages import PAGE, SCHEMA, clock_rows, holiday_rows, page, schema_text

TEXT = PAGE.read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def by_hand() -> Any:
    """The example of the page."""
    found = re.search("```json\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_schema_and_tables_are_those_of_the_program() -> None:
    remedy = "python -m tests.calendar_pages"
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), remedy
    assert page(TEXT) == TEXT, remedy


def test_the_example_is_a_calendar(tmp_path: Path) -> None:
    VALIDATOR.validate(by_hand())
    path = tmp_path / "mira.json"
    path.write_text(json.dumps(by_hand()), encoding="utf-8")
    assert [post.content_type for post in read_calendar(path).posts()] == ["from the job", "before sleep"]


def test_planned_calendars_are_as_the_schema_says() -> None:
    planned = plan_calendar(answers.persona(), posts=30, days=31, start=date(2026, 12, 1), seed=0)
    VALIDATOR.validate(with_story_parts(planned).model_dump(mode="json"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("time", "25:00"), ("id", "first"), ("id", "2026-12-01-0"), ("content_type", None), ("theme", 3)],
)
def test_the_schema_refuses_a_bad_post(field: str, value: Any) -> None:
    calendar = by_hand()
    calendar["days"][0]["posts"][0][field] = value
    assert list(VALIDATOR.iter_errors(calendar))


@pytest.mark.parametrize("change", [{"days": []}, {"format": 2}, {"planned_by": "magic"}, {"days": [{"posts": []}]}])
def test_the_schema_refuses_a_bad_calendar(change: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(by_hand() | change))
    assert list(VALIDATOR.iter_errors({"days": [{"date": "2026-12-01", "posts": by_hand()["days"][0]["posts"] * 501}]}))


def test_twelve_countries_have_their_days_in_their_own_words() -> None:
    _, *rows = holiday_rows()
    named = {row[0]: row[2] for row in rows}
    assert len(named) == 12
    assert "5 어린이날" in named["Korea"]
    assert "こどもの日" in named["Japan"]
    assert "14 Kristi himmelsfärdsdag" in named["Sweden"]
    assert "14 Ascension" in named["France"]
    assert "25 Memorial Day" in named["United States"]


def test_posts_stand_at_local_times_over_each_change_of_the_clock() -> None:
    _, *rows = clock_rows()
    offsets: dict[str, list[str]] = {}
    for zone, planned, local, utc in rows:
        assert planned.replace(" ", "T") == local[:16]
        assert datetime.fromisoformat(local).timestamp() == datetime.fromisoformat(f"{utc}+00:00").timestamp()
        offsets.setdefault(zone, []).append(local[16:])
    assert {zone: sorted(set(found)) for zone, found in offsets.items()} == {
        "Europe/Berlin": ["+01:00", "+02:00"],
        "Australia/Lord_Howe": ["+10:30", "+11:00"],
        "America/New_York": ["-04:00", "-05:00"],
    }
