"""The picture stage with real pipelines in miniature: interrupted, killed, in batches. Real commands, real workers."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from files import Folders
from images.jobs import picture_jobs
from images.models import find_model
from images.pool.pool import Pool
from images.schema import Begun, Painted, PictureJob, WorkerLine
from tests.command import Done, command
from tests.images.pool.test_pool import is_alive, paint_all, until
from tests.studio import batch, cpus
from tests.tiny_pipelines import save_z_image
from tweets.batch_file import read_batch

pytestmark = pytest.mark.slow
PICTURES = 12


def batch_file(folder: Path, pictures: int = PICTURES) -> Path:
    path = folder / "posts.json"
    path.write_text(batch(pictures).model_dump_json(), encoding="utf-8")
    return path


def pictures_in(folder: Path) -> dict[Path, int]:
    """Every picture, read whole, and when it was written."""
    found = {}
    for path in sorted((folder / "output_images").rglob("*.png")):
        with Image.open(path) as image:
            image.load()
        found[path] = path.stat().st_mtime_ns
    return found


async def painted(folder: Path, *flags: str) -> Done:
    return await command(
        "--generate-images", "--tweets-batch", folder / "posts.json", "--rehearse", "--out", folder, "--json", *flags
    )


async def interrupted(folder: Path, number: signal.Signals, times: int = 1) -> Done:
    """The command, sent a signal when it has painted two pictures."""
    processes: list[asyncio.subprocess.Process] = []

    async def interrupt() -> None:
        await until(lambda: len(list((folder / "output_images").rglob("*.png"))) >= 2, 60)
        for _ in range(times):
            processes[0].send_signal(number)
            await asyncio.sleep(0.05)

    interrupting = asyncio.ensure_future(interrupt())
    done = await command(
        *("--generate-images", "--tweets-batch", folder / "posts.json", "--rehearse", "--out", folder, "--json"),
        started=processes.append,
    )
    await interrupting
    return done


async def test_ctrl_c_finishes_the_picture_in_work_and_the_next_run_makes_the_rest(tmp_path: Path) -> None:
    batch_file(tmp_path)
    first = await interrupted(tmp_path, signal.SIGINT)
    assert first.code == 130
    before = pictures_in(tmp_path)
    assert 2 <= len(before) < PICTURES
    assert first.report["counts"]["pictures"]["made"] == len(before)
    second = await painted(tmp_path)
    assert second.code == 0
    counts = second.report["counts"]["pictures"]
    assert (counts["before"], counts["made"]) == (len(before), PICTURES - len(before))
    after = pictures_in(tmp_path)
    assert len(after) == PICTURES
    assert {path: after[path] for path in before} == before
    assert second.report["painters"][0]["pictures"] == PICTURES - len(before)


async def test_a_second_ctrl_c_stops_at_once_and_cuts_no_file_off(tmp_path: Path) -> None:
    batch_file(tmp_path)
    done = await interrupted(tmp_path, signal.SIGINT, times=2)
    assert done.code == 130
    assert len(pictures_in(tmp_path)) < PICTURES


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
async def test_a_killed_command_leaves_no_worker_and_its_pictures_count(tmp_path: Path) -> None:
    batch_file(tmp_path)
    killed = await interrupted(tmp_path, signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    await until(lambda: not workers_of(tmp_path), 2)
    before = pictures_in(tmp_path)
    done = await painted(tmp_path)
    assert done.report["counts"]["pictures"]["before"] == len(before)
    after = pictures_in(tmp_path)
    assert {path: after[path] for path in before} == before


def workers_of(folder: Path) -> list[int]:
    """Living workers whose log lies in the folder; found by their open files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mine = str((process / "fd" / "2").readlink()).startswith(str(folder))
        except OSError:
            continue
        if mine and is_alive(int(process.name)):
            found.append(int(process.name))
    return found


async def pixels(jobs: list[PictureJob], workers: int, logs: Path, *, kill: bool = False) -> dict[str, str]:
    """The digest of each picture, painted by so many workers; `kill`: one of them dies in the middle."""
    model = find_model("rehearsal")
    async with Pool(cpus(workers), model, lambda: Path(model.source), logs, threads=1, back_off=0.01) as pool:
        painting = asyncio.ensure_future(paint_all(pool, jobs))
        if kill:
            await until(lambda: sum(slot.pictures for slot in pool.slots) >= 2, 60)
            os.kill(pool.pids[0], signal.SIGKILL)
        assert all(isinstance(result, Painted) for result in await painting)
        assert sum(slot.restarts for slot in pool.slots) == kill
    found = {}
    for job in jobs:
        with Image.open(job.path) as image:
            found[job.id] = hashlib.sha256(image.tobytes()).hexdigest()
    return found


async def test_a_picture_is_the_same_from_any_worker_in_any_order_and_after_a_crash(tmp_path: Path) -> None:
    wanted = read_batch(batch_file(tmp_path))
    model = find_model("rehearsal")
    one, two = (picture_jobs(wanted, model, Folders(tmp_path / name)) for name in ("one", "two"))
    undisturbed = await pixels(one, 1, tmp_path / "logs")
    assert await pixels(two[::-1], 2, tmp_path / "logs", kill=True) == undisturbed


async def test_a_batch_of_the_default_painter_goes_through_a_worker_in_one_call(tmp_path: Path) -> None:
    model = find_model(str(save_z_image(tmp_path / "Z-Image-Turbo")))
    jobs = picture_jobs(batch(4), model, Folders(tmp_path))
    jobs = [job.model_copy(update={"width": 64, "height": 64, "steps": 2}) for job in jobs]
    begun: list[tuple[str, ...]] = []

    def note(line: WorkerLine) -> None:
        if isinstance(line, Begun):
            begun.append(line.ids)

    async with Pool(cpus(1), model, lambda: Path(model.source), tmp_path / "logs", threads=1, batch=2) as pool:
        pool.slots[0].heard = note
        results = await paint_all(pool, jobs)
    assert all(isinstance(result, Painted) for result in results)
    assert [len(ids) for ids in begun] == [2, 2]
    assert [isinstance(result, Painted) and result.seed for result in results] == [job.seed for job in jobs]
