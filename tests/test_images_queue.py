"""Which job comes next."""

from __future__ import annotations

from pathlib import Path

from images.queue import JobQueue, Task
from tests.studio import job


def names(queue: JobQueue) -> list[str]:
    taken = []
    while (task := queue.take(painting=0, has_others=False, workers=1)) is not None:
        taken.append(task.job.id[-1])
    return taken


def test_the_most_expensive_first_then_in_order(tmp_path: Path) -> None:
    queue = JobQueue()
    queue.add(job(tmp_path, "a"))
    queue.add(job(tmp_path, "b"))
    queue.add(job(tmp_path, "c", width=128))
    queue.add(job(tmp_path, "d", steps=5))
    assert names(queue) == ["c", "d", "a", "b"]


def test_a_job_that_was_in_a_death_comes_last(tmp_path: Path) -> None:
    queue = JobQueue()
    queue.add(job(tmp_path, "a", width=1024))
    suspect = queue.take(painting=0, has_others=False, workers=1)
    assert suspect is not None
    suspect.deaths += 1
    queue.give_back(suspect)
    queue.add(job(tmp_path, "b"))
    assert names(queue) == ["b", "a"]


def test_one_job_ahead_unless_it_is_among_the_last(tmp_path: Path) -> None:
    queue = JobQueue()
    for name in "abc":
        queue.add(job(tmp_path, name))
    assert queue.take(painting=1, has_others=True, workers=2) is not None
    assert queue.take(painting=1, has_others=True, workers=2) is None
    assert queue.take(painting=2, has_others=True, workers=1) is None
    assert queue.take(painting=0, has_others=True, workers=2) is not None


def test_after_two_deaths_a_job_waits_for_an_empty_worker(tmp_path: Path) -> None:
    queue = JobQueue()
    queue.give_back(Task(2, 0, job(tmp_path)))
    assert queue.take(painting=0, has_others=True, workers=1) is None
    assert queue.take(painting=1, has_others=True, workers=0) is None
    alone = queue.take(painting=0, has_others=False, workers=1)
    assert alone is not None
    assert alone.needs_a_worker_alone
    assert not alone.is_set_aside


def test_a_job_nobody_waits_for_is_forgotten(tmp_path: Path) -> None:
    queue = JobQueue()
    task = queue.add(job(tmp_path, "a"))
    queue.add(job(tmp_path, "b"))
    queue.remove(task)
    queue.remove(task)
    assert names(queue) == ["b"]
