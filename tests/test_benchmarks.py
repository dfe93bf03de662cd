"""The benchmark runs, and what it holds its figures against is right."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from benchmarks.schedule import Job, graph_schedule, list_schedule, paced

ROOT = Path(__file__).parent.parent
STAGES = {
    "core": Job(20),
    "strategy": Job(15, ("core",)),
    "examples": Job(25, ("core", "strategy")),
    **{name: Job(seconds, ("examples",)) for name, seconds in (("a", 20), ("b", 15), ("c", 15), ("d", 25))},
}


def test_calls_of_one_length_go_in_rounds() -> None:
    assert list_schedule([0.3] * 1000, 20) == pytest.approx(15)
    assert list_schedule([3.0] * 21, 20) == 6
    assert list_schedule([], 4) == 0


def test_each_call_goes_to_the_place_that_is_free_first() -> None:
    # 5 | 1 1 1 then 4 at 3: the place with the short calls ends at 7.
    assert list_schedule([5, 1, 1, 1, 4], 2) == 7
    assert list_schedule([4, 5, 1, 1, 1], 2) == 6


def test_a_rate_lets_the_burst_go_at_once() -> None:
    assert paced(600, rate=20, burst=20, seconds=0.3) == pytest.approx(29.3)
    assert paced(10, rate=20, burst=20, seconds=3) == 3


def test_one_graph_with_room_takes_its_longest_path() -> None:
    assert graph_schedule(STAGES, 1, 20) == 20 + 15 + 25 + 25
    assert graph_schedule(STAGES, 5, 20) == 85
    eager = STAGES | {name: Job(STAGES[name].seconds, ("core",)) for name in "abcd"}
    assert graph_schedule(eager, 1, 20) == 60


def test_one_place_does_all_the_work() -> None:
    assert graph_schedule(STAGES, 3, 1) == 3 * 135


def test_a_full_house_ends_when_the_work_is_done() -> None:
    # 20 characters fill 20 places until stage 3 ends at 60; then 20 x 75 seconds of work are left for 20 places.
    assert graph_schedule(STAGES, 20, 20) == 60 + 75


def test_the_longest_remaining_path_goes_first() -> None:
    graph = {"short": Job(3), "first": Job(1), "second": Job(4, ("first",))}
    # One place: 8 in any order. Two: first at once, so that second can run from 1 to 5 beside short.
    assert graph_schedule(graph, 1, 1) == 8
    assert graph_schedule(graph, 1, 2) == 5


async def test_a_row_is_measured(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.calls", "--rows", "A", "--quick", "--json", str(figures)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert out.decode().splitlines()[-1].startswith("| A | 100 calls, ceiling 20")
    (figure,) = json.loads(figures.read_text(encoding="utf-8"))
    assert figure["lost"] == 0
    assert 1 <= figure["times"] < 10
