"""A parent to be killed: paint what is missing of 40 pictures with four workers, as the program does it.

`python -m benchmarks.painting FOLDER` prints the ids of its workers once they paint.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from benchmarks import easel
from images.jobs import find_done
from images.manifest import Manifest
from images.schema import PictureJob
from tests.sleeper import sleeping


async def main(folder: Path) -> None:
    jobs = [easel.job(folder, number, side=512) for number in range(40)]
    with contextlib.closing(Manifest(folder)) as manifest:
        done = find_done(jobs, manifest)
        async with easel.sleeping_pool(folder, 4, sleeping(0.2)) as pool:

            async def paint(job: PictureJob) -> None:
                manifest.add(job, await pool.paint(job))

            painting = asyncio.gather(*(paint(job) for job in jobs if done[job.id] is None))
            await easel.until(lambda: painting.done() or all(slot.ready for slot in pool.slots))
            print(*pool.pids, flush=True)
            await painting


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
