"""What people are told, and what programs are told."""

from __future__ import annotations

import io

from progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_gets_plain_lines_every_few_seconds() -> None:
    now = [0.0]
    stream = io.StringIO()
    progress = Progress(stream=stream, clock=lambda: now[0])
    progress.expect("posts", 100)
    for _ in range(100):
        now[0] += 0.25
        progress.made("posts")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 5
    assert lines[0] == "  5.0 s: posts 20/100"
    assert "\r" not in stream.getvalue()


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    progress = Progress(stream=stream)
    progress.expect("posts", 2)
    progress.made("posts")
    progress.close()
    assert "posts" in stream.getvalue()
    assert "1/2" in stream.getvalue()


def test_quiet_still_says_what_is_missing() -> None:
    stream = io.StringIO()
    progress = Progress(stream=stream, verbosity=-1)
    progress.expect("posts", 1)
    progress.say("chatter")
    progress.hole("posts", "mira: 2026-12-01-1", "No answer.", "Run again.")
    assert stream.getvalue() == "✗ mira: 2026-12-01-1: No answer. Run again.\n"


def test_the_table_counts_what_was_made_what_was_there_and_what_is_missing() -> None:
    progress = Progress(stream=io.StringIO(), clock=lambda: 0.0)
    progress.expect("personas", 3)
    progress.made("personas")
    progress.made("personas", before=True)
    progress.hole("personas", "x", "why")
    assert progress.table()[0] == "personas      1 made, 1 there before, 1 missing"
    assert progress.as_json()["counts"]["personas"] == {"made": 1, "before": 1, "holes": 1, "total": 3}


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


def test_durations_read_well() -> None:
    assert [duration(seconds) for seconds in (0.04, 59.94, 185, 7800)] == [
        "0.0 s",
        "59.9 s",
        "3 min 05 s",
        "2 h 10 min",
    ]
