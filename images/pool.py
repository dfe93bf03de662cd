"""Hand picture jobs to one worker process per device. Knows nothing of posts; never imports torch.

Workers pull: a free one is given the most expensive waiting job. They start when the first jobs come, and no more
of them than there are jobs. A worker that dies or falls silent loses no job.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from errors import BadPicture, DiskFull, DramatisError, Interrupted, WorkersGone
from images.devices import Device, count_cores
from images.engine import PAINTER
from images.models import Model
from images.process import WorkerProcess
from images.queue import JobQueue, Task
from images.schema import Beat, Failed, Faults, Painted, PictureJob, Ready, WorkerConfig, WorkerLine
from images.slot import Slot
from settings import REHEARSAL

DEATHS_BEFORE_RETIRED = 3
HUNG, HUNG_ON_CPU = 300.0, 1800.0  # seconds without a step
SECONDS_TO_OBEY = 5.0  # between SIGTERM and SIGKILL


class Pool:
    """One worker per device. Use it with `async with`: leaving it ends every worker."""

    def __init__(
        self,
        devices: Sequence[Device],
        model: Model,
        fetch: Callable[[], Path | None],
        logs: Path,
        *,
        say: Callable[[str], None] = lambda line: None,
        engine: str = PAINTER,
        faults: Faults | None = None,
        threads: int | None = None,
        hang_limit: float | None = None,
        load_limit: float = 1800.0,
        back_off: float = 1.0,
    ) -> None:
        """`fetch` returns the folder of the painter's files; it is called once, in a thread, when a first job comes.

        A worker is taken for hung after `hang_limit` seconds without a step, `load_limit` while it loads.
        """
        if threads is None:
            threads = 1 if model.name == REHEARSAL else max(1, count_cores() // len(devices))
        self._config = WorkerConfig(
            engine=engine,
            model=model,
            device=devices[0].kind,
            threads=threads,
            parent=os.getpid(),
            faults=faults or Faults(),
        )
        logs = logs.absolute()
        self._slots = [Slot(device, logs / f"worker-{device.kind}-{device.index}.log") for device in devices]
        self._fetch = fetch
        self._fetched = asyncio.Lock()
        self._is_fetched = False
        self._say = say
        self._hang_limit = hang_limit or (HUNG_ON_CPU if devices[0].kind == "cpu" else HUNG)
        self._load_limit = load_limit
        self._back_off = back_off
        self._queue = JobQueue()
        self._results: dict[str, asyncio.Future[Painted]] = {}
        self._changed = asyncio.Event()
        self._stopping = False
        self._last_ones: set[str] = set()  # what was being painted when the user asked to stop
        self._last_cause = ""
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._tasks = [self._group.create_task(self._tend(slot)) for slot in self._slots]
        self._tasks.append(self._group.create_task(self._watch()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        # What the body raised goes on as it is; only a bug in the pool itself comes out of the group.
        await self._group.__aexit__(None, None, None)

    @property
    def pids(self) -> list[int]:
        """The processes that are alive."""
        return [slot.process.pid for slot in self._slots if slot.process is not None]

    async def paint(self, job: PictureJob) -> Painted:
        """Paint `job` and return when its file is in place.

        BadPicture: this picture cannot be made. WorkersGone, DiskFull, Interrupted: none can.
        """
        if self._stopping:
            raise _stopped()
        await self._have_files()
        if job.id in self._results:
            return await asyncio.shield(self._results[job.id])
        if all(slot.retired for slot in self._slots):
            raise self._gone()
        result: asyncio.Future[Painted] = asyncio.get_running_loop().create_future()
        self._results[job.id] = result
        task = self._queue.add(job)
        self._feed()
        try:
            return await result
        finally:
            del self._results[job.id]
            self._queue.remove(task)

    def stop(self) -> None:
        """Finish the pictures that are being painted and begin no other. Every other `paint` raises Interrupted,
        but only when those are finished: whoever waits for all of them would otherwise lose them."""
        if not self._stopping:
            self._stopping = True
            self._last_ones = {job_id for slot in self._slots for job_id in slot.running}
        self._settle_stop()

    async def _have_files(self) -> None:
        async with self._fetched:
            if not self._is_fetched:
                folder = await asyncio.to_thread(self._fetch)
                self._config = self._config.model_copy(update={"folder": str(folder or "")})
                self._is_fetched = True

    async def _tend(self, slot: Slot) -> None:
        """One worker after another on this device, for as long as there is work and it makes sense."""
        while not slot.retired:
            while not self._is_wanted(slot):
                self._changed.clear()
                await self._changed.wait()
            cause = await self._live(slot)
            self._bury(slot, cause)
            if not slot.retired:
                await asyncio.sleep(self._back_off * 2 ** (slot.deaths - 1))

    async def _live(self, slot: Slot) -> str:
        """The life of one worker, from its start to its end, and what it died of."""
        slot.last_sign = time.monotonic()
        worker = await WorkerProcess.start(
            self._config.model_copy(update={"device": slot.device.kind}), slot.device, slot.log
        )
        slot.process = worker
        try:
            async for line in worker.lines():
                slot.last_sign = time.monotonic()
                self._hear(slot, line)
                self._feed()
                self._settle_stop()
        finally:
            slot.process = None
            slot.ready = False
            await worker.end()
        return "it gave no sign of life" if slot.silent else worker.epitaph

    def _hear(self, slot: Slot, line: WorkerLine) -> None:
        match line:
            case Ready():
                slot.ready = True
                self._say(f"{slot.device}: ready to paint after {line.seconds:.1f} s")
            case Beat():
                if line.step == 0:
                    slot.painted |= {slot.current} & slot.tasks.keys()
                    slot.current = line.id
                elif line.id in slot.tasks and line.step >= slot.tasks[line.id].job.steps:
                    slot.painted.add(line.id)
            case Painted():
                slot.deaths = 0
                self._answered(slot, line.id)
                self._resolve(line.id, line)
            case Failed(id=""):
                slot.retired = True
                self._last_cause = f"{line.cause} {line.remedy}".strip()
                self._say(f"{slot.device}: cannot paint: {self._last_cause}")
            case Failed():
                self._answered(slot, line.id)
                kind = DiskFull if line.disk_full else BadPicture
                self._resolve(line.id, kind(line.cause, line.remedy))

    def _answered(self, slot: Slot, job_id: str) -> None:
        slot.tasks.pop(job_id, None)
        slot.painted.discard(job_id)

    def _resolve(self, job_id: str, outcome: Painted | DramatisError) -> None:
        result = self._results.get(job_id)
        if result is None or result.done():
            return
        if isinstance(outcome, DramatisError):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)

    def _feed(self) -> None:
        """Give waiting jobs to workers that want them: first to the idle ones, then one ahead to the others."""
        self._changed.set()
        ready = [slot for slot in self._slots if slot.ready and not slot.is_alone and not slot.silent]
        for ahead in (0, 1):
            for slot in ready:
                if self._stopping or slot.process is None or slot.painting != ahead:
                    continue
                task = self._queue.take(painting=ahead, has_others=bool(slot.tasks), workers=len(ready))
                if task is not None:
                    if not slot.tasks:
                        slot.last_sign = time.monotonic()
                    slot.tasks[task.job.id] = task
                    slot.process.send(task.job)

    def _bury(self, slot: Slot, cause: str) -> None:
        """Take back what the dead worker had; the job in whose middle it died is under suspicion."""
        tasks, current = list(slot.tasks.values()), slot.current
        slot.tasks.clear()
        slot.painted.clear()
        slot.current, slot.silent = "", False
        for task in tasks:
            task.deaths += task.job.id == current
            if task.is_set_aside:
                self._resolve(task.job.id, _set_aside(task, cause, slot.log))
            elif task.job.id in self._results:
                self._queue.give_back(task)
        slot.deaths += 1
        if not slot.retired:
            self._last_cause = f"{slot.device}: {cause}."
            slot.retired = slot.deaths >= DEATHS_BEFORE_RETIRED
            what = "is given up" if slot.retired else "starts again"
            self._say(f"{slot.device}: the worker died ({cause}) and {what}; its log is {slot.log}")
        if all(other.retired for other in self._slots):
            for job_id in list(self._results):
                self._resolve(job_id, self._gone())
        self._feed()
        self._settle_stop()

    def _is_wanted(self, slot: Slot) -> bool:
        """Whether there are jobs enough for this worker too."""
        earlier = [other for other in self._slots[: self._slots.index(slot)] if not other.retired]
        return not self._stopping and len(self._results) > len(earlier)

    def _settle_stop(self) -> None:
        if self._stopping and not any(self._last_ones & slot.tasks.keys() for slot in self._slots):
            for job_id in list(self._results):
                self._resolve(job_id, _stopped())

    async def _watch(self) -> None:
        """End workers that have been silent for too long; their lines then end, and the rest follows."""
        while True:
            await asyncio.sleep(min(1.0, self._hang_limit / 4))
            for slot in self._slots:
                limit = self._hang_limit if slot.ready else self._load_limit
                busy = bool(slot.tasks) or not slot.ready
                if slot.process and busy and not slot.silent and time.monotonic() - slot.last_sign > limit:
                    slot.silent = True
                    slot.process.signal(signal.SIGTERM)
                    asyncio.get_running_loop().call_later(SECONDS_TO_OBEY, slot.process.signal, signal.SIGKILL)

    def _gone(self) -> WorkersGone:
        logs = self._slots[0].log.parent
        return WorkersGone(f"No picture worker is left. {self._last_cause}", f"What they said is in {logs}.")


def _stopped() -> Interrupted:
    return Interrupted("Stopped before this picture was begun.", "Run the same command again to go on.")


def _set_aside(task: Task, cause: str, log: Path) -> BadPicture:
    return BadPicture(
        f"{task.deaths} workers died while painting it; at last {cause}.",
        f"Their words are in {log}. Another --size or --image-model may help.",
    )
