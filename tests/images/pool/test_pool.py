"""The pool and its workers: real processes, engines that sleep, die, hang and fail on purpose."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from errors import BadPicture, DiskFull, Interrupted, Misconfigured, WorkersGone
from images.jobs import is_done
from images.models import find_model
from images.pool.heartbeat import Patience
from images.pool.pool import Pool
from images.schema import Begun, Painted, PictureJob, WorkerLine
from images.worker.drawing import attempt_seed
from tests.command import ROOT
from tests.sleeper import Faults
from tests.studio import cpus, job, sleeping_pool


def jobs(folder: Path, number: int) -> list[PictureJob]:
    return [job(folder, f"{index}", seed=index) for index in range(number)]


async def paint_all(pool: Pool, wanted: list[PictureJob]) -> list[Painted | BaseException]:
    return await asyncio.gather(*(pool.paint(one) for one in wanted), return_exceptions=True)


async def until(condition: object, seconds: float = 10.0) -> None:
    """Wait until `condition()` holds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """A process that nobody has buried yet is dead all the same."""
    try:
        os.kill(pid, 0)
        return sys.platform != "linux" or " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


async def test_every_job_is_painted_and_every_worker_gone(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 12)
    async with sleeping_pool(tmp_path, 2) as pool:
        results = await paint_all(pool, wanted)
        pids = pool.pids
    assert [result.id for result in results if isinstance(result, Painted)] == [one.id for one in wanted]
    assert all(is_done(one) for one in wanted)
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)


async def test_no_worker_starts_before_the_first_job_and_none_without_work(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, 4) as pool:
        await asyncio.sleep(0.05)
        assert pool.pids == []
        await pool.paint(job(tmp_path))
        assert len(pool.pids) == 1
        await paint_all(pool, jobs(tmp_path, 4))
        assert len(pool.pids) == 4


async def test_every_worker_has_its_share_of_the_work(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, 4, 0.25) as pool:
        await paint_all(pool, [job(tmp_path, f"first {index}") for index in range(4)])
        await paint_all(pool, jobs(tmp_path, 12))
        shares = [slot.pictures for slot in pool.slots]
    assert sum(shares) == 16
    assert min(shares) >= 2


async def test_kill_9_of_a_worker_loses_nothing(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 10)
    async with sleeping_pool(tmp_path, 2, 0.1) as pool:
        painting = asyncio.ensure_future(paint_all(pool, wanted))
        for number in (2, 6):
            await until(lambda number=number: sum(map(is_done, wanted)) >= number)
            os.kill(pool.pids[0], signal.SIGKILL)
        results = await painting
    assert all(isinstance(result, Painted) for result in results)
    assert all(is_done(one) for one in wanted)


async def test_a_poison_job_is_set_aside_and_the_others_finish(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 6)
    poison = wanted[1]
    said: list[str] = []
    async with sleeping_pool(tmp_path, faults=Faults(dies=(poison.id,)), say=said.append) as pool:
        results = await paint_all(pool, wanted)
    bad = results.pop(1)
    assert isinstance(bad, BadPicture)
    assert "3 workers died" in str(bad)
    assert "worker-cpu-0.log" in str(bad)
    assert all(isinstance(result, Painted) for result in results)
    assert any("the worker died" in line for line in said)


async def test_a_failed_picture_costs_only_itself(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 3)
    async with sleeping_pool(tmp_path, faults=Faults(fails=(wanted[0].id,))) as pool:
        bad, *good = await paint_all(pool, wanted)
        assert len(pool.pids) == 1
    assert isinstance(bad, BadPicture)
    assert all(isinstance(result, Painted) for result in good)


async def test_a_hung_worker_is_found_and_its_other_jobs_are_painted(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 3)
    async with sleeping_pool(
        tmp_path, faults=Faults(hangs=(wanted[0].id,)), patience=Patience(first=0.8, least=0.8)
    ) as pool:
        bad, *good = await asyncio.wait_for(paint_all(pool, wanted), 20)
    assert isinstance(bad, BadPicture)
    assert "no sign of life" in str(bad)
    assert all(isinstance(result, Painted) for result in good)


async def test_a_slow_picture_that_goes_on_is_not_taken_for_hung(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, seconds=2.0, patience=Patience(first=1.2, least=1.2)) as pool:
        assert isinstance(await pool.paint(job(tmp_path, steps=20)), Painted)


async def test_after_a_picture_of_its_kind_a_hang_is_found_by_measured_steps(tmp_path: Path) -> None:
    first, hanging = jobs(tmp_path, 2)
    patience = Patience(first=60.0, least=0.5)
    async with sleeping_pool(tmp_path, faults=Faults(hangs=(hanging.id,)), patience=patience) as pool:
        await pool.paint(first)
        painting = asyncio.ensure_future(pool.paint(hanging))
        await until(lambda: pool.slots[0].restarts == 1, 10)
        painting.cancel()


async def test_what_memory_held_is_remembered_for_the_next_batches(tmp_path: Path) -> None:
    begun: list[int] = []
    said: list[str] = []

    def note(line: WorkerLine) -> None:
        if isinstance(line, Begun):
            begun.append(len(line.ids))

    async with sleeping_pool(tmp_path, faults=Faults(most_at_once=2), batch=4, say=said.append) as pool:
        pool.slots[0].heard = note
        results = await paint_all(pool, jobs(tmp_path, 16))
    assert all(isinstance(result, Painted) for result in results)
    assert max(begun) == 4
    assert set(begun[2:]) == {2}
    assert "cpu 0 (CPU): out of memory; from now on 2 at once of 64x64" in said


