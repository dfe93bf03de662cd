"""The program on the GPU, spoken to by hand: real processes, an engine that sleeps."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from pydantic import BaseModel, TypeAdapter

from images.jobs import is_done
from images.models import find_model
from images.schema import (
    Beat,
    Begun,
    Failed,
    Fits,
    JobBatch,
    Painted,
    PictureJob,
    Ready,
    Released,
    WorkerConfig,
    WorkerLine,
)
from images.worker.drawing import attempt_seed
from tests.command import ROOT
from tests.sleeper import Faults, sleeping
from tests.studio import job

LINE: TypeAdapter[WorkerLine] = TypeAdapter(WorkerLine)


class Worker:
    """A started worker and its pipes."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.process, self.stdin, self.stdout = process, stdin, stdout

    def send(self, line: BaseModel) -> None:
        self.stdin.write(line.model_dump_json().encode() + b"\n")
        self.stdin.flush()

    def give(self, *jobs: PictureJob) -> None:
        self.send(JobBatch(jobs=jobs))

    def hear(self) -> WorkerLine:
        return LINE.validate_json(self.stdout.readline())

    def hear_until(self, kind: type[BaseModel]) -> list[WorkerLine]:
        heard = [self.hear()]
        while not isinstance(heard[-1], kind):
            heard.append(self.hear())
        return heard


@contextmanager
def worker(seconds: float = 0.05, **faults: object) -> Iterator[Worker]:
    engine = sleeping(seconds, Faults.model_validate(faults))
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
        started.send(WorkerConfig(engine=engine, model=find_model("rehearsal")))
        try:
            yield started
        finally:
            process.kill()


def test_a_job_is_answered_when_it_begins_leaves_the_device_and_is_saved(tmp_path: Path) -> None:
    with worker() as started:
        assert isinstance(started.hear(), Ready)
        wanted = job(tmp_path)
        started.give(wanted)
        begun, released, painted = started.hear(), started.hear(), started.hear()
        assert isinstance(begun, Begun)
        assert begun.ids == (wanted.id,)
        assert isinstance(released, Released)
        assert 0.01 < released.silence < released.seconds
        assert isinstance(painted, Painted)
        content = Path(wanted.path).read_bytes()
        assert (painted.size, painted.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert painted.mtime_ns == Path(wanted.path).stat().st_mtime_ns
        assert is_done(wanted)


def test_a_long_picture_gives_signs_of_life(tmp_path: Path) -> None:
    with worker(1.2) as started:
        started.give(job(tmp_path, steps=12))
        beats = [line for line in started.hear_until(Painted) if isinstance(line, Beat)]
        assert 3 <= len(beats) <= 5


def test_a_batch_that_does_not_fit_is_halved_until_it_does_and_that_is_told(tmp_path: Path) -> None:
    wanted = [job(tmp_path, name) for name in "abcde"]
    with worker(most_at_once=2) as started:
        started.give(*wanted)
        heard = started.hear_until(Released)
        assert [line.most for line in heard if isinstance(line, Fits)] == [2, 1]
        while not all(is_done(one) for one in wanted):
            started.hear()


def test_what_never_fits_costs_only_itself(tmp_path: Path) -> None:
    with worker(most_at_once=-1) as started:
        started.give(job(tmp_path))
        failed = started.hear_until(Failed)[-1]
        assert isinstance(failed, Failed)
        assert "64x64 does not fit into the memory" in failed.cause


def test_a_blank_picture_is_made_again_from_another_seed(tmp_path: Path) -> None:
    blank, good = job(tmp_path, "blank"), job(tmp_path, "good")
    with worker(blank=[blank.id]) as started:
        started.give(blank, good)
        painted = {
            line.id: line for line in (started.hear_until(Painted)[-1] for _ in range(2)) if isinstance(line, Painted)
        }
    assert painted[good.id].seed == good.seed
    assert painted[blank.id].seed == attempt_seed(blank.seed, 1) != blank.seed
    assert is_done(blank)


def test_a_failed_picture_does_not_end_the_worker(tmp_path: Path) -> None:
    bad, good = job(tmp_path, "bad"), job(tmp_path, "good")
    with worker(fails=[bad.id]) as started:
        started.give(bad)
        started.give(good)
        failed = started.hear_until(Failed)[-1]
        assert isinstance(failed, Failed)
        assert failed.id == bad.id
        assert "told to fail" in failed.cause
        started.hear_until(Painted)
        assert is_done(good)


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with worker() as started:
        started.give(job(tmp_path / "file"))
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
    with worker(60) as started:
        started.hear_until(Ready)
        if busy:
            started.give(job(tmp_path))
            started.hear_until(Begun)
        started.stdin.close()
        assert started.process.wait(30) == 0, "a picture of a minute was painted to its end"


def test_ctrl_c_is_the_parents_business(tmp_path: Path) -> None:
    with worker() as started:
        started.hear_until(Ready)
        os.kill(started.process.pid, signal.SIGINT)
        started.give(job(tmp_path))
        started.hear_until(Painted)


def test_what_is_not_a_job_ends_the_worker_with_a_traceback() -> None:
    with worker() as started:
        started.hear_until(Ready)
        started.stdin.write(b"rubbish\n")
        started.stdin.flush()
        assert started.process.wait(5) == 1
        assert started.process.stderr
        assert b"ValidationError" in started.process.stderr.read()
