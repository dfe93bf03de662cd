"""An engine that sleeps instead of painting, and goes wrong on purpose: for everything around the painter.

A worker is told of it by its reference, which carries what the engine is to do. It needs no torch.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from errors import BadPicture, Misconfigured
from images.pool.devices import Device
from images.pool.process import Starter, Worker, WorkerProcess
from images.schema import PictureJob, WorkerConfig


class Faults(BaseModel):
    """What a sleeping engine does wrong, by job id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dies: tuple[str, ...] = ()
    hangs: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    blank: tuple[str, ...] = Field(default=(), description="Black at the first attempt, a picture at the second.")
    most_at_once: int = Field(default=0, description="Out of memory above so many pictures; 0: never, -1: always.")
    dies_loading: bool = False
    cannot_load: bool = False


NO_FAULTS = Faults()


def sleeping(seconds: float, faults: Faults = NO_FAULTS, *, by_step: bool = False) -> str:
    """The reference of an engine that sleeps so long."""
    return f"tests.sleeper:load?{json.dumps([seconds, by_step, faults.model_dump(mode='json')])}"


def load(config: WorkerConfig, _expect_silence: Callable[[float], None]) -> Sleeper:
    """The engine of such a reference, inside a worker."""
    seconds, by_step, faults = json.loads(config.engine.partition("?")[2])
    return Sleeper(seconds, Faults.model_validate(faults), by_step=by_step)


def starting(*engines: str, start: Starter = WorkerProcess.start) -> Starter:
    """Starts workers with these engines: one for each device, the last of them for all that are left."""

    async def with_engine(config: WorkerConfig, device: Device, log: Path) -> Worker:
        engine = engines[min(device.index, len(engines) - 1)]
        return await start(config.model_copy(update={"engine": engine}), device, log)

    return with_engine


class Sleeper:
    """A batch takes `seconds`, or with `by_step` each of its steps does, to the moment: the noise is made meanwhile."""

    def __init__(self, seconds: float, faults: Faults, *, by_step: bool = False) -> None:
        if faults.cannot_load:
            raise Misconfigured("This engine was told not to load.")
        if faults.dies_loading:
            _die()
        self.seconds = seconds
        self.by_step = by_step
        self.faults = faults
        self.device = "sleep"

    def fit(self, jobs: Sequence[PictureJob], later: Sequence[PictureJob]) -> Sequence[PictureJob]:
        return jobs

    def compile_if_worthwhile(self, job: PictureJob, left: int) -> None:
        pass

    def paint(self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]) -> list[Image.Image]:
        faults, ids = self.faults, {job.id for job in jobs}
        if ids & set(faults.fails):
            raise BadPicture("This engine was told to fail.")
        if faults.most_at_once and len(jobs) > faults.most_at_once:
            raise MemoryError("This engine was told to hold fewer.")
        steps, started = jobs[0].steps, time.monotonic()
        images = [self._picture(job, seed) for job, seed in zip(jobs, seeds, strict=True)]
        for step in range(1, steps + 1):
            until = started + self.seconds * (step if self.by_step else step / steps)
            time.sleep(max(0.0, until - time.monotonic()))
            beat(step)
            if ids & set(faults.dies):
                _die()
            while ids & set(faults.hangs):
                time.sleep(60)
        return images

    def free(self) -> None:
        pass

    def use_less_memory(self) -> bool:
        return False

    def _picture(self, job: PictureJob, seed: int) -> Image.Image:
        size = (job.width, job.height)
        if job.id in self.faults.blank and seed == job.seed:
            return Image.new("RGB", size)
        return Image.frombytes("RGB", size, random.Random(f"{seed} {job.prompt}").randbytes(3 * size[0] * size[1]))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
