"""One device of the pool, the worker that paints on it, the jobs that this worker has, and what it has done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import BadPicture
from images.pool.devices import Device
from images.pool.heartbeat import Heartbeat
from images.pool.process import Worker
from images.pool.queue import Task
from images.schema import JobBatch, Released, WorkerLine


@dataclass(slots=True)
class DeviceSlot:
    """One device and the worker that paints on it, if there is one."""

    device: Device
    log: Path
    pulse: Heartbeat
    heard: Callable[[WorkerLine], None] = lambda line: None  # is told everything that its worker says
    process: Worker | None = None
    loading: bool = False
    ready: bool = False
    tasks: dict[str, Task] = field(default_factory=dict)  # given and not answered
    begun: set[str] = field(default_factory=set)  # of these, on the device
    released: set[str] = field(default_factory=set)  # of these, on their way to the disk
    outstanding: int = 0  # batches that it was given and has not released
    group: str = ""  # of the last of them
    silent: bool = False
    deaths: int = 0  # since the last finished picture
    retired: bool = False
    pictures: int = 0
    restarts: int = 0
    busy_seconds: float = 0.0  # the device was painting
    ready_seconds: float = 0.0  # a worker was ready to paint, in lives that have ended
    ready_since: float = 0.0

    @property
    def running(self) -> set[str]:
        """What is begun and not finished."""
        return (self.begun | self.released) & self.tasks.keys()

    @property
    def suspects(self) -> set[str]:
        """What may have killed the worker: what is on the device, or else what is being saved."""
        return self.begun & self.tasks.keys() or self.released & self.tasks.keys()

    @property
    def is_alone(self) -> bool:
        return any(task.needs_a_worker_alone for task in self.tasks.values())

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been heard by now."""
        return (bool(self.tasks) or not self.ready) and self.pulse.is_overdue

    def be_started(self) -> None:
        self.loading = True
        self.pulse.start()

    def be_ready(self) -> None:
        self.loading, self.ready, self.ready_since = False, True, self.pulse.clock()
        self.pulse.loading = False

    def end(self) -> None:
        """Its worker has ended."""
        if self.ready:
            self.ready_seconds += self.pulse.clock() - self.ready_since
        self.process, self.loading, self.ready = None, False, False

    def give(self, tasks: list[Task], left: int = 0) -> None:
        """Send it a batch; `left` more pictures wait for it. Without work it was silent for a good reason."""
        if self.process is None:
            return
        if not self.tasks:
            self.pulse.sign()
        self.outstanding += 1
        self.group = tasks[0].job.group
        self.tasks |= {task.job.id: task for task in tasks}
        self.process.send(JobBatch(jobs=tuple(task.job for task in tasks), left=left))

    def begin(self, ids: tuple[str, ...]) -> None:
        self.begun = set(ids) & self.tasks.keys()
        first = next(iter(self.begun), None)
        if first is not None:
            self.pulse.begin(self.tasks[first].job.group)

    def release(self, line: Released) -> None:
        self.released |= self.begun & self.tasks.keys()
        self.begun = set()
        self.outstanding -= 1
        self.busy_seconds += line.seconds
        self.pulse.measured(line.silence)

    def painted(self) -> None:
        self.deaths = 0
        self.pictures += 1

    def answered(self, job_id: str) -> None:
        self.tasks.pop(job_id, None)
        self.begun.discard(job_id)
        self.released.discard(job_id)

    def take_back(self) -> list[Task]:
        """The jobs of a worker that has died, each with this death where it may be to blame."""
        for job_id in self.suspects:
            self.tasks[job_id].deaths += 1
        tasks = list(self.tasks.values())
        self.tasks.clear()
        self.begun.clear()
        self.released.clear()
        self.outstanding, self.group, self.silent = 0, "", False
        return tasks

    def set_aside(self, task: Task, cause: str) -> BadPicture:
        """What is said of a job that is not tried any more."""
        return BadPicture(
            f"Set aside: {task.deaths} workers died while painting it; at last {cause}.",
            f"Their words are in {self.log}. Another --size or --image-model may help.",
        )

    @property
    def seconds_ready(self) -> float:
        """How long it had a worker that was ready to paint."""
        return self.ready_seconds + (self.pulse.clock() - self.ready_since if self.ready else 0.0)

    @property
    def busy_share(self) -> float:
        """The part of this time in which the device was painting."""
        return min(1.0, self.busy_seconds / self.seconds_ready) if self.seconds_ready else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "device": str(self.device),
            "pictures": self.pictures,
            "busy": round(self.busy_share, 4),
            "restarts": self.restarts,
            "retired": self.retired,
        }
