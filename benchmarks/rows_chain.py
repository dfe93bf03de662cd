"""The row of the whole chain, W: personas, calendars, posts and pictures at once, beside one command after another.

The program's own stages, client, gate, pool and worker processes; the model is the rehearsal's answers after the times
of the guide, the painters sleep.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from PIL import Image

from benchmarks import easel
from benchmarks.casting import graph
from benchmarks.schedule import Graph, Job, graph_schedule, list_schedule
from benchmarks.table import Figure
from cli.dry_run import virtual_time
from cli.dry_run.estimate import StandInPool
from cli.dry_run.forecast import GUIDE, OTHER
from files import Folders
from images.models import Model
from images.pool.devices import Device
from images.pool.pool import Pool
from persona.schema.stage_table import PURPOSES
from pipeline import stages as chain
from pipeline.resources import StandIn
from pipeline.run import Run, perform
from progress.progress import Progress
from rehearsal.endpoint import RehearsalTransport
from settings import REHEARSAL, LLMSettings, PictureSettings, Settings
from tests.sleeper import sleeping

PLACES, WORKERS = 20, 8
PICTURE_SECONDS = 2.0  # of one picture on one GPU, in the user's guide
Stages = Callable[[Run], Awaitable[None]]


def whole_chain(*, quick: bool) -> Iterator[Figure]:
    """W: 20 characters with 10 posts each and their pictures; every wait is a fifth of the guide's."""
    people, posts, scale = (3, 2, 50.0) if quick else (20, 10, 5.0)
    _measured(1, 1, 1000.0, together=True)  # what is loaded once is loaded by now, for both
    together, pictures = _measured(people, posts, scale, together=True)
    apart, _ = _measured(people, posts, scale, together=False)
    model = graph_schedule(_graph(posts, scale), people, PLACES)
    painting = list_schedule([PICTURE_SECONDS / scale] * pictures, WORKERS)
    ideal = max(model, painting)
    ordered, _ = _measured(people, posts, scale, together=True, jumping=True)
    yield Figure(
        row="W",
        work=f"{people} characters, {posts} posts each, {pictures} pictures, the guide's times / {scale:g}, "
        f"{PLACES} calls at once, {WORKERS} painters",
        ideal=f"{ideal:.2f} s: model {model:.2f} s, painters {painting:.2f} s",
        ours=f"{together:.2f} s; three commands one after the other {apart:.2f} s; "
        f"by its order alone, in virtual time, {ordered:.2f} s",
        times=together / ideal,
        plain="",
        to_reach="<= 1.1",
        reached=together <= 1.1 * ideal,
    )


def _graph(posts: int, scale: float) -> Graph:
    """The calls of one character: its stages, then its calendar, then its posts."""
    stages = {name: Job(GUIDE[name] / scale, job.after) for name, job in graph(eager=False).items()}
    calendar = {"calendar": Job(OTHER / scale, PURPOSES)}
    return stages | calendar | {f"post {n}": Job(GUIDE["tweets_post"] / scale, ("calendar",)) for n in range(posts)}


def _measured(people: int, posts: int, scale: float, *, together: bool, jumping: bool = False) -> tuple[float, int]:
    """Seconds from the first command to the end of the last, and the pictures that were painted.

    `jumping`: in virtual time, which shows the order of the work and nothing of the machine; paints no file.
    """
    with tempfile.TemporaryDirectory() as name:
        folders = Folders(Path(name))
        portraits = [folders.root / f"c{index:02}.png" for index in range(people)]
        for index, path in enumerate(portraits):
            Image.new("RGB", (48, 64), (10 * index, 255 - 10 * index, 99)).save(path)
        settings = Settings(
            llm=LLMSettings(base_url="http://stand-in.invalid/v1", text_model="m", vision_model="m"),
            pictures=PictureSettings(model=REHEARSAL, rehearse=True),
            folders=folders,
            tweets=posts,
        )
        do = partial(_do, settings, scale, jumping=jumping)
        started, passed = time.perf_counter(), 0.0
        if together:
            passed += do(partial(chain.run_all, pictures=portraits), paints=True)
        else:
            passed += do(partial(chain.generate_personas, pictures=portraits))
            personas = sorted(folders.personas.glob("*.json"))
            passed += do(partial(chain.write_posts, personas=personas, calendars=[], generate=True))
            passed += do(
                partial(chain.paint_pictures, batches=sorted(folders.batches.glob("*.json"))),
                asks=False,
                paints=True,
            )
        seconds = passed if jumping else time.perf_counter() - started
        return seconds, sum(1 for _ in folders.pictures.rglob("*.png"))


def _do(
    settings: Settings, scale: float, stages: Stages, *, asks: bool = True, paints: bool = False, jumping: bool = False
) -> float:
    """One command, without its closing words; the seconds it took where time jumps."""

    @contextlib.asynccontextmanager
    async def pool(_devices: Sequence[Device], model: Model) -> AsyncIterator[Pool]:
        if jumping:
            yield cast("Pool", StandInPool(easel.cpus(WORKERS), model, PICTURE_SECONDS / scale, judged=False))
            return
        engine = sleeping(PICTURE_SECONDS / scale)
        async with easel.sleeping_pool(settings.folders.root, WORKERS, engine) as workers:
            yield workers

    def seconds(purpose: str) -> float:
        return GUIDE.get(purpose, OTHER) / scale

    run = Run(settings, Progress(verbosity=-1))
    run.stand_in = StandIn(RehearsalTransport(seconds), pool)
    work = perform(run, stages, asks=asks, paints=paints)
    error, passed = virtual_time.run(work) if jumping else (asyncio.run(work), 0.0)
    if error is not None or run.progress.holes:
        raise RuntimeError(f"{error} {run.progress.holes[:3]}")
    return passed


ROWS = {"W": whole_chain}
