"""The trace: what Perfetto and chrome://tracing expect of it, and what it shows."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from persona.schema.stage_table import STAGES
from progress.trace import Timeline
from tests.command import ROOT, command

Event = dict[str, Any]


def check_format(events: list[Event]) -> None:
    """What the Trace Event Format asks for, and that spans of a track nest, without which they are drawn wrongly."""
    tracks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for event in events:
        assert event["ph"] in {"X", "M", "C", "i"}
        assert isinstance(event["name"], str)
        assert event["name"]
        assert all(isinstance(event[key], int) for key in ("pid", "tid", "ts"))
        assert event["ts"] >= 0
        if event["ph"] == "X":
            assert event["dur"] >= 0
            tracks[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
        if event["ph"] == "C":
            assert all(isinstance(value, int | float) for value in event["args"].values())
    for spans in tracks.values():
        stack: list[int] = []
        for start, end in spans:
            while stack and stack[-1] <= start:
                stack.pop()
            assert not stack or end <= stack[-1], "a span reaches out of the one that it stands in"
            stack.append(end)


def names(events: list[Event], group: str) -> list[str]:
    """The tracks of one group."""
    (pid,) = (e["pid"] for e in events if e["name"] == "process_name" and e["args"]["name"] == group)
    return [e["args"]["name"] for e in events if e["name"] == "thread_name" and e["pid"] == pid]


def test_calls_that_overlap_get_a_place_each_and_characters_show_what_ran_together(tmp_path: Path) -> None:
    timeline = Timeline(100.0)
    timeline.called("persona_core", "mira: stage 1", 100.0, 101.0, 200)
    timeline.called("persona_network", "mira: stage 4", 101.0, 103.0, 200)
    timeline.called("persona_voice", "mira: stage 5", 101.5, 102.0, 429)
    timeline.called("persona_core", "fenn: stage 1", 102.0, 104.0, None)
    timeline.paints("gpu 0 (A)", ["mira/key/1"], 105.0)
    timeline.rests("gpu 0 (A)", 106.0)
    timeline.paints("gpu 0 (A)", ["mira/key/2", "fenn/key/1"], 106.0)
    timeline.rests("gpu 0 (A)", 107.0)
    timeline.limits = [(100.0, 20, "the start")]
    timeline.write(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    check_format(events)
    assert names(events, "characters") == ["fenn", "mira"]
    assert names(events, "calls") == ["place 1", "place 2"]
    assert names(events, "painting") == ["gpu 0 (A)"]
    spans = {event["name"] for event in events if event["ph"] == "X"}
    assert {"persona", "persona_network, persona_voice", "pictures"} <= spans
    on_gpu = [(event["ts"], event["dur"]) for event in events if event["ph"] == "X" and event["pid"] == 3]
    assert on_gpu == [(5_000_000, 1_000_000), (6_000_000, 1_000_000), (6_000_000, 1_000_000)]


async def test_a_run_writes_a_track_for_each_character_place_and_device(tmp_path: Path) -> None:
    portraits = [ROOT / "examples" / "portraits" / f"{name}.png" for name in ("mira", "fenn")]
    trace = tmp_path / "trace.json"
    done = await command(
        *("--generate-persona", "--images", *portraits, "--rehearse", "--out", tmp_path / "out", "--trace", trace)
    )
    assert done.code == 0, done.err
    assert str(trace) in done.err
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    check_format(events)
    assert names(events, "characters") == ["fenn", "mira"]
    assert sum(event["ph"] == "X" and "status" in event["args"] for event in events) == 2 * len(STAGES)


async def test_a_trace_that_cannot_be_written_costs_the_trace_alone(tmp_path: Path) -> None:
    portrait = ROOT / "examples" / "portraits" / "mira.png"
    (tmp_path / "file").touch()
    trace = tmp_path / "file" / "trace.json"
    done = await command(
        *("--generate-persona", "--image", portrait, "--rehearse", "--out", tmp_path, "--trace", trace)
    )
    assert done.code == 0
    assert f"{trace} could not be written" in done.err