async def test_a_batch_in_whose_middle_a_worker_died_is_painted_one_by_one(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 8)
    poison = wanted[2]
    async with sleeping_pool(tmp_path, faults=Faults(dies=(poison.id,)), batch=4) as pool:
        results = await paint_all(pool, wanted)
    assert isinstance(results.pop(2), BadPicture)
    assert all(isinstance(result, Painted) for result in results)


async def test_a_blank_picture_is_made_again_from_the_next_attempts_seed(tmp_path: Path) -> None:
    wanted = job(tmp_path)
    async with sleeping_pool(tmp_path, faults=Faults(blank=(wanted.id,))) as pool:
        painted = await pool.paint(wanted)
    assert painted.seed == attempt_seed(wanted.seed, 1)
    assert is_done(wanted)


async def test_an_idle_worker_is_not_taken_for_hung(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, patience=Patience(first=0.8, least=0.8)) as pool:
        await pool.paint(job(tmp_path, "first"))
        before = pool.pids
        await asyncio.sleep(1.2)
        await pool.paint(job(tmp_path, "second"))
        assert pool.pids == before


async def test_when_no_worker_can_load_the_reason_and_the_log_are_told(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, 2, faults=Faults(cannot_load=True)) as pool:
        results = await paint_all(pool, jobs(tmp_path, 3))
        with pytest.raises(WorkersGone):
            await pool.paint(job(tmp_path))
    for result in results:
        assert isinstance(result, WorkersGone)
        assert "told not to load" in str(result)
        assert str(tmp_path / "logs") in str(result)


async def test_a_device_is_given_up_after_three_deaths_without_a_picture(tmp_path: Path) -> None:
    said: list[str] = []
    async with sleeping_pool(tmp_path, faults=Faults(dies_loading=True), say=said.append) as pool:
        with pytest.raises(WorkersGone, match="killed"):
            await pool.paint(job(tmp_path))
    assert len(said) == 3
    assert "given up" in said[-1]


async def test_a_full_disk_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    async with sleeping_pool(tmp_path) as pool:
        with pytest.raises(DiskFull):
            await pool.paint(job(tmp_path / "file"))


async def test_stop_finishes_what_is_running_and_drops_the_rest(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, 9)
    async with sleeping_pool(tmp_path, 2, 0.4) as pool:
        painting = asyncio.ensure_future(paint_all(pool, wanted))
        await until(lambda: sum(map(is_done, wanted)) >= 2)
        await asyncio.sleep(0.1)
        pool.stop()
        results = await painting
        with pytest.raises(Interrupted):
            await pool.paint(job(tmp_path, "late"))
    finished = [result for result in results if isinstance(result, Painted)]
    assert len(finished) == 4
    assert all(isinstance(result, Painted | Interrupted) for result in results)


async def test_stop_before_anything_is_running_ends_at_once(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path, seconds=30) as pool:
        painting = asyncio.ensure_future(paint_all(pool, jobs(tmp_path, 2)))
        await asyncio.sleep(0)
        pool.stop()
        results = await asyncio.wait_for(painting, 5)
    assert all(isinstance(result, Interrupted) for result in results)


async def test_leaving_in_the_middle_leaves_no_process_and_keeps_the_error(tmp_path: Path) -> None:
    pids: list[int] = []

    async def leave() -> None:
        async with sleeping_pool(tmp_path, 2, 30) as pool:
            painting = asyncio.ensure_future(paint_all(pool, jobs(tmp_path, 2)))
            await until(lambda: len(pool.pids) == 2)
            pids.extend(pool.pids)
            painting.cancel()
            raise KeyError("the caller's own")

    with pytest.raises(KeyError, match="the caller's own"):
        await leave()
    assert not any(is_alive(pid) for pid in pids)


async def test_a_cancelled_job_is_not_painted(tmp_path: Path) -> None:
    first, second = jobs(tmp_path, 2)
    async with sleeping_pool(tmp_path, seconds=0.3) as pool:
        one = asyncio.ensure_future(pool.paint(first))
        two = asyncio.ensure_future(pool.paint(second))
        await until(lambda: bool(pool.pids))
        two.cancel()
        await one
        await pool.paint(job(tmp_path, "third"))
    assert not Path(second.path).exists()


async def test_a_job_given_twice_is_painted_once(tmp_path: Path) -> None:
    async with sleeping_pool(tmp_path) as pool:
        wanted = job(tmp_path)
        first, second = await asyncio.gather(pool.paint(wanted), pool.paint(wanted))
    assert first is second


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import asyncio\n"
        "from pathlib import Path\n"
        "from tests.studio import job, sleeping_pool\n"
        "async def main():\n"
        f"    folder = Path({str(tmp_path)!r})\n"
        "    async with sleeping_pool(folder, 2, 60) as pool:\n"
        "        for name in 'ab': asyncio.ensure_future(pool.paint(job(folder, name)))\n"
        "        while not (len(pool.pids) == 2 and all(s.running for s in pool._slots)): await asyncio.sleep(0.02)\n"
        "        print(*pool.pids, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    deadline = time.monotonic() + 2
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(is_alive(pid) for pid in pids)


def test_the_parent_never_imports_torch() -> None:
    modules = "images.pool.pool, images.jobs, images.label, images.models, images.pool.devices, images.download"
    heavy = "{'torch', 'diffusers', 'transformers', 'numpy'}"
    code = f"import sys, {modules}\nsys.exit(sorted({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


async def test_the_painter_is_fetched_only_when_a_picture_is_painted(tmp_path: Path) -> None:
    def fetch() -> Path | None:
        raise Misconfigured("The hub is not to be reached.")

    async with Pool(cpus(1), find_model("rehearsal"), fetch, tmp_path / "logs") as pool:
        await asyncio.sleep(0)
        with pytest.raises(Misconfigured, match="hub"):
            await pool.paint(job(tmp_path))
