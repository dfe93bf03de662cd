"""Which job is painted next. Pure bookkeeping: knows no processes and no clock.

The most expensive job first, ties in the order of their coming. A job in whose middle a worker died goes behind
all others; after the second time it has a worker to itself, after the third it is set aside.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

from images.schema import PictureJob

DEATHS_BEFORE_ALONE = 2
DEATHS_BEFORE_SET_ASIDE = 3


@dataclass(order=True, slots=True)
class Task:
    """A job in the pool, and in how many deaths it was being painted."""

    deaths: int
    expense: int = field(init=False)
    number: int
    job: PictureJob = field(compare=False)
    dropped: bool = field(default=False, compare=False)  # nobody waits for it any more

    def __post_init__(self) -> None:
        self.expense = -self.job.width * self.job.height * self.job.steps

    @property
    def needs_a_worker_alone(self) -> bool:
        return self.deaths >= DEATHS_BEFORE_ALONE

    @property
    def is_set_aside(self) -> bool:
        return self.deaths >= DEATHS_BEFORE_SET_ASIDE


class JobQueue:
    """Jobs that no worker has."""

    def __init__(self) -> None:
        self._heap: list[Task] = []
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, job: PictureJob) -> Task:
        task = Task(0, next(self._numbers), job)
        heapq.heappush(self._heap, task)
        return task

    def give_back(self, task: Task) -> None:
        heapq.heappush(self._heap, task)

    def remove(self, task: Task) -> None:
        """Forget a job that nobody waits for any more; it leaves the heap when it comes to the top."""
        task.dropped = True

    def take(self, *, painting: int, has_others: bool, workers: int) -> Task | None:
        """The next job for a worker that paints `painting` jobs and has others on the way to the disk.

        A worker is given one job ahead, except among the last ones: there a free worker is sooner.
        """
        while self._heap and self._heap[0].dropped:
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        if self._heap[0].needs_a_worker_alone and (painting or has_others):
            return None
        if painting == 0 or (painting == 1 and len(self._heap) > workers):
            return heapq.heappop(self._heap)
        return None
