"""The program that runs on one GPU: `python -m images.worker`.

It reads a `WorkerConfig` and then one job a line from stdin, and answers on stdout in the lines of schema.py.
What libraries print goes to stderr. It ends when stdin is closed, also in the middle of a picture: nobody would
be there to read the answer. Which jobs there are, and what happens when it dies, is the pool's business.
"""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import NoReturn, TextIO

from pydantic import BaseModel

from errors import DiskFull, DramatisError, ItemFailed
from files import write_bytes
from images.engine import Drawn, Engine, load_engine
from images.label import png_bytes
from images.schema import Beat, Failed, Painted, PictureJob, Ready, WorkerConfig

WAITING_TO_BE_WRITTEN = 2
LAST_WRITE_SECONDS = 1.5
LONGEST_CAUSE = 500
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Answers:
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


class Writer:
    """One thread that encodes, labels and saves, so that the painter goes on with the next picture."""

    def __init__(self, answers: Answers, model: str, negative_prompt: str) -> None:
        self._answers = answers
        self._model = model
        self._negative_prompt = negative_prompt
        self._pictures: queue.Queue[tuple[PictureJob, Drawn, float]] = queue.Queue(WAITING_TO_BE_WRITTEN)
        threading.Thread(target=self._run, daemon=True).start()

    def put(self, job: PictureJob, drawn: Drawn, started: float) -> None:
        self._pictures.put((job, drawn, started))

    def finish(self, seconds: float) -> None:
        """Wait until everything is saved, but no longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while self._pictures.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            job, drawn, started = self._pictures.get()
            try:
                content = png_bytes(
                    drawn.image, job, seed=drawn.seed, model=self._model, negative_prompt=self._negative_prompt
                )
                write_bytes(Path(job.path), content)
                self._answers.send(Painted(id=job.id, seconds=round(time.monotonic() - started, 3)))
            except DramatisError as error:
                self._answers.send(_failure(job.id, error))
            self._pictures.task_done()


def main() -> None:
    """Load, say so, paint until stdin is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which decides what to finish
    jobs_in, answers = _take_pipes()
    threading.excepthook = lambda bug: _end_with(bug.exc_value)
    sys.excepthook = lambda _kind, bug, _trace: _end_with(bug)
    started = time.monotonic()
    config = WorkerConfig.model_validate_json(jobs_in.readline())
    _die_with_parent(config.parent)
    model = config.model
    writer = Writer(answers, model.name, (model.negative_prompt or "") if model.guidance > 0 else "")
    jobs: queue.Queue[PictureJob] = queue.Queue()
    threading.Thread(target=_read_jobs, args=(jobs_in, jobs, writer), daemon=True).start()
    try:
        engine = load_engine(config)
    except DramatisError as error:
        answers.send(_failure("", error))
        os._exit(1)
    answers.send(Ready(device=engine.device, seconds=round(time.monotonic() - started, 3)))
    while True:
        _paint(engine, jobs.get(), answers, writer)


def _paint(engine: Engine, job: PictureJob, answers: Answers, writer: Writer) -> None:
    started = time.monotonic()
    answers.send(Beat(id=job.id, step=0))
    try:
        drawn = engine.paint(job, lambda step: answers.send(Beat(id=job.id, step=step)))
    except ItemFailed as error:
        answers.send(_failure(job.id, error))
    else:
        writer.put(job, drawn, started)


def _read_jobs(jobs_in: TextIO, jobs: queue.Queue[PictureJob], writer: Writer) -> NoReturn:
    """Hand jobs to the painter; at the end of stdin save what is painted and end the process."""
    for line in jobs_in:
        jobs.put(PictureJob.model_validate_json(line))
    writer.finish(LAST_WRITE_SECONDS)
    os._exit(0)


def _take_pipes() -> tuple[TextIO, Answers]:
    """Keep stdin and stdout for the parent alone: libraries find an empty stdin, and stderr as their stdout."""
    jobs_in = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return jobs_in, Answers(answers)


def _die_with_parent(parent: int) -> None:
    """On Linux the kernel kills this process with its parent, even where no thread can run."""
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
