"""Calendars on disk: what is refused and how it is said, and which calendar belongs to whom."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from calendars.calendar_file import pair_calendars, read_calendar, write_calendar
from calendars.plan import plan_calendar
from calendars.schema import Calendar
from errors import BadInput
from persona.schema.persona import Persona
from tests import answers


def a_calendar(persona: str = "marra") -> Calendar:
    planned = plan_calendar(answers.persona(), posts=10, days=5, start=date(2026, 12, 1), seed=0)
    return planned.model_copy(update={"persona": persona})


def by_hand(**changes: Any) -> dict[str, Any]:
    post = {"id": "2026-12-01-1", "time": "09:30", "content_type": "shed report", "theme": "A bell came by post."}
    later = {"id": "2026-12-03-1", "time": "20:05", "content_type": "flat notes"}
    days = [{"date": "2026-12-01", "posts": [post]}, {"date": "2026-12-03", "posts": [later]}]
    return {"persona": "marra", "time_zone": "Europe/Oslo", "days": days} | changes


def write(folder: Path, value: Any) -> Path:
    path = folder / "marra.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_calendar(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_calendar(tmp_path / "marra.json", a_calendar())
    assert read_calendar(tmp_path / "marra.json") == a_calendar()


def test_a_calendar_made_by_hand_needs_little_and_keeps_fields_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, by_hand(mood="salty"))
    calendar = read_calendar(path)
    assert calendar.planned_by == "hand"
    assert [post.theme for post in calendar.posts()] == ["A bell came by post.", ""]
    write_calendar(path, calendar)
    assert json.loads(path.read_text(encoding="utf-8"))["mood"] == "salty"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{ not JSON", "is not JSON"),
        ([], "is some other JSON file, not a calendar"),
        ({"spec": "chara_card_v2", "data": {}}, "is a persona, not a calendar"),
        ({"posts": [], "key": "00000000"}, "is a batch of posts, not a calendar"),
        (by_hand(format=2), "has format 2; this version reads calendars of format 1"),
        (by_hand(time_zone="Europe/Atlantis"), "time_zone: 'Europe/Atlantis' is no IANA time zone"),
        (by_hand(days=[]), "days: it is empty"),
        (by_hand(days=[{"date": "2026-12-01"}]), "plans no post on any day"),
        (by_hand(days="soon"), "days: a list is expected"),
    ],
)
def test_what_is_no_calendar_is_refused_in_words(tmp_path: Path, content: Any, sentence: str) -> None:
    assert sentence in refusal(write(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "gone.json")


def test_a_30_february_is_named_with_its_day(tmp_path: Path) -> None:
    days = [*by_hand()["days"], {"date": "2027-02-30", "posts": []}]
    said = refusal(write(tmp_path, by_hand(days=days)))
    assert "day 3 (2027-02-30), date: '2027-02-30' is no date" in said


def test_days_out_of_order_are_refused(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, by_hand(days=by_hand()["days"][::-1])))
    assert "the days are not in order: 2026-12-01 follows 2026-12-03" in said


def test_an_id_that_is_used_twice_is_named(tmp_path: Path) -> None:
    days = by_hand()["days"]
    days[0]["posts"].append(days[0]["posts"][0] | {"time": "10:00"})
    assert "the id 2026-12-01-1 is used twice" in refusal(write(tmp_path, by_hand(days=days)))


def test_too_many_posts_on_one_day_are_refused(tmp_path: Path) -> None:
    days = by_hand()["days"]
    days[0]["posts"] = [days[0]["posts"][0] | {"id": f"2026-12-01-{n}"} for n in range(1, 5001)]
    said = refusal(write(tmp_path, by_hand(days=days)))
    assert "day 1 (2026-12-01), posts: there are 5000; at most 1000 fit in a day" in said


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("time", "25:00", "day 1 (2026-12-01), post 1 (2026-12-01-1), time: '25:00' is no time of day"),
        ("id", "first", "day 1 (2026-12-01), post 1 (first), id: 'first' is no post id"),
        ("id", "2026-12-09-1", "day 1 (2026-12-01): post 2026-12-09-1 stands under 2026-12-01"),
        ("content_type", None, "day 1 (2026-12-01), post 1 (2026-12-01-1), content_type: it is missing"),
    ],
)
def test_a_bad_field_is_named_with_its_day_and_post(tmp_path: Path, field: str, value: Any, sentence: str) -> None:
    days = by_hand()["days"]
    if value is None:
        del days[0]["posts"][0][field]
    else:
        days[0]["posts"][0][field] = value
    assert sentence in refusal(write(tmp_path, by_hand(days=days)))


def test_further_problems_are_counted(tmp_path: Path) -> None:
    assert "(and 1 more)." in refusal(write(tmp_path, by_hand(time_zone="nowhere", days=[])))


def cast(*names: str) -> list[tuple[Path, Persona]]:
    return [(Path("personas") / f"{name}.json", answers.persona(name)) for name in names]


def test_calendars_are_paired_by_the_persona_they_name_never_by_position() -> None:
    calendars = [(Path("a.json"), a_calendar("bo")), (Path("b.json"), a_calendar("al"))]
    paired = pair_calendars(cast("al", "bo"), calendars)
    assert paired[Path("personas/al.json")].persona == "al"
    assert paired[Path("personas/bo.json")].persona == "bo"


def test_a_calendar_that_names_nobody_is_paired_by_its_file_stem() -> None:
    nameless = a_calendar("")
    paired = pair_calendars(cast("al"), [(Path("x/bo.json"), a_calendar("")), (Path("x/al.json"), nameless)])
    assert paired[Path("personas/al.json")] is nameless


def test_a_name_wins_over_a_stem_and_others_may_be_left_over() -> None:
    named = a_calendar("al")
    paired = pair_calendars(cast("al"), [(Path("al.json"), a_calendar("")), (Path("zed.json"), named)])
    assert paired == {Path("personas/al.json"): named}


def test_a_persona_without_a_calendar_is_told_both_ways_on() -> None:
    with pytest.raises(BadInput) as caught:
        pair_calendars(cast("al", "bo"), [(Path("al.json"), a_calendar("")), (Path("bo.json"), a_calendar("zed"))])
    said = str(caught.value)
    assert "personas/bo.json has no calendar" in said
    assert 'named bo.json or says "persona": "bo"' in said
    assert "leave --calendars out" in said
    assert "--generate-calendar" in said


def test_two_calendars_for_one_persona_are_both_named() -> None:
    with pytest.raises(BadInput, match=r"personas/al.json has more than one calendar: a.json and b.json"):
        pair_calendars(cast("al"), [(Path("a.json"), a_calendar("al")), (Path("b.json"), a_calendar("al"))])
