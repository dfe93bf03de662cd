"""Whether compiling pays, who does it first, and what a painter does when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from images.worker.compiling import COLD_SECONDS, GAIN, GIVEN_UP, WARM_SECONDS, Compiling, Experience


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_it_pays_with_enough_pictures_left(tmp_path: Path) -> None:
    enough = int(COLD_SECONDS / GAIN) + 1  # of a second each
    assert not Compiling("auto", tmp_path, "a").is_due(enough - 2, 1.0)
    assert not Compiling("auto", tmp_path, "a").is_due(10_000, 0.0), "nothing was measured yet"
    assert Compiling("auto", tmp_path, "a").is_due(enough, 1.0)


@pytest.mark.parametrize("left", [0, 10_000])
def test_on_and_off_ask_nothing(tmp_path: Path, left: int) -> None:
    assert Compiling("on", tmp_path, "a").is_due(left, 1.0)
    assert not Compiling("off", tmp_path, "a").is_due(left, 1.0)


def test_one_worker_compiles_and_the_others_follow_when_its_kernels_are_there(tmp_path: Path) -> None:
    first, second = (Compiling("auto", tmp_path, "gpu") for _ in range(2))
    assert first.is_due(1000, 1.0)
    assert not second.is_due(1000, 1.0)
    assert Compiling("auto", tmp_path, "another gpu").is_due(1000, 1.0)
    first.done(Experience(seconds=20.0, eager=1.0, compiled=0.5))
    warm = int(WARM_SECONDS / 0.5)
    assert not second.is_due(warm - 1, 1.0)
    assert second.is_due(warm + 1, 1.0)


def test_what_gained_nothing_is_not_tried_again(tmp_path: Path) -> None:
    Compiling("auto", tmp_path, "gpu").done(Experience(seconds=20.0, eager=1.0, compiled=1.1))
    assert not Compiling("auto", tmp_path, "gpu").is_due(1_000_000, 1.0)
    Compiling("auto", tmp_path, "other").done(Experience(seconds=3.0, eager=1.0, compiled=0.0))
    assert not Compiling("auto", tmp_path, "other").is_due(1_000_000, 1.0)


def test_the_turn_of_a_dead_worker_is_taken_over(tmp_path: Path) -> None:
    assert Compiling("auto", tmp_path, "gpu").is_due(1000, 1.0)
    [turn] = tmp_path.glob("*.turn")
    clock = Clock(turn.stat().st_mtime + GIVEN_UP - 1)
    later = Compiling("auto", tmp_path, "gpu", clock)
    assert not later.is_due(1000, 1.0)
    clock.now += 2
    assert later.is_due(1000, 1.0)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seconds": 1}'])
def test_experience_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    compiling = Compiling("auto", tmp_path, "gpu")
    compiling.done(Experience(1.0, 1.0, 0.5))
    [file] = tmp_path.glob("*.json")
    file.write_text(content)
    assert compiling.experience() is None


def test_without_a_folder_every_worker_decides_for_itself() -> None:
    compiling = Compiling("auto", None, "gpu")
    assert compiling.is_due(1000, 1.0)
    compiling.done(Experience(1.0, 1.0, 0.5))
    assert compiling.experience() is None
