"""The program that runs on one GPU: `python -m images.worker`.

It reads a `WorkerConfig` and then one batch a line from stdin, and answers on stdout in the lines of schema.py.
What libraries print goes to stderr. It ends when stdin is closed, also in the middle of a picture: nobody would
be there to read the answer. Which jobs there are, and what happens when it dies, is the pool's business.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from pydantic import BaseModel

from errors import DiskFull, DramatisError
from files import write_bytes
from images.label import Labeller
from images.schema import Beat, Begun, Failed, Fits, JobBatch, Painted, PictureJob, Ready, Released, WorkerConfig
from images.worker.drawing import Drawn, Undrawn, draw
from images.worker.engine import Engine, load_engine

WRITERS = 2  # a PNG of a megapixel takes about 150 ms; encoding lets go of the interpreter for most of that
WAITING_TO_BE_WRITTEN = 16
SWITCH_SECONDS = 0.0005  # a writer lets the painter go on after so long; the usual 5 ms would be felt at every picture
BEAT_SECONDS = 0.25  # between two beats that the parent is told
LAST_WRITE_SECONDS = 1.5
LONGEST_CAUSE = 500
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class WorkerOutput:
    """Lines to the parent, from any thread. A parent that does not read any more ends this process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, line: BaseModel) -> None:
        with self._lock:
            try:
                self._stream.write(line.model_dump_json() + "\n")
                self._stream.flush()
            except BrokenPipeError:
                os._exit(1)


class HeartbeatSender:
    """Tells the parent that something moves, now and then, and keeps the longest silence of a batch."""

    def __init__(self, answers: WorkerOutput) -> None:
        self._answers = answers
        self._told = self._last = time.monotonic()
        self.silence = 0.0

    def begin(self) -> None:
        self.silence, self._last = 0.0, time.monotonic()

    def beat(self, _step: int = 0) -> None:
        now = time.monotonic()
        self.silence, self._last = max(self.silence, now - self._last), now
        if now - self._told >= BEAT_SECONDS:
            self._told = now
            self._answers.send(Beat())

    def expect_silence(self, seconds: float) -> None:
        self._answers.send(Beat(silence=seconds))


class PictureWriter:
    """Threads that encode, label and save, so that the painter goes on with the next picture."""

    def __init__(self, answers: WorkerOutput, labeller: Labeller) -> None:
        self._answers = answers
        self._labeller = labeller
        self._pictures: queue.Queue[tuple[Drawn, float]] = queue.Queue(WAITING_TO_BE_WRITTEN)
        for _ in range(WRITERS):
            threading.Thread(target=self._run, daemon=True).start()

    def put(self, drawn: Drawn, started: float) -> None:
        self._pictures.put((drawn, started))

    def finish(self, seconds: float) -> None:
        """Wait until everything is saved, but no longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while self._pictures.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            drawn, started = self._pictures.get()
            try:
                self._answers.send(self._save(drawn, started))
            except DramatisError as error:
                self._answers.send(_failure(drawn.job.id, error))
            self._pictures.task_done()

    def _save(self, drawn: Drawn, started: float) -> Painted:
        job, path = drawn.job, Path(drawn.job.path)
        content = self._labeller.picture_bytes(drawn.image, job, drawn.seed)
        write_bytes(path, content)
        return Painted(
            id=job.id,
            seconds=round(time.monotonic() - started, 3),
            seed=drawn.seed,
            size=len(content),
            mtime_ns=path.stat().st_mtime_ns,
            sha256=hashlib.sha256(content).hexdigest(),
            note=job.note,
        )


def main() -> None:
    """Load, say so, paint until stdin is closed."""
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which decides what to finish
    jobs_in, answers = _take_pipes()
    threading.excepthook = lambda bug: _end_with(bug.exc_value)
    sys.excepthook = lambda _kind, bug, _trace: _end_with(bug)
    started = time.monotonic()
    config = WorkerConfig.model_validate_json(jobs_in.readline())
    _die_with_parent(config.parent)
    batches: queue.Queue[JobBatch] = queue.Queue()
    pulse = HeartbeatSender(answers)
    try:
        writer = PictureWriter(answers, Labeller(config.model, config.labelling))
        threading.Thread(target=_read_batches, args=(jobs_in, batches, writer), daemon=True).start()
        engine = load_engine(config, pulse.expect_silence)
    except DramatisError as error:
        answers.send(_failure("", error))
        os._exit(1)
    answers.send(Ready(device=engine.device, seconds=round(time.monotonic() - started, 3)))
    while True:
        batch = batches.get()
        later = [job for waiting in list(batches.queue) for job in waiting.jobs]
        _paint(engine, batch, later, answers, writer, pulse)


def _paint(
    engine: Engine,
    batch: JobBatch,
    later: Sequence[PictureJob],
    answers: WorkerOutput,
    writer: PictureWriter,
    pulse: HeartbeatSender,
) -> None:
    started = time.monotonic()
    ids = tuple(job.id for job in batch.jobs)
    answers.send(Begun(ids=ids))
    pulse.begin()
    jobs = engine.fit(batch.jobs, later)
    engine.compile_if_worthwhile(jobs[0], batch.left)
    for outcome in draw(engine, jobs, pulse.beat):
        match outcome:
            case Drawn():
                writer.put(outcome, started)
            case Undrawn():
                answers.send(_failure(outcome.job.id, outcome.reason))
            case Fits():  # the parent knows the group by the words that it sent
                answers.send(outcome.model_copy(update={"group": batch.jobs[0].group}))
    pulse.beat()
    answers.send(Released(ids=ids, seconds=round(time.monotonic() - started, 4), silence=round(pulse.silence, 4)))


def _read_batches(jobs_in: TextIO, batches: queue.Queue[JobBatch], writer: PictureWriter) -> NoReturn:
    """Hand batches to the painter; at the end of stdin save what is painted and end the process."""
    for line in jobs_in:
        batches.put(JobBatch.model_validate_json(line))
    writer.finish(LAST_WRITE_SECONDS)
    os._exit(0)


def _take_pipes() -> tuple[TextIO, WorkerOutput]:
    """Keep stdin and stdout for the parent alone: libraries find an empty stdin, and stderr as their stdout."""
    jobs_in = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return jobs_in, WorkerOutput(answers)


def _die_with_parent(parent: int) -> None:
    """On Linux the kernel kills this process with its parent, even where no thread can run.

    Elsewhere stdin, which ends with the parent, is the way; `os.getppid()` says nothing there, since on Windows a
    launcher may stand between the two.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if parent and os.getppid() != parent:
            os._exit(1)


def _end_with(bug: BaseException | None) -> None:
    """A bug in any thread ends the process at once; the pool starts another and the log has the traceback."""
    traceback.print_exception(bug)
    os._exit(1)


def _failure(job_id: str, error: DramatisError) -> Failed:
    return Failed(
        id=job_id,
        cause=error.what[:LONGEST_CAUSE],
        remedy=error.remedy[:LONGEST_CAUSE],
        disk_full=isinstance(error, DiskFull),
    )


if __name__ == "__main__":
    main()
