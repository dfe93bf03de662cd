"""One worker process as the parent sees it: start it, send it jobs, read its lines, end it.

Knows the protocol of schema.py. Which job goes where, and what a death means, is the pool's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from pydantic import BaseModel, TypeAdapter

from config import child_environment
from errors import DiskFull
from images.pool.devices import Device
from images.schema import WorkerConfig, WorkerLine

ROOT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 1_000_000
GOODBYE_SECONDS = 3.0  # a worker whose stdin is closed still saves what it has painted
_LINE: TypeAdapter[WorkerLine] = TypeAdapter(WorkerLine)


class Worker(Protocol):
    """A started worker, wherever it runs. Whoever starts it must `end` it."""

    pid: int

    def send(self, line: BaseModel) -> None:
        """Give it work; nothing happens when it is dead."""

    def lines(self) -> AsyncIterator[WorkerLine]:
        """What the worker says, until it has ended."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once."""

    async def end(self) -> None:
        """Give it a moment to save what is painted, then kill it. Returns when it is gone."""

    @property
    def exit_reason(self) -> str:
        """How it ended, as a person would say it."""


Starter = Callable[[WorkerConfig, Device, Path], Awaitable[Worker]]


class WorkerProcess:
    """A worker on this machine, spoken to through its stdin and stdout."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a worker is started with pipes for stdin and stdout")
        self.pid = process.pid
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout

    @classmethod
    async def start(cls, config: WorkerConfig, device: Device, log: Path) -> Self:
        with _open_log(log) as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "images.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=child_environment(worker_environment(device, config.threads)),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
            )
        worker = cls(process)
        worker.send(config)
        return worker

    def send(self, line: BaseModel) -> None:
        if not self._stdin.is_closing():
            self._stdin.write(line.model_dump_json().encode() + b"\n")

    async def lines(self) -> AsyncIterator[WorkerLine]:
        """What the worker says, until it has ended."""
        while (line := await self._stdout.readline()).endswith(b"\n"):
            yield _LINE.validate_json(line)

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Close its stdin, give it a moment to save what is painted, then kill it. Returns when it is gone."""
        self._stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            pass
        finally:
            if self._process.returncode is None:
                self.kill()
        await self._process.wait()

    @property
    def exit_reason(self) -> str:
        """How it ended, as a person would say it."""
        status = self._process.returncode
        if status is not None and status < 0:  # never so on Windows, which has no signals
            name = signal.Signals(-status).name
            killed = name == "SIGKILL"
            return "it was killed, as happens when the machine runs out of memory" if killed else f"{name} ended it"
        return f"it ended with status {status}"


def worker_environment(device: Device, threads: int) -> Mapping[str, str]:
    """What a worker's environment holds beyond ours. It must be set before torch is imported."""
    return {
        "CUDA_VISIBLE_DEVICES": device.visible,
        "OMP_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
        "PYTORCH_ENABLE_MPS_FALLBACK": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
    }


def _open_log(log: Path) -> BinaryIO:
    """Append to the log, but begin anew when it has grown large."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("ab" if not log.exists() or log.stat().st_size < LARGEST_LOG else "wb")
    except OSError as error:
        raise DiskFull(f"{log} cannot be written: {error.strerror}.", "Mend this, or use --out.") from error
