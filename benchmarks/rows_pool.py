"""Rows about the pool: worker processes as they are, with engines that sleep in the place of GPUs."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from benchmarks import easel
from benchmarks.pictures_table import Figure
from tests.sleeper import sleeping

ROOT = Path(__file__).parent.parent
WORKERS = 8
SLOW = 0.7  # the pace of the slow worker


def equal(quick: bool) -> list[Figure]:
    """Equal pictures on eight workers; loads aside."""
    work = ((10, 0.2),) if quick else ((10, 2.0), (80, 2.0), (500, 0.5))
    figures = []
    for number, seconds in work:
        made, cpu, lost = asyncio.run(_equal(number, seconds))
        ideal = math.ceil(number / WORKERS) * seconds
        figures.append(
            Figure(
                row=f"equal {number}",
                work=f"{number} pictures of 64 px, {seconds:g} s each, 8 workers",
                ideal=f"{ideal:.2f} s",
                ours=f"{made:.2f} s: {made / ideal:.3f} x ideal, {number * seconds / made:.2f} x one worker",
                to_reach="<= 1.02 x ideal",
                reached=made / ideal <= 1.02 and not lost,
            )
        )
        if number == work[-1][0]:
            each = cpu / number * 1000
            figures.append(
                Figure(
                    row="parent",
                    work=f"processor time of the parent, {number} pictures of 4 steps, 8 workers",
                    ours=f"{each:.2f} ms a picture",
                    to_reach="<= 1 ms",
                    reached=each <= 1,
                )
            )
    return figures


async def _equal(number: int, seconds: float) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with easel.sleeping_pool(folder, WORKERS, sleeping(seconds)) as pool:
            await easel.warm(pool, folder)
            jobs = [easel.job(folder, index) for index in range(number)]
            started, cpu = time.monotonic(), time.process_time()
            results = await easel.paint_all(pool, jobs)
            return time.monotonic() - started, time.process_time() - cpu, easel.lost(results)


def mixed(quick: bool) -> list[Figure]:
    """Pictures of 4 to 20 steps, one worker slower than the others."""
    number = 16 if quick else 80
    draw = random.Random(1)
    steps = [draw.randint(4, 20) for _ in range(number)]
    made = asyncio.run(_mixed(steps, 0.02 if quick else 0.1))
    total = sum(steps) * (0.02 if quick else 0.1)
    ideal = total / (WORKERS - 1 + SLOW)
    share = [sum(steps[index::WORKERS]) for index in range(WORKERS)]
    static = max(share[0] / SLOW, *share[1:]) * total / sum(steps)
    return [
        Figure(
            row=f"mixed {number}",
            work=f"{number} pictures of 4 to 20 steps of 0.1 s, 8 workers, one at {SLOW} of the pace",
            ideal=f"{ideal:.2f} s",
            ours=f"{made:.2f} s: {made / ideal:.3f} x ideal; dealt out beforehand {static / ideal:.2f} x",
            to_reach="<= 1.05 x ideal",
            reached=made / ideal <= 1.05,
        )
    ]


async def _mixed(steps: list[int], seconds: float) -> float:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        engines = sleeping(seconds / SLOW, by_step=True), sleeping(seconds, by_step=True)
        async with easel.sleeping_pool(folder, WORKERS, *engines) as pool:
            await easel.warm(pool, folder)
            started = time.monotonic()
            await easel.paint_all(pool, [easel.job(folder, index, steps=each) for index, each in enumerate(steps)])
            return time.monotonic() - started


def encoder(quick: bool) -> list[Figure]:
    """Pictures whose PNG takes a good part of their time: encoding must not hold up the engine."""
    number, seconds = (4, 0.5) if quick else (60, 0.5)
    busy, encoding = asyncio.run(_encoder(number, seconds))
    return [
        Figure(
            row="encoder",
            work=f"{number} pictures of 1024 px, engine {seconds:g} s, encoding and saving {encoding * 1000:.0f} ms",
            ideal="100 %",
            ours=f"engine busy {busy:.1%}",
            to_reach=">= 99 %",
            reached=busy >= 0.99,
        )
    ]


async def _encoder(number: int, seconds: float) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with easel.sleeping_pool(folder, 1, sleeping(seconds)) as pool:
            await easel.warm(pool, folder)
            with easel.listening(pool) as heard:
                results = await easel.paint_all(pool, [easel.job(folder, index, side=1024) for index in range(number)])
    saving = [result.seconds - seconds for result in results if not isinstance(result, BaseException)]
    return number * seconds / (heard.released[-1] - heard.begun[0]), statistics.median(saving)


def killed_worker(quick: bool) -> list[Figure]:
    """kill -9 of a worker at random moments: nothing lost, nothing twice, and hardly more time."""
    kills, number, seconds = (2, 8, 0.1) if quick else (20, 24, 0.25)
    draw = random.Random(2)
    plain, load, _, _ = asyncio.run(_killed(number, seconds, None))
    runs = [asyncio.run(_killed(number, seconds, draw.uniform(0.05, 0.9 * plain))) for _ in range(kills)]
    lost, twice = sum(run[2] for run in runs), sum(run[3] for run in runs)
    extra = [run[0] - plain for run in runs]
    return [
        Figure(
            row="killed worker",
            work=f"{number} pictures of {seconds:g} s on 4 workers, one of them killed at {kills} random moments",
            ideal=f"{plain:.2f} s without a kill; a load {load:.2f} s",
            ours=f"{lost} lost, {twice} twice; {statistics.median(extra):.2f} s more (most: {max(extra):.2f} s)",
            to_reach="0 lost, 0 twice, <= one load and one picture more",
            reached=not lost and not twice and max(extra) <= load + seconds,
        )
    ]


async def _killed(number: int, seconds: float, after: float | None) -> tuple[float, float, int, int]:
    """Seconds for all, seconds that a worker took to be ready, pictures lost, pictures painted twice."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        began = time.monotonic()
        async with easel.sleeping_pool(folder, 4, sleeping(seconds)) as pool:
            first = asyncio.ensure_future(pool.paint(easel.job(folder, "first", steps=1)))
            await easel.until(lambda: pool.slots[0].ready)
            load = time.monotonic() - began
            await first
            await easel.warm(pool, folder)
            jobs = [easel.job(folder, index) for index in range(number)]
            with easel.listening(pool) as heard:
                started = time.monotonic()
                killing = asyncio.ensure_future(easel.kill_one(pool, after, 1)) if after is not None else None
                results = await easel.paint_all(pool, jobs)
                made = time.monotonic() - started
                if killing is not None:
                    await killing
    return made, load, easel.lost(results), sum(count > 1 for count in heard.painted.values())


