"""Hand picture jobs to one worker process per device. Knows nothing of posts; never imports torch.

Workers pull: a free one is given the most expensive waiting jobs, as many of one group as it can paint at once.
They start all together when the first jobs come, and no more of them than there are jobs. A worker that dies or
falls silent loses no job.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from errors import BadPicture, DiskFull, DramatisError, WorkersGone
from images.jobs import saved_answer
from images.models import Model
from images.pool.batch_size import BatchSizes
from images.pool.devices import Device, count_cores, free_memory
from images.pool.heartbeat import Heartbeat, Patience
from images.pool.pending import Awaited, stopped
from images.pool.process import Starter, WorkerProcess
from images.pool.queue import JobQueue
from images.pool.slot import DeviceSlot
from images.schema import (
    Beat,
    Begun,
    Failed,
    Fits,
    Labelling,
    Painted,
    PictureJob,
    Ready,
    Released,
    Speed,
    WorkerConfig,
    WorkerLine,
)
from settings import REHEARSAL

DEATHS_BEFORE_RETIRED = 3
SECONDS_TO_OBEY = 5.0  # between SIGTERM and SIGKILL
ON_GPU, ON_CPU = Patience(), Patience(first=1800.0)


class Pool:
    """One worker per device. Use it with `async with`: leaving it ends every worker."""

    def __init__(
        self,
        devices: Sequence[Device],
        model: Model,
        fetch: Callable[[], Path | None],
        logs: Path,
        *,
        batch: int | None = None,
        say: Callable[[str], None] = lambda line: None,
        labelling: Labelling = Labelling(),  # noqa: B008 - it is frozen
        speed: Speed = Speed(),  # noqa: B008 - it is frozen
        threads: int | None = None,
        patience: Patience | None = None,
        back_off: float = 1.0,
        start: Starter = WorkerProcess.start,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`fetch` returns the folder of the painter's files; it is called once, in a thread, when a first job comes.

        `batch`: pictures in one call, None: found by itself.
        `start`: how a worker is started. `clock`: what silences are measured by.
        """
        if threads is None:
            threads = 1 if model.name == REHEARSAL else max(1, count_cores() // len(devices))
        kind, parent = devices[0].kind, os.getpid()
        self._config = WorkerConfig(model=model, device=kind, threads=threads, parent=parent)
        self._config = self._config.model_copy(update={"labelling": labelling, "speed": speed})
        self._patience = patience or (ON_CPU if devices[0].kind == "cpu" else ON_GPU)
        self._slots = [
            DeviceSlot(one, logs.absolute() / f"worker-{one.kind}-{one.index}.log", Heartbeat(self._patience, clock))
            for one in devices
        ]
        self._sizes = BatchSizes(batch)
        self._fetch = fetch
        self._fetched = asyncio.Lock()
        self._is_fetched = self._loads_in_turn = False
        self._say = say
        self._back_off = back_off
        self._start = start
        self._queue = JobQueue()
        self._awaited = Awaited()
        self._changed = asyncio.Event()
        self._stopping = False
        self._last_ones: set[str] = set()  # what was being painted when the user asked to stop
        self._last_cause = ""
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._tasks = [self._group.create_task(self._supervise(slot)) for slot in self._slots]
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

    @property
    def slots(self) -> Sequence[DeviceSlot]:
        """The devices and what each has done so far."""
        return self._slots

    async def paint(self, job: PictureJob) -> Painted:
        """Paint `job` and return when its file is in place.

        BadPicture: this picture cannot be made. WorkersGone, DiskFull, Interrupted: none can.
        """
        if self._stopping:
            raise stopped()
        await self._have_files()
        if job.id in self._awaited:
            return await self._awaited.share(job.id)
        if all(slot.retired for slot in self._slots):
            raise self._gone()
        result = self._awaited.open(job.id)
        task = self._queue.add(job)
        self._feed()
        try:
            return await result
        finally:
            self._awaited.close(job.id)
            self._queue.remove(task)

    def stop(self) -> None:
        """Finish the pictures that are being painted and begin no other. Every other `paint` raises Interrupted,
        but only when those are finished: whoever waits for all of them would otherwise lose them."""
        if not self._stopping:
            self._stopping = True
            self._last_ones = {job_id for slot in self._slots for job_id in slot.running}
        self._settle_stop()

    async def _have_files(self) -> None:
        if self._is_fetched:
            return
        async with self._fetched:
            if not self._is_fetched:
                folder = await asyncio.to_thread(self._fetch)
                self._config = self._config.model_copy(update={"folder": str(folder or "")})
                free = free_memory()
                self._loads_in_turn = free is not None and self._config.model.weight_bytes > free
                self._is_fetched = True

    async def _supervise(self, slot: DeviceSlot) -> None:
        """One worker after another on this device, for as long as there is work and it makes sense."""
        while not slot.retired:
            while not self._is_wanted(slot):
                self._changed.clear()
                await self._changed.wait()
            cause = await self._run_worker(slot)
            self._handle_death(slot, cause)
            if not slot.retired:
                await asyncio.sleep(self._back_off * (2 ** (slot.deaths - 1) - 1))

    async def _run_worker(self, slot: DeviceSlot) -> str:
        """The life of one worker, from its start to its end, and what it died of."""
        slot.be_started()
        config = self._config.model_copy(update={"device": slot.device.kind})
        worker = await self._start(config, slot.device, slot.log)
        slot.process = worker
        try:
            async for line in worker.lines():
                slot.pulse.sign()
                slot.heard(line)
                self._hear(slot, line)
        finally:
            slot.end()
            await worker.end()
        return "it gave no sign of life" if slot.silent else worker.exit_reason

    def _hear(self, slot: DeviceSlot, line: WorkerLine) -> None:
        match line:
            case Ready():
                slot.be_ready()
                self._say(f"{slot.device}: ready to paint after {line.seconds:.1f} s")
                self._feed()
            case Begun():
                slot.begin(line.ids)
            case Beat():
                slot.pulse.sign(line.silence)
            case Released():
                slot.release(line)
                self._feed()
            case Fits():
                self._sizes.lower(line.group, line.most)
                size = line.group.split()[0]
                self._say(f"{slot.device}: out of memory; from now on {line.most} at once of {size}")
            case Painted():
                slot.painted()
                self._settle(slot, line.id, line)
            case Failed(id=""):
                slot.retired = True
                self._last_cause = f"{line.cause} {line.remedy}".strip()
                self._say(f"{slot.device}: cannot paint: {self._last_cause}")
            case Failed():
                kind = DiskFull if line.disk_full else BadPicture
                self._settle(slot, line.id, kind(line.cause, line.remedy))

    def _settle(self, slot: DeviceSlot, job_id: str, outcome: Painted | DramatisError) -> None:
        slot.answered(job_id)
        self._awaited.settle(job_id, outcome)
        if not slot.tasks:
            self._feed()  # a job that must be alone may have waited for this
        self._settle_stop()

    def _feed(self) -> None:
        """Give waiting jobs to workers that want them: first to the idle ones, then one batch ahead to the others."""
        self._changed.set()
        if self._stopping or not self._queue:
            return
        ready = [slot for slot in self._slots if slot.ready and not slot.is_alone and not slot.silent]
        for outstanding in (0, 1):
            for slot in ready:
                if slot.outstanding != outstanding:
                    continue
                tasks = self._queue.take(
                    workers=len(ready),
                    ahead=bool(outstanding),
                    is_idle=not slot.tasks,
                    group=slot.group,
                    most=lambda job, device=slot.device: self._sizes.most(job, device),  # type: ignore[misc]
                )
                if tasks:
                    slot.give(tasks, left=len(self._queue) // len(ready))

    def _handle_death(self, slot: DeviceSlot, cause: str) -> None:
        """Take back what the dead worker had; the jobs in whose middle it died are under suspicion."""
        on_their_way = slot.released & slot.tasks.keys()
        for task in slot.take_back():
            if task.job.id in on_their_way and (painted := saved_answer(task.job)) is not None:
                self._awaited.settle(task.job.id, painted)  # it died between the last byte and the word of it
            elif task.is_set_aside:
                self._awaited.settle(task.job.id, slot.set_aside(task, cause))
            elif task.job.id in self._awaited:
                self._queue.give_back(task)
        slot.deaths += 1
        if not slot.retired:
            self._last_cause = f"{slot.device}: {cause}."
            slot.retired = slot.deaths >= DEATHS_BEFORE_RETIRED
            slot.restarts += not slot.retired
            what = "is given up" if slot.retired else "starts again"
            self._say(f"{slot.device}: the worker died ({cause}) and {what}; its log is {slot.log}")
        if all(other.retired for other in self._slots):
            self._awaited.settle_all(self._gone())
        self._feed()
        self._settle_stop()

    def _is_wanted(self, slot: DeviceSlot) -> bool:
        """Whether there are jobs enough for this worker too, and it need not wait for another to load."""
        earlier = [other for other in self._slots[: self._slots.index(slot)] if not other.retired]
        if self._loads_in_turn and any(other.loading for other in self._slots):
            return False
        return not self._stopping and len(self._awaited) > len(earlier)

    def _settle_stop(self) -> None:
        if self._stopping and not any(self._last_ones & slot.tasks.keys() for slot in self._slots):
            self._awaited.settle_all(stopped())

    async def _watch(self) -> None:
        """End workers that have been silent for too long; their lines then end, and the rest follows."""
        while True:
            await asyncio.sleep(min(1.0, self._patience.least / 4))
            for slot in self._slots:
                if slot.process is not None and not slot.silent and slot.is_overdue:
                    slot.silent = True
                    slot.process.terminate()
                    asyncio.get_running_loop().call_later(SECONDS_TO_OBEY, slot.process.kill)

    def _gone(self) -> WorkersGone:
        logs = self._slots[0].log.parent
        return WorkersGone(f"No picture worker is left. {self._last_cause}", f"What they said is in {logs}.")
