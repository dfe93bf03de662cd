"""Which jobs are painted next. Pure bookkeeping: knows no processes and no clock.

The most expensive job first, ties in the order of their coming, but a worker goes on with the group it has just
painted where that costs nothing. A job in whose middle a worker died goes behind all others and alone; after the
second time it has a worker to itself, after the third it is set aside.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from images.schema import PictureJob

DEATHS_BEFORE_ALONE = 2
DEATHS_BEFORE_SET_ASIDE = 3
_TOKENS = 256  # pixels that one image token covers
_REFERENCE = 2304  # tokens of the portrait that a painter is shown, 768 x 768 pixels at most
_LONG = 90_000  # tokens at which attention costs as much as everything else


@dataclass(slots=True)
class Task:
    """A job in the pool, and in how many deaths it was being painted."""

    job: PictureJob
    number: int
    deaths: int = 0
    ticket: int = 0  # its valid entry in the queue; 0: it does not wait there

    @property
    def needs_a_worker_alone(self) -> bool:
        return self.deaths >= DEATHS_BEFORE_ALONE

    @property
    def is_set_aside(self) -> bool:
        return self.deaths >= DEATHS_BEFORE_SET_ASIDE


_Entry = tuple[int, float, int, int, Task]  # deaths, -expense, number, ticket


def expense(job: PictureJob) -> float:
    """What painting costs, in units that only compare: by tokens and steps, attention growing with their square."""
    tokens = job.width * job.height / _TOKENS + bool(job.reference) * _REFERENCE
    return tokens * (1 + tokens / _LONG) * job.steps


class JobQueue:
    """Jobs that no worker has. Each stands in two heaps, and an entry whose ticket is out of date is passed over."""

    def __init__(self) -> None:
        self._all: list[_Entry] = []
        self._groups: dict[str, list[_Entry]] = {}
        self._numbers = itertools.count()
        self._tickets = itertools.count(1)
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, job: PictureJob) -> Task:
        task = Task(job, next(self._numbers))
        self.give_back(task)
        return task

    def give_back(self, task: Task) -> None:
        task.ticket = next(self._tickets)
        entry = (task.deaths, -expense(task.job), task.number, task.ticket, task)
        heapq.heappush(self._all, entry)
        heapq.heappush(self._groups.setdefault(task.job.group, []), entry)
        self._waiting += 1

    def remove(self, task: Task) -> None:
        """Forget a job that nobody waits for any more."""
        if task.ticket:
            task.ticket = 0
            self._waiting -= 1

    def take(
        self,
        *,
        workers: int,
        ahead: bool = False,
        is_idle: bool = True,
        group: str = "",
        most: Callable[[PictureJob], int] = lambda job: 1,
    ) -> list[Task]:
        """The next batch for a worker, empty when it should wait.

        `workers`: how many share the queue; `ahead`: this one is painting still; `is_idle`: it has nothing at all,
        also nothing on the way to the disk; `group`: what it painted last; `most`: how many pictures like this one it
        can paint at once. Among the last jobs batches are small and none is given ahead: there a free worker is sooner.
        """
        if ahead and self._waiting <= workers:
            return []
        first = _top(self._all)
        if first is None or (first[4].needs_a_worker_alone and not is_idle):
            return []
        own = _top(self._groups.get(group, []))
        if own is not None and own[:2] == first[:2]:
            first = own
        job = first[4].job
        number = 1 if first[0] else max(1, min(most(job), self._waiting // max(1, workers)))
        heap = self._groups[job.group]
        batch: list[Task] = []
        while len(batch) < number and (entry := _top(heap)) is not None and entry[0] == first[0]:
            heapq.heappop(heap)
            self.remove(entry[4])
            batch.append(entry[4])
        if not heap:
            del self._groups[job.group]
        return batch


def _top(heap: list[_Entry]) -> _Entry | None:
    """The first entry that is still valid; those before it are thrown away."""
    while heap and heap[0][3] != heap[0][4].ticket:
        heapq.heappop(heap)
    return heap[0] if heap else None