def killed_parent(quick: bool) -> list[Figure]:
    """kill -9 of the parent, then the same again."""
    rounds = 1 if quick else 10
    draw = random.Random(3)
    finished = again = truncated = 0
    gone = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            gone.append(_kill_parent(folder, draw.uniform(0.3, 1.5)))
            before = {path: path.stat().st_mtime_ns for path in folder.glob("*.png")}
            finished += len(before)
            truncated += sum(not _is_whole(path) for path in before)
            subprocess.run(
                [sys.executable, "-m", "benchmarks.painting", place], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
            again += sum(path.stat().st_mtime_ns != time_ns for path, time_ns in before.items())
            truncated += sum(not _is_whole(path) for path in folder.glob("*.png"))
    return [
        Figure(
            row="killed parent",
            work=f"the parent of 4 workers killed with -9 {rounds} times, and run again",
            ours=f"the last worker gone after {max(gone):.2f} s at most; {again} of {finished} finished pictures made "
            f"again; {truncated} files cut off",
            to_reach="<= 2 s, none, none",
            reached=max(gone) <= 2 and not again and not truncated,
        )
    ]


def _kill_parent(folder: Path, after: float) -> float:
    """Start painting, kill the parent after some seconds of it, and say how long its workers outlived it."""
    command = [sys.executable, "-m", "benchmarks.painting", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        time.sleep(after)
        parent.kill()
    killed = time.monotonic()
    while any(_is_alive(pid) for pid in pids):
        time.sleep(0.005)
    return time.monotonic() - killed


def _is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False


def _is_whole(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True


ROWS: dict[str, Callable[[bool], list[Figure]]] = {
    "equal": equal,
    "mixed": mixed,
    "encoder": encoder,
    "killed-worker": killed_worker,
    "killed-parent": killed_parent,
}
