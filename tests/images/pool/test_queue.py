"""Which jobs come next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from images.pool.queue import JobQueue, expense
from tests.studio import job


def names(queue: JobQueue, **given: Any) -> list[str]:
    taken = []
    while tasks := queue.take(workers=1, **given):
        taken.append("".join(task.job.id[-1] for task in tasks))
    return taken


def test_the_most_expensive_first_then_in_order(tmp_path: Path) -> None:
    queue = JobQueue()
    queue.add(job(tmp_path, "a"))
    queue.add(job(tmp_path, "b"))
    queue.add(job(tmp_path, "c", width=128))
    queue.add(job(tmp_path, "d", steps=5))
    assert names(queue) == ["c", "d", "a", "b"]


def test_twice_the_side_costs_more_than_four_times(tmp_path: Path) -> None:
    small, large = (expense(job(tmp_path, width=side, height=side)) for side in (512, 1024))
    assert 4 < large / small < 5


def test_a_job_that_was_in_a_death_comes_last(tmp_path: Path) -> None:
    queue = JobQueue()
    queue.add(job(tmp_path, "a", width=1024))
    [suspect] = queue.take(workers=1)
    suspect.deaths += 1
    queue.give_back(suspect)
    queue.add(job(tmp_path, "b"))
    assert names(queue) == ["b", "a"]


def test_one_job_ahead_unless_it_is_among_the_last(tmp_path: Path) -> None:
    queue = JobQueue()
    for name in "abc":
        queue.add(job(tmp_path, name))
    assert queue.take(workers=2, ahead=True)
    assert not queue.take(workers=2, ahead=True)
    assert queue.take(workers=2)


def test_after_two_deaths_a_job_waits_for_an_empty_worker(tmp_path: Path) -> None:
    queue = JobQueue()
    task = queue.add(job(tmp_path))
    queue.take(workers=1)
    task.deaths = 2
    queue.give_back(task)
    assert not queue.take(workers=1, is_idle=False)
    assert queue.take(workers=1) == [task]
    assert task.needs_a_worker_alone
    assert not task.is_set_aside


def test_a_job_nobody_waits_for_is_forgotten(tmp_path: Path) -> None:
    queue = JobQueue()
    task = queue.add(job(tmp_path, "a"))
    queue.add(job(tmp_path, "b"))
    queue.remove(task)
    queue.remove(task)
    assert len(queue) == 1
    assert names(queue) == ["b"]
    assert len(queue) == 0


def test_a_batch_is_of_one_group(tmp_path: Path) -> None:
    queue = JobQueue()
    others: dict[str, dict[str, Any]] = {"b": {"guidance": 2.0}, "d": {"prompt": "long " * 100}}
    for name in "abcde":
        queue.add(job(tmp_path, name, **others.get(name, {})))
    assert names(queue, most=lambda job: 8) == ["ace", "b", "d"]


def test_a_worker_goes_on_with_its_group_where_that_costs_nothing(tmp_path: Path) -> None:
    queue = JobQueue()
    own = job(tmp_path, "c", guidance=2.0)
    for one in (job(tmp_path, "a"), job(tmp_path, "b", width=128), own, job(tmp_path, "d", guidance=2.0)):
        queue.add(one)
    assert names(queue, group=own.group) == ["b", "c", "d", "a"]


def test_batches_shrink_towards_the_end_so_that_all_workers_end_together(tmp_path: Path) -> None:
    queue = JobQueue()
    for number in range(40):
        queue.add(job(tmp_path, f"{number}"))
    sizes = []
    while tasks := queue.take(workers=4, most=lambda job: 8):
        sizes.append(len(tasks))
    assert sizes == [8, 8, 6, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1]


def test_suspects_are_painted_one_by_one(tmp_path: Path) -> None:
    queue = JobQueue()
    for name in "ab":
        queue.add(job(tmp_path, name))
    for task in queue.take(workers=1, most=lambda job: 8):
        task.deaths += 1
        queue.give_back(task)
    assert names(queue, most=lambda job: 8) == ["a", "b"]


def test_of_ten_thousand_jobs_each_is_dealt_once(tmp_path: Path) -> None:
    """Also when some come back and some are dropped on the way."""
    queue = JobQueue()
    tasks = [queue.add(job(tmp_path, f"{number}", guidance=float(number % 50))) for number in range(10_000)]
    for task in tasks[::10]:
        queue.remove(task)
    dealt: list[str] = []
    while batch := queue.take(workers=8, most=lambda job: 4):
        if len(dealt) % 7 == 0 and not batch[0].deaths:
            for task in batch:
                task.deaths = 1
                queue.give_back(task)
            continue
        dealt += [task.job.id for task in batch]
    assert len(dealt) == len(set(dealt)) == 9_000
