"""Rows that need more than engines that sleep: a real pipeline in miniature, and ten thousand finished pictures."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from benchmarks import easel
from benchmarks.pictures_table import Figure
from files import Folders
from images.jobs import find_done, picture_jobs
from images.label import Labeller
from images.manifest import Manifest
from images.models import find_model
from images.pool.pool import Pool
from images.schema import Labelling, Painted, PictureJob
from tweets.batch_file import read_batch
from tweets.schema import Painting, Tweet, TweetBatch

ROOT = Path(__file__).parent.parent
OBJECTS = ("kettle", "boat", "cart", "house", "tree", "lamp", "clock", "chair")


def resume(quick: bool) -> list[Figure]:
    """What is there already: found by the manifest, and by the labels where there is none."""
    number = 200 if quick else 10_000
    with tempfile.TemporaryDirectory() as place:
        folders = Folders(Path(place))
        batch = _finish(folders, number)
        known, found = _scan(folders, batch)
        (folders.pictures / "manifest.jsonl").unlink()
        labels, found_by_label = _scan(folders, batch)
    return [
        Figure(
            row="resume",
            work=f"read a batch of {number} posts, find all its pictures finished",
            ours=f"{known:.2f} s ({found} found); without the manifest, by labels, {labels:.2f} s ({found_by_label})",
            to_reach="<= 1 s",
            reached=known <= 1 and found == number == found_by_label,
        )
    ]


def _finish(folders: Folders, number: int) -> Path:
    """A batch in a file, and every picture of it in its place."""
    posts = tuple(
        Tweet(
            id=f"{2026 + index // 336}-{index // 28 % 12 + 1:02}-{index % 28 + 1:02}-{1 + index // 3360}",
            at="2026-12-01T08:00:00+01:00",
            content_type="thought",
            text="The kettle sings.",
            weighted_length=17,
            alt_text="A kettle on a stove.",
            painting=Painting(appearance="A girl with red hair.", scene=f"She looks at kettle {index}.", seed=index),
        )
        for index in range(number)
    )
    batch = TweetBatch(persona="mira", character="Mira", key="0123abcd", posts=posts)
    path = folders.batches / "mira-0123abcd.json"
    path.parent.mkdir(parents=True)
    path.write_text(batch.model_dump_json(), encoding="utf-8")
    model = find_model("rehearsal")
    labeller, plain = Labeller(model, Labelling()), Image.effect_noise((64, 64), 50)
    manifest = Manifest(folders.pictures)
    for job in picture_jobs(read_batch(path), model, folders):
        file = Path(job.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(labeller.picture_bytes(plain, job, job.seed))
        found = file.stat()
        line = Painted(
            id=job.id, seconds=0, seed=job.seed, size=found.st_size, mtime_ns=found.st_mtime_ns, sha256="0" * 64
        )
        manifest.add(job, line)
    manifest.close()
    return path


def _scan(folders: Folders, path: Path) -> tuple[float, int]:
    """Seconds from the batch in its file to what is missing, and how many pictures are there."""
    model = find_model("rehearsal")
    started = time.monotonic()
    jobs = picture_jobs(read_batch(path), model, folders)
    done = find_done(jobs, Manifest(folders.pictures))
    return time.monotonic() - started, sum(found is not None for found in done.values())


def seeds(quick: bool) -> list[Figure]:
    """The same pictures from one, two and eight workers, in any order, with a worker killed in the middle."""
    number = 8 if quick else 24
    counts = (1, 2) if quick else (1, 2, 8)
    pixels = [asyncio.run(_pixels(number, workers, shuffled=index)) for index, workers in enumerate(counts)]
    differing = sum(len({found.get(name) for found in pixels}) > 1 for name in pixels[0])
    missing = sum(number - len(found) for found in pixels)
    return [
        Figure(
            row="seeds",
            work=f"{number} pictures of the small painter by {' and '.join(map(str, counts))} workers, shuffled, kills",
            ours=f"{number - differing} of {number} pixel for pixel the same, {missing} missing",
            to_reach="all the same",
            reached=not differing and not missing,
        )
    ]


async def _pixels(number: int, workers: int, shuffled: int) -> dict[str, str]:
    """The digest of each picture's pixels."""
    model = find_model("rehearsal")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        jobs = _jobs(folder, number)
        random.Random(shuffled).shuffle(jobs)
        async with Pool(
            easel.cpus(workers), model, lambda: Path(model.source), folder / "logs", threads=1, back_off=0.01
        ) as pool:
            killing = asyncio.ensure_future(_kill_when_painted(pool, number // 3)) if shuffled else None
            await easel.paint_all(pool, jobs)
            if killing is not None:
                killing.cancel()
        return _digests(folder)


async def _kill_when_painted(pool: Pool, pictures: int) -> None:
    await easel.until(lambda: sum(slot.pictures for slot in pool.slots) >= pictures)
    next(slot.process for slot in pool.slots if slot.process is not None).kill()


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.glob("*.png"):
        with Image.open(path) as image:
            found[path.name] = hashlib.sha256(image.tobytes()).hexdigest()
    return found


def _jobs(folder: Path, number: int) -> list[PictureJob]:
    model = find_model("rehearsal")
    return [
        easel.job(
            folder, index, side=model.width, steps=model.steps, seed=1000 + index, prompt=f"A {OBJECTS[index % 8]}."
        ).model_copy(update={"guidance": model.guidance})
        for index in range(number)
    ]


def loop(quick: bool) -> list[Figure]:
    """One worker beside a plain loop over the same pipeline that saves each picture, and one that saves none."""
    number, rounds = (4, 1) if quick else (12, 3)
    ours, saving, bare = [], [], []
    for _ in range(rounds):
        ours.append(asyncio.run(_ours(number)))
        plain = _plain_loop(number)
        saving.append(plain["saving"])
        bare.append(plain["bare"])
    pace, beside, without = (statistics.median(values) for values in (ours, saving, bare))
    return [
        Figure(
            row="loop",
            work=f"{number} pictures of the small painter on the CPU, 128 px, 12 steps, float32, one thread, without "
            f"the load; median of {rounds}",
            ideal=f"{without:.3f} a second (plain loop, nothing saved)",
            ours=f"{pace:.3f} a second; plain loop that saves PNG {beside:.3f}: {pace / beside:.3f} of it; "
            f"{pace / without:.3f} of the one that saves nothing",
            to_reach=">= 0.97 of the plain loop",
            reached=pace / beside >= 0.97,
        )
    ]


async def _ours(number: int) -> float:
    """Pictures a second of one worker, counted from the first that is ready to the last that is saved."""
    model = find_model("rehearsal")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with Pool(easel.cpus(1), model, lambda: Path(model.source), folder / "logs", threads=1) as pool:
            await pool.paint(_jobs(folder, 1)[0])
            started = time.monotonic()
            await easel.paint_all(pool, _jobs(folder, number))
            return number / (time.monotonic() - started)


def _plain_loop(number: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.plain_loop", str(number)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    values: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return values


ROWS: dict[str, Callable[[bool], list[Figure]]] = {"resume": resume, "seeds": seeds, "loop": loop}
