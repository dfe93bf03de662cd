"""Workers on the GPUs of a Ray cluster (`--ray`), behind the same promise as a worker process of this machine.

An actor on each GPU starts the very program that runs here, and passes on what it says; files that a job needs travel
with it, pictures come back as bytes and are signed and saved here. A node that is lost costs what it was painting. The
only file that imports ray, an optional library (requirements-ray.txt).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel, TypeAdapter

from config import disable_ray_usage_stats, visible_gpus
from errors import BadInput, DramatisError, Misconfigured
from files import write_bytes
from images.download import fetch_model
from images.label import Labeller
from images.models import Model, find_model
from images.pool.devices import Device
from images.pool.process import GOODBYE_SECONDS, ROOT, WorkerProcess
from images.schema import Failed, JobBatch, Painted, PictureJob, WorkerConfig, WorkerLine
from settings import REHEARSAL

ANSWERS_WITHIN = 5.0  # seconds
PLACED_WITHIN = 60.0  # seconds; after that there is no free place in the cluster
# What nodes need of this folder is the program; what users keep beside it is left here, their keys above all.
LEFT_HERE = [".env", ".git", ".venv", ".dramatis", "/tests", "/docs", "/benchmarks", "/examples/portraits"]
LEFT_HERE += ["/personas", "/calendars/*.json", "/output_standalone", "/output_images", "/demo", "*.pem", "*.log"]
_LINE: TypeAdapter[WorkerLine] = TypeAdapter(WorkerLine)


class Cluster:
    """A connection to a cluster. Use it with `async with`. Misconfigured when it cannot be made."""

    def __init__(self, address: str, hub: str, labeller: Labeller) -> None:
        self._address = address
        self._hub = hub
        self._labeller = labeller
        self._ray: Any = None
        self._gpus = self._cores = 0
        self._shared: dict[str, Any] = {}  # files that jobs need, by path, as the cluster holds them

    async def __aenter__(self) -> Self:
        self._ray = _library()
        disable_ray_usage_stats()
        try:
            await self._knock()
            await asyncio.to_thread(
                self._ray.init,
                address=self._address,
                include_dashboard=None if self._address != "local" else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env={"working_dir": str(ROOT), "excludes": LEFT_HERE},
            )
        except (RuntimeError, ValueError, OSError) as error:
            reason = str(error).strip().rstrip(".") or "nobody answers"
            raise Misconfigured(
                f"--ray {self._address}: there is no cluster to be reached: {reason}.",
                "Give the address of its head, such as 10.0.0.1:6379, or auto on one of its nodes, or local.",
            ) from error
        resources = self._ray.cluster_resources()
        self._gpus, self._cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._ray.shutdown)

    async def _knock(self) -> None:
        """See that somebody is there: ray itself would try for minutes."""
        host, _, port = self._address.removeprefix("ray://").rpartition(":")
        if host and port.isdigit():
            async with asyncio.timeout(ANSWERS_WITHIN):
                _, writer = await asyncio.open_connection(host, int(port))
            writer.close()

    def devices(self, wanted: int | None, *, rehearse: bool) -> list[Device]:
        """One for each GPU of the cluster; in rehearsal, or where there is none, `wanted` cores or one."""
        kind, there = ("cuda", self._gpus) if self._gpus and not rehearse else ("cpu", self._cores)
        number = wanted or (there if kind == "cuda" else 1)
        if number > there:
            raise BadInput(f"--num-gpus {number}: the cluster has {there}.", "Ask for fewer, or leave it out.")
        return [Device("cuda" if kind == "cuda" else "cpu", index, "Ray") for index in range(number)]

    async def start(self, config: WorkerConfig, device: Device, _log: Path) -> RayWorker:
        """A worker on a free place of the cluster; where there is none, one that says so and ends."""
        places = {"num_gpus": 1} if device.kind == "cuda" else {"num_cpus": 1}
        actor = self._ray.remote(NodeWorker).options(max_concurrency=16, **places).remote()
        worker = RayWorker(self._ray, actor, self._labeller, self._shared)
        try:
            worker.pid = await asyncio.wait_for(_come(actor.process_id.remote()), PLACED_WITHIN)
        except TimeoutError:
            worker.cause = "there is no free place for it in the cluster"
        except self._ray.exceptions.RayError as error:
            worker.cause = f"it could not be started: {str(error).strip().splitlines()[-1]}"
        else:
            actor.start.remote(config.model_dump_json(), self._hub)
        return worker


@dataclass(slots=True)
class RayWorker:
    """One worker of the cluster as the pool sees it."""

    ray: Any
    actor: Any
    labeller: Labeller
    shared: dict[str, Any]
    pid: int = 0
    cause: str = ""  # why it never began, or how it ended
    jobs: dict[str, PictureJob] = field(default_factory=dict)

    def send(self, line: BaseModel) -> None:
        files: dict[str, Any] = {}
        if isinstance(line, JobBatch):
            self.jobs |= {job.id: job for job in line.jobs}
            for path in (path for job in line.jobs for path in _files_of(job)):
                if path not in self.shared:
                    self.shared[path] = self.ray.put(Path(path).read_bytes())
                files[path] = self.shared[path]
        self.actor.send.remote(line.model_dump_json(), list(files), *files.values())

    async def lines(self) -> AsyncIterator[WorkerLine]:
        """What the worker says, until it or its node has ended."""
        if self.cause:
            yield Failed(id="", cause=f"{self.cause[0].upper()}{self.cause[1:]}.")
            return
        while True:
            try:
                said = await _come(self.actor.hear.remote())
            except self.ray.exceptions.RayError:
                self.cause = self.cause or "its node was lost"
                return
            for text, content in said:
                if not text:
                    self.cause = content.decode()
                    return
                yield await asyncio.to_thread(self._received, _LINE.validate_json(text), content)

    def _received(self, line: WorkerLine, content: bytes) -> WorkerLine:
        """A painted picture is saved before anybody hears of it."""
        if not isinstance(line, Painted):
            return line
        job = self.jobs[line.id]
        path = Path(job.path)
        try:
            signed = self.labeller.signed(content, job)
            write_bytes(path, signed)
        except DramatisError as error:
            return Failed(id=line.id, cause=error.what, remedy=error.remedy)
        stat = path.stat()
        found = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": hashlib.sha256(signed).hexdigest()}
        return line.model_copy(update=found)

    def terminate(self) -> None:
        self.kill()

    def kill(self) -> None:
        self.ray.kill(self.actor)

    async def end(self) -> None:
        with contextlib.suppress(self.ray.exceptions.RayError, TimeoutError):
            if not self.cause:
                await asyncio.wait_for(_come(self.actor.end.remote()), GOODBYE_SECONDS + 2)
        self.kill()

    @property
    def exit_reason(self) -> str:
        return self.cause or "it ended"


class NodeWorker:
    """What runs on a node: the worker program beside it, and what that says, to be fetched."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._folder = Path(tempfile.mkdtemp(prefix="dramatis-"))
        self._process: WorkerProcess | None = None
        self._paths: dict[str, Path] = {}  # where pictures are painted to, by job
        self._waiting: list[JobBatch] = []  # sent before the program had started

    async def process_id(self) -> int:
        return os.getpid()

    async def start(self, config: str, hub: str) -> None:
        """Start the program and pass on what it says; at last, instead of a line, how it ended."""
        wanted = WorkerConfig.model_validate_json(config)
        try:
            folder = await asyncio.to_thread(_folder_here, wanted.model, hub)
            speed = wanted.speed.model_copy(update={"learned": str(self._folder / "speed")})
            here = wanted.model_copy(update={"folder": folder, "parent": os.getpid(), "speed": speed})
            device = Device(wanted.device, 0, "", visible_gpus() or "")
            self._process = await WorkerProcess.start(here, device, self._folder / "worker.log")
        except DramatisError as error:
            self._said.put_nowait((Failed(id="", cause=error.what, remedy=error.remedy).model_dump_json(), b""))
        else:
            for batch in self._waiting:
                self._process.send(batch)
            async for line in self._process.lines():
                self._said.put_nowait((line.model_dump_json(), await asyncio.to_thread(self._picture, line)))
            await self._process.end()
        self._said.put_nowait(("", self._process.exit_reason.encode() if self._process else b"it could not begin"))

    async def send(self, batch: str, names: list[str], *files: bytes) -> None:
        """Work for the program. `files` are what its jobs need, under the paths that they have elsewhere."""
        here = {name: self._kept(content) for name, content in zip(names, files, strict=True)}
        jobs = tuple(self._moved(job, here) for job in JobBatch.model_validate_json(batch).jobs)
        if self._process is None:
            self._waiting.append(JobBatch(jobs=jobs))
        else:
            self._process.send(JobBatch(jobs=jobs))

    async def hear(self) -> list[tuple[str, bytes]]:
        """What was said since the last time: at least one line, and the picture that belongs to it."""
        said = [await self._said.get()]
        while not self._said.empty():
            said.append(self._said.get_nowait())
        return said

    async def end(self) -> None:
        if self._process is not None:
            await self._process.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _moved(self, job: PictureJob, here: dict[str, str]) -> PictureJob:
        path = self._folder / hashlib.sha256(job.id.encode()).hexdigest()[:16] / Path(job.path).name
        self._paths[job.id] = path
        lora = job.lora and job.lora.model_copy(update={"path": here[job.lora.path]})
        return job.model_copy(
            update={"path": str(path), "lora": lora, "reference": here[job.reference] if job.reference else ""}
        )

    def _kept(self, content: bytes) -> str:
        path = self._folder / hashlib.sha256(content).hexdigest()
        if not path.exists():
            write_bytes(path, content)
        return str(path)

    def _picture(self, line: WorkerLine) -> bytes:
        if not isinstance(line, Painted):
            return b""
        content = self._paths[line.id].read_bytes()
        self._paths.pop(line.id).unlink()
        return content


def _files_of(job: PictureJob) -> list[str]:
    return [path for path in (job.lora.path if job.lora else "", job.reference) if path]


def _folder_here(model: Model, hub: str) -> str:
    """Where the painter's files lie on this node."""
    if not model.source:
        return ""
    if model.name == REHEARSAL:
        return find_model(REHEARSAL).source
    if model.is_folder and not Path(model.source).is_dir():
        raise Misconfigured(
            f"A node of the cluster has no folder {model.source}.",
            "Put the model under the same path on every node, or name it by its hub id.",
        )
    say: Callable[[str], None] = logging.getLogger(__name__).info
    return str(fetch_model(model, hub, say))


async def _come(reference: Any) -> Any:
    """What a call to the cluster returns."""
    return await reference


def _library() -> Any:
    try:
        import ray
    except ImportError as error:
        raise Misconfigured(
            "--ray needs ray, which is not installed.",
            "Install it with: python -m pip install -r requirements-ray.txt",
        ) from error
    return ray
