"""One device of the pool, the worker that paints on it, and the jobs that this worker has."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from images.devices import Device
from images.process import WorkerProcess
from images.queue import Task


@dataclass(slots=True)
class Slot:
    """One device and the worker that paints on it, if there is one."""

    device: Device
    log: Path
    process: WorkerProcess | None = None
    ready: bool = False
    tasks: dict[str, Task] = field(default_factory=dict)  # given and not answered
    painted: set[str] = field(default_factory=set)  # of these, on their way to the disk
    current: str = ""
    last_sign: float = 0.0
    silent: bool = False
    deaths: int = 0  # since the last finished picture
    retired: bool = False

    @property
    def painting(self) -> int:
        return len(self.tasks) - len(self.painted)

    @property
    def running(self) -> set[str]:
        """What is begun and not finished."""
        return self.painted | ({self.current} & self.tasks.keys())

    @property
    def is_alone(self) -> bool:
        return any(task.needs_a_worker_alone for task in self.tasks.values())
