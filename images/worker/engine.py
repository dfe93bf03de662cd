"""What paints inside a worker: the promise every engine keeps, and how the one that is named is loaded.

The program's own is images/worker/painter.py, imported when it is asked for. Knows no files, no processes and no torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Protocol

from PIL import Image

from images.schema import PictureJob, WorkerConfig


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


Loader = Callable[[WorkerConfig, Callable[[float], None]], Engine]


def load_engine(config: WorkerConfig, expect_silence: Callable[[float], None]) -> Engine:
    """The engine that `config` names, its model loaded. Misconfigured when it cannot work here.

    Before the engine falls silent for longer than it takes to paint, to compile for instance, it calls
    `expect_silence` with the most seconds that may take; otherwise it could be taken for hung.
    """
    module, _, name = config.engine.partition("?")[0].partition(":")
    load: Loader = getattr(importlib.import_module(module), name)
    return load(config, expect_silence)
