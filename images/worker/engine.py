"""What paints inside a worker: the promise every engine keeps, how one is called, and the stand-in that sleeps.

The real engine is images/worker/painter.py. Knows no files, no processes and no torch.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from PIL import Image

from errors import BadPicture, Misconfigured
from images.schema import Faults, PictureJob

PAINTER = "painter"
SLEEP = "sleep:"


class Engine(Protocol):
    @property
    def device(self) -> str:
        """What it paints on, for people."""

    def fit(self, jobs: Sequence[PictureJob], later: Sequence[PictureJob]) -> Sequence[PictureJob]:
        """`jobs` with prompts that are read to their end; a `note` says what had to be changed.

        `later`: jobs that come next, for engines that save by looking ahead.
        """

    def compile_if_worthwhile(self, job: PictureJob, left: int) -> None:
        """Time may be spent now that pays within `left` more pictures like `job`: compiling, for instance."""

    def paint(self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]) -> list[Image.Image]:
        """A picture for each of `jobs`, all of one group, from the starting noise of its seed.

        `beat` is told each finished step. BadPicture: these cannot be painted. MemoryError: not so many at once.
        """

    def free(self) -> None:
        """Give back memory that is held for later use."""

    def use_less_memory(self) -> bool:
        """Paint more slowly in less memory from now on; False when there is no such way left."""


class Sleeper:
    """Takes its time and returns noise: for tests and benchmarks of everything around the painter.

    A batch takes `seconds`, or with `by_step` each of its steps does, to the moment: the noise is made meanwhile.
    """

    def __init__(self, seconds: float, faults: Faults, *, by_step: bool = False) -> None:
        time.sleep(faults.loads)
        if faults.cannot_load:
            raise Misconfigured("This engine was told not to load.")
        if faults.dies_loading:
            _die()
        self.seconds = seconds * faults.pace
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
