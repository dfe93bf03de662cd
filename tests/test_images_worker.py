"""The program on the GPU, spoken to by hand: real processes, an engine that sleeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from pydantic import BaseModel, TypeAdapter

from images.jobs import is_done
from images.models import find_model
from images.schema import Beat, Failed, Faults, Painted, Ready, WorkerConfig, WorkerLine
from tests.studio import job

ROOT = Path(__file__).parent.parent
LINE: TypeAdapter[WorkerLine] = TypeAdapter(WorkerLine)


class Worker:
    """A started worker and its pipes."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.process, self.stdin, self.stdout = process, stdin, stdout

    def send(self, line: BaseModel) -> None:
        self.stdin.write(line.model_dump_json().encode() + b"\n")
        self.stdin.flush()

    def hear(self) -> WorkerLine:
        return LINE.validate_json(self.stdout.readline())

    def hear_until(self, kind: type[BaseModel]) -> list[WorkerLine]:
        heard = [self.hear()]
        while not isinstance(heard[-1], kind):
            heard.append(self.hear())
        return heard


@contextmanager
def worker(engine: str = "sleep:0.05", **faults: object) -> Iterator[Worker]:
    process = subprocess.Popen(
        [sys.executable, "-m", "images.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin
    assert process.stdout
    started = Worker(process, process.stdin, process.stdout)
    with process:
        started.send(WorkerConfig(engine=engine, model=find_model("rehearsal"), faults=Faults.model_validate(faults)))
        try:
            yield started
        finally:
            process.kill()


def test_a_job_is_answered_step_by_step_and_then_with_its_file(tmp_path: Path) -> None:
    with worker() as started:
        assert isinstance(started.hear(), Ready)
        wanted = job(tmp_path)
        started.send(wanted)
        heard = started.hear_until(Painted)
        assert [line.step for line in heard if isinstance(line, Beat)] == [0, 1, 2, 3, 4]
        assert is_done(wanted)


def test_a_failed_picture_does_not_end_the_worker(tmp_path: Path) -> None:
    bad, good = job(tmp_path, "bad"), job(tmp_path, "good")
    with worker(fails=[bad.id]) as started:
        started.send(bad)
        started.send(good)
        failed = started.hear_until(Failed)[-1]
        assert isinstance(failed, Failed)
        assert failed.id == bad.id
        assert "told to fail" in failed.cause
        started.hear_until(Painted)
        assert is_done(good)


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with worker() as started:
        started.send(job(tmp_path / "file"))
        failed = started.hear_until(Failed)[-1]
        assert isinstance(failed, Failed)
        assert failed.disk_full


def test_a_worker_that_cannot_load_says_why_and_ends() -> None:
    with worker(cannot_load=True) as started:
        failed = started.hear()
        assert isinstance(failed, Failed)
        assert failed.id == ""
        assert started.process.wait(5) == 1


@pytest.mark.parametrize("busy", [False, True])
def test_closed_stdin_ends_the_worker_at_once(tmp_path: Path, busy: bool) -> None:
    with worker("sleep:60") as started:
        started.hear_until(Ready)
        if busy:
            started.send(job(tmp_path))
            started.hear_until(Beat)
        began = time.monotonic()
        started.stdin.close()
        assert started.process.wait(5) == 0
        assert time.monotonic() - began < 2


def test_ctrl_c_is_the_parents_business(tmp_path: Path) -> None:
    with worker() as started:
        started.hear_until(Ready)
        os.kill(started.process.pid, signal.SIGINT)
        started.send(job(tmp_path))
        started.hear_until(Painted)


def test_what_is_not_a_job_ends_the_worker_with_a_traceback() -> None:
    with worker() as started:
        started.hear_until(Ready)
        started.stdin.write(b"rubbish\n")
        started.stdin.flush()
        assert started.process.wait(5) == 1
        assert started.process.stderr
        assert b"ValidationError" in started.process.stderr.read()
