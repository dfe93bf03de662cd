"""The picture stage as a command, interrupted: real workers, a real pipeline in miniature."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.command import Done, command
from tests.studio import batch
from tests.test_images_pool import until

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
    began = time.monotonic()
    done = await interrupted(tmp_path, signal.SIGINT, times=2)
    assert done.code == 130
    assert time.monotonic() - began < 60
    assert len(pictures_in(tmp_path)) < PICTURES
