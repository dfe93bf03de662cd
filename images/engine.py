"""What paints inside a worker: the promise every engine keeps, how one is called, and the stand-in that sleeps.

The real engine is images/painter.py. Knows no files, no processes and no torch.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable, Container
from typing import Any, NamedTuple, Protocol

from PIL import Image, ImageStat

from errors import BadPicture, Misconfigured
from images.models import Model
from images.schema import Faults, PictureJob, WorkerConfig

PAINTER = "painter"
SLEEP = "sleep:"
FLATTEST = 2.0  # standard deviation of a colour below which a picture shows nothing


class Drawn(NamedTuple):
    """A picture, and the seed that it came from in the end."""

    image: Image.Image
    seed: int


class Engine(Protocol):
    @property
    def device(self) -> str:
        """What it paints on, for people."""

    def paint(self, job: PictureJob, beat: Callable[[int], None]) -> Drawn:
        """The picture of `job`; `beat` is told each finished step. BadPicture: this picture only."""


def load_engine(config: WorkerConfig) -> Engine:
    """The engine that `config` names, its model loaded. Misconfigured when it cannot work here."""
    if config.engine.startswith(SLEEP):
        return Sleeper(float(config.engine.removeprefix(SLEEP)), config.faults)
    if config.engine != PAINTER:
        raise Misconfigured(f"There is no engine {config.engine!r}.", f"Use {PAINTER!r} or {SLEEP + '0.5'!r}.")
    from images.painter import Painter

    return Painter(config.model, config.folder, config.device, config.threads)


def call_arguments(model: Model, job: PictureJob, accepted: Container[str]) -> dict[str, Any]:
    """How a pipeline whose `__call__` has the parameters `accepted` is asked to paint `job`."""
    guidance = model.guidance_name if model.guidance_name in accepted else "true_cfg_scale"
    arguments: dict[str, Any] = {
        "prompt": job.prompt,  # a string: a list would be written into by some pipelines
        "width": job.width,
        "height": job.height,
        "num_inference_steps": job.steps,
        guidance: job.guidance,
    }
    if model.negative_prompt is not None:
        arguments["negative_prompt"] = model.negative_prompt
    if model.prompt_tokens:
        arguments["max_sequence_length"] = model.prompt_tokens
    return {name: value for name, value in arguments.items() if name in accepted}


def is_blank(image: Image.Image) -> bool:
    """Whether all of it is nearly one colour: black after wrong numbers, grey after none."""
    return all(deviation < FLATTEST for deviation in ImageStat.Stat(image.convert("RGB")).stddev)


class Sleeper:
    """Takes its time and returns a plain picture: for tests and benchmarks of everything around the painter."""

    def __init__(self, seconds: float, faults: Faults) -> None:
        if faults.cannot_load:
            raise Misconfigured("This engine was told not to load.")
        if faults.dies_loading:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seconds = seconds
        self.faults = faults
        self.device = "sleep"

    def paint(self, job: PictureJob, beat: Callable[[int], None]) -> Drawn:
        if job.id in self.faults.fails:
            raise BadPicture("This engine was told to fail.")
        for step in range(1, job.steps + 1):
            time.sleep(self.seconds / job.steps)
            beat(step)
            if job.id in self.faults.dies:
                os.kill(os.getpid(), signal.SIGKILL)
            while job.id in self.faults.hangs:
                time.sleep(60)
        shade = hashlib.sha256(f"{job.seed} {job.prompt}".encode()).digest()
        colour = Image.new("RGB", (job.width, job.height), (shade[0], shade[1], shade[2]))
        return Drawn(colour, job.seed)
