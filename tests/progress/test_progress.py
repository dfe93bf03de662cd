"""What people are told, and what programs are told."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable

import pytest

from errors import DiskFull
from progress.counts import Count, duration, per_time
from progress.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_file_gets_a_plain_line_at_each_tick_with_pace_time_left_and_facts() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(stream=stream, clock=clock)
    facts: list[Callable[[], str]] = [
        lambda: "20 of at most 20 calls in flight (the start)",
        lambda: "",
        lambda: "$0.1200",
    ]
    progress.facts += facts
    progress.expect("posts", 100)
    for _ in range(2):
        for _ in range(20):
            clock.now += 0.25
            progress.made("posts")
        progress.tick()
    lines = stream.getvalue().splitlines()
    assert lines == [
        f"  {seconds} s: posts {done}/100 (4.0/s, {left} s left); 20 of at most 20 calls in flight (the start); $0.1200"
        for seconds, done, left in (("5.0", 20, "20.0"), ("10.0", 40, "15.0"))
    ]
    assert "\r" not in stream.getvalue()


def test_events_draw_nothing_by_themselves() -> None:
    for stream in (io.StringIO(), Terminal()):
        progress = Progress(stream=stream)
        progress.expect("posts", 1000)
        for _ in range(1000):
            progress.made("posts")
        assert stream.getvalue() == ""


def test_a_terminal_gets_a_bar_which_is_taken_away() -> None:
    clock, stream = Clock(), Terminal()
    progress = Progress(stream=stream, clock=clock)
    progress.facts.append(lambda: "1 of at most 20 calls in flight (the start)")
    progress.expect("posts", 2)
    progress.made("posts")
    clock.now = 0.25
    progress.tick()
    assert "1/2" in stream.getvalue()
    assert "1 of at most 20 calls" in stream.getvalue()
    progress.say("a line between the bars")
    progress.close()
    assert "a line between the bars\n" in stream.getvalue()
    assert progress.interval < 1


def test_nothing_is_drawn_when_quiet_or_when_there_is_nothing_to_count() -> None:
    stream = io.StringIO()
    Progress(stream=stream).tick()
    quiet = Progress(stream=stream, verbosity=-1)
    quiet.expect("posts", 2)
    quiet.tick()
    assert stream.getvalue() == ""


def test_quiet_still_says_what_is_missing() -> None:
    stream = io.StringIO()
    progress = Progress(stream=stream, verbosity=-1)
    progress.expect("posts", 1)
    progress.say("chatter")
    progress.hole("posts", "mira: 2026-12-01-1", "No answer.", "Run again.")
    progress.fail(DiskFull("The disk is full.", "Free some space."))
    assert stream.getvalue().splitlines() == [
        "✗ mira: 2026-12-01-1: No answer. Run again.",
        "✗ The disk is full. Free some space.",
    ]


def test_the_table_counts_what_was_made_what_was_there_and_what_is_missing() -> None:
    progress = Progress(stream=io.StringIO(), clock=lambda: 0.0)
    progress.expect("personas", 3)
    progress.made("personas")
    progress.made("personas", before=True)
    progress.hole("personas", "x", "why")
    assert progress.table()[0] == "personas      1 made, 1 there before, 1 missing"
    assert progress.as_json()["counts"]["personas"] == {"made": 1, "before": 1, "holes": 1, "total": 3}


def test_the_table_tells_each_cause_once_with_a_few_items_and_ends_with_the_next_command() -> None:
    progress = Progress(stream=io.StringIO(), clock=lambda: 0.0)
    for number in range(1, 6):
        progress.hole("posts", f"mira: {number}", "No usable answer came.", "Run it again.")
    progress.hole("personas", "fenn", "It is a photograph.")
    lines = progress.table([("questions", "7 calls")], "python main.py --check")
    assert lines[-4:] == [
        "time          0.0 s",
        "next          python main.py --check",
        "✗ 5 posts missing (mira: 1, mira: 2, mira: 3, ...): No usable answer came. Run it again.",
        "✗ 1 personas missing (fenn): It is a photograph.",
    ]
    assert "questions     7 calls" in lines


def test_what_checks_still_object_to_is_counted_in_the_table_and_told_in_the_report() -> None:
    progress = Progress(stream=io.StringIO(), clock=lambda: 0.0)
    progress.made("posts")
    progress.noted("posts", "mira: 2026-12-01-1", ["text says 28", "scene says blonde"])
    progress.noted("personas", "mira", [])
    lines = [" ".join(line.split()) for line in progress.table()]
    assert "notes 2 on posts (in their files, and in the report)" in lines
    notes = progress.as_json()["notes"]
    assert notes[0] == {"kind": "posts", "item": "mira: 2026-12-01-1", "note": "text says 28"}
    assert len(notes) == 2


def test_the_pace_is_that_of_the_last_minute_and_leaves_out_what_was_there_before() -> None:
    count = Count(total=1000, before=500)
    for second in range(5, 125, 5):
        count.made += 1 if second <= 60 else 20
        count.sample(second, 5.0)
    assert count.pace == 4.0
    assert count.outlook == f"4.0/s, {duration((1000 - count.settled) / 4)} left"
    assert Count(total=3).outlook == ""


def test_durations_and_paces_read_well() -> None:
    assert [duration(seconds) for seconds in (0.04, 59.94, 185, 7800)] == [
        "0.0 s",
        "59.9 s",
        "3 min 05 s",
        "2 h 10 min",
    ]
    assert [per_time(pace) for pace in (2.5, 0.05, 0.001)] == ["2.5/s", "3.0/min", "3.6/h"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_that_does_not_know_its_size_shows_bars_too() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream:
        progress = Progress(stream=stream)
        progress.expect("posts", 2)
        progress.made("posts")
        progress.tick()
        stream.flush()
        shown = ""
        while not ("posts" in shown and "1/2" in shown):  # a terminal hands over what it has, in pieces
            assert select.select([ours], [], [], 30)[0], f"nothing more came after {shown!r}"
            shown += os.read(ours, 65536).decode(errors="replace")
        progress.close()
    os.close(ours)
