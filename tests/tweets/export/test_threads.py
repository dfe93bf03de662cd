"""Threads on their way out: no part is lost, and each form says what follows what."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from icalendar import Calendar

from files import Folders
from tests.studio import batch
from tweets.export.export import PLACES, write_exports
from tweets.export.post import exported_posts

PARTS = ("The kettle sings.", "It has an audience.", "The audience\nwants tea, 茶.")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """The folder of exports of one thread with a picture and one plain post."""
    thread = batch(1).posts[0].model_copy(update={"thread": PARTS[1:]})
    posts = exported_posts(batch(1).model_copy(update={"posts": (thread, batch(1).posts[1])}), Folders(tmp_path), "")
    folder = tmp_path / "exports"
    forms = ["jsonl", "csv", "postiz", "x-api", "ayrshare", "ics"]
    write_exports(posts, forms, folder, personas=lambda _: None, painter=lambda _: "")
    return folder


def test_the_canonical_form_and_the_table_hold_the_parts(exports: Path) -> None:
    first, plain = map(json.loads, (exports / PLACES["jsonl"]).read_text(encoding="utf-8").splitlines())
    assert (first["text"], *first["thread"]) == PARTS
    assert plain["thread"] == []
    with (exports / PLACES["csv"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["text"], *json.loads(rows[0]["thread"])) == PARTS
    assert rows[1]["thread"] == ""


def test_each_part_of_a_thread_is_a_post_of_x_that_answers_the_one_before(exports: Path) -> None:
    lines = [json.loads(line) for line in (exports / PLACES["x-api"]).read_text(encoding="utf-8").splitlines()]
    assert [line["body"]["text"] for line in lines] == [*PARTS, "The kettle sings."]
    assert [line.get("in_reply_to") for line in lines] == [None, lines[0]["id"], lines[1]["id"], None]
    assert len({line["id"] for line in lines}) == 4
    assert ["picture" in line for line in lines] == [True, False, False, False]
    assert all(line["body"]["made_with_ai"] for line in lines)


def test_postiz_is_given_the_thread_as_the_values_of_one_post(exports: Path) -> None:
    bodies = json.loads((exports / PLACES["postiz"]).read_text(encoding="utf-8"))
    values = [body["posts"][0]["value"] for body in bodies]
    assert [value["content"] for value in values[0]] == list(PARTS)
    assert [len(value["image"]) for value in values[0]] == [1, 0, 0]
    assert len(values[1]) == 1


def test_where_there_are_no_threads_their_parts_follow_each_other_by_a_minute(exports: Path) -> None:
    with (exports / PLACES["ayrshare"]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["post"] for row in rows][:3] == list(PARTS)
    assert [row["scheduleDate"][11:16] for row in rows][:3] == ["07:00", "07:01", "07:02"]


def test_an_appointment_shows_the_whole_thread(exports: Path) -> None:
    calendar = Calendar.from_ical((exports / PLACES["ics"]).read_bytes())
    description = str(calendar.walk("VEVENT")[0]["description"])
    assert description.startswith("\n\n".join(PARTS))
