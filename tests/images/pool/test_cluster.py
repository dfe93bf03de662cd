"""Workers of a Ray cluster: what a node does with a job, and a whole cluster of two actors on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from errors import Misconfigured
from images.jobs import is_done
from images.models import find_model
from images.pool.cluster import Cluster, NodeWorker
from images.pool.pool import Pool
from images.schema import JobBatch, Labelling, LoraFile, WorkerConfig
from labels.c2pa import read_signature
from tests.certificates import write_certificate
from tests.command import ROOT
from tests.images.pool.test_pool import until
from tests.sleeper import Faults, sleeping, starting
from tests.studio import job, labeller

CONFIG = WorkerConfig(engine=sleeping(0.05), model=find_model("rehearsal"))


async def heard(node: NodeWorker, kind: str) -> tuple[dict[str, Any], bytes]:
    """The next line of this kind that a node passes on, and what came with it."""
    async with asyncio.timeout(30):
        while True:
            for text, content in await node.hear():
                line = json.loads(text) if text else {"kind": "end"}
                if line["kind"] == kind:
                    return line, content


async def test_a_node_paints_with_the_files_that_travel_and_sends_bytes_back(tmp_path: Path) -> None:
    lora = LoraFile(path="/elsewhere/mira.safetensors", digest="d")
    wanted = job(tmp_path / "not here", reference="/elsewhere/mira.png", lora=lora)
    node = NodeWorker()
    running = asyncio.ensure_future(node.start(CONFIG.model_dump_json(), ""))
    try:
        batch = JobBatch(jobs=(wanted,)).model_dump_json()
        await node.send(batch, ["/elsewhere/mira.png", lora.path], b"a portrait", b"weights")
        line, content = await heard(node, "painted")
        assert line["id"] == wanted.id
        path = tmp_path / "1.png"
        path.write_bytes(content)
        assert is_done(wanted.model_copy(update={"path": str(path)}))
        assert not Path(wanted.path).parent.exists()
    finally:
        await node.end()
        await running


async def test_a_node_without_the_painter_says_so(tmp_path: Path) -> None:
    node = NodeWorker()
    model = find_model("rehearsal").__class__(name="mine", source=str(tmp_path / "mine"), is_folder=True)
    await node.start(CONFIG.model_copy(update={"model": model}).model_dump_json(), "")
    line, _ = await heard(node, "failed")
    assert line["id"] == ""
    assert "A node of the cluster has no folder" in line["cause"]
    await node.end()


async def test_the_words_of_a_worker_that_dies_come_last() -> None:
    node = NodeWorker()
    dying = CONFIG.model_copy(update={"engine": sleeping(0.05, Faults(dies_loading=True))})
    await node.start(dying.model_dump_json(), "")
    assert await node.hear() == [("", b"it was killed, as happens when the machine runs out of memory")]
    await node.end()


@pytest.fixture
async def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Cluster, Path]]:
    pytest.importorskip("ray", reason="ray is not installed: python -m pip install -r requirements-ray.txt")
    # Nodes are sent the program without its tests, where the sleeping engine is.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
    chain, key = map(str, write_certificate(tmp_path))
    async with Cluster("local", "", labeller(certificate=chain, key=key)) as one:
        yield one, tmp_path


def pool_on(cluster: Cluster, folder: Path, say: Any = print, **changes: Any) -> Pool:
    given: dict[str, Any] = {"threads": 1, "back_off": 0.01, "labelling": Labelling()} | changes
    devices = cluster.devices(2, rehearse=True)
    start = starting(sleeping(0.3), start=cluster.start)
    return Pool(devices, find_model("rehearsal"), lambda: None, folder / "logs", say=say, start=start, **given)


async def lose_a_node(pool: Pool) -> list[int]:
    """Kill the actor of one worker in the middle of its pictures; the processes that it had started."""
    await until(lambda: all(slot.begun for slot in pool.slots), 60)
    process = pool.slots[0].process
    assert process is not None
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    started = [int(pid) for thread in threads for pid in thread.read_text().split()]
    os.kill(process.pid, signal.SIGKILL)
    return started


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.filterwarnings("ignore")  # of ray's own making
async def test_two_actors_paint_a_lost_one_costs_nothing_and_all_is_signed_here(
    cluster: tuple[Cluster, Path],
) -> None:
    one, folder = cluster
    wanted = [job(folder, str(number)) for number in range(8)]
    said: list[str] = []
    async with pool_on(one, folder, said.append) as pool, asyncio.TaskGroup() as group:
        painting = [group.create_task(pool.paint(each)) for each in wanted]
        started = await lose_a_node(pool)
        painted = await asyncio.gather(*painting)
        assert {slot.pictures > 0 for slot in pool.slots} == {True}
    assert any("its node was lost" in line for line in said), said
    assert all(map(is_done, wanted))
    for each, answer in zip(wanted, painted, strict=True):
        path = Path(each.path)
        assert (answer.size, answer.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
        assert read_signature(path.read_bytes(), "png").fits
        with Image.open(path) as image:
            assert image.size == (64, 64)
    assert started
    await until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in started), 5)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "not an address"])
async def test_a_cluster_that_is_not_there_is_said_at_once(address: str) -> None:
    pytest.importorskip("ray", reason="ray is not installed: python -m pip install -r requirements-ray.txt")
    with pytest.raises(Misconfigured, match="there is no cluster to be reached"):
        async with Cluster(address, "", labeller()):
            pass
