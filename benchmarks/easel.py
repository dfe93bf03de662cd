"""A pool of worker processes for measuring: jobs, devices, and what was heard of it, with the times. Judges nothing."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from images.models import find_model
from images.pool.devices import Device
from images.pool.pool import Pool
from images.schema import Begun, Painted, PictureJob, Released, WorkerLine
from tests.sleeper import starting

SIDE = 64


@dataclass(slots=True)
class Heard:
    """What the workers said. Times are of the parent's clock."""

    painted: Counter[str] = field(default_factory=Counter)
    begun: list[float] = field(default_factory=list)
    released: list[float] = field(default_factory=list)

    def note(self, line: WorkerLine) -> None:
        match line:
            case Begun():
                self.begun.append(time.monotonic())
            case Released():
                self.released.append(time.monotonic())
            case Painted():
                self.painted[line.id] += 1


def cpus(number: int) -> list[Device]:
    return [Device("cpu", index, "CPU") for index in range(number)]


def job(folder: Path, name: object, *, steps: int = 4, side: int = SIDE, seed: int = 7, prompt: str = "") -> PictureJob:
    return PictureJob(
        id=f"benchmark/0123abcd/{name}",
        key=f"key of {name}",
        prompt=prompt or "A kettle on a stove.",
        seed=seed,
        width=side,
        height=side,
        steps=steps,
        guidance=0.0,
        path=str(folder / f"{name}.png"),
    )


@contextmanager
def listening(pool: Pool) -> Iterator[Heard]:
    """What the workers say during the block."""
    heard = Heard()
    for slot in pool.slots:
        slot.heard = heard.note
    yield heard


def sleeping_pool(folder: Path, workers: int, *engines: str, **given: Any) -> Pool:
    """A pool whose engines sleep: one for each worker, the last of them for all that are left."""
    given = {"start": starting(*engines)} | given
    return Pool(cpus(workers), find_model("rehearsal"), lambda: None, folder / "logs", **given)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in other processes."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def warm(pool: Pool, folder: Path) -> None:
    """Have every worker loaded: as many small jobs as there are workers, until all are ready."""
    number = 0
    while not all(slot.ready for slot in pool.slots):
        names = [f"warm {number + index}" for index in range(len(pool.slots))]
        await asyncio.gather(*(pool.paint(job(folder, name, steps=1)) for name in names))
        number += len(names)


async def paint_all(pool: Pool, jobs: Iterable[PictureJob]) -> list[Painted | BaseException]:
    return await asyncio.gather(*map(pool.paint, jobs), return_exceptions=True)


async def kill_one(pool: Pool, after: float, worker: int) -> None:
    """Kill the worker on one device some time from now, if it is there."""
    await asyncio.sleep(after)
    process = pool.slots[worker].process
    if process is not None:
        process.kill()


def lost(results: Sequence[Painted | BaseException]) -> int:
    return sum(not isinstance(result, Painted) for result in results)
