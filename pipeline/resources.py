"""What a run opens and closes: the language model with its journal, the painters with their workers.

What is opened is told to the progress and, where there is one, to the timeline. Knows nothing of stages.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from config import visible_gpus
from progress.progress import Progress
from progress.trace import Timeline
from progress.translate import translated
from settings import REFERENCE_PAINTER, PictureSettings, Settings

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from images.label import Labeller
    from images.manifest import Manifest
    from images.models import Model
    from images.pool.devices import Device
    from images.pool.pool import Pool
    from images.schema import WorkerLine
    from llm.client import LLM


@dataclass(frozen=True, slots=True)
class StandIn:
    """What takes the place of the network and of the painters while a run is only tried."""

    transport: httpx2.AsyncBaseTransport
    pool: Callable[[Sequence[Device], Model], contextlib.AbstractAsyncContextManager[Pool]]


@dataclass(frozen=True, slots=True)
class PaintingResources:
    """All that is needed to paint."""

    painter: Model
    labeller: Labeller
    pool: Pool
    manifest: Manifest


@contextlib.asynccontextmanager
async def language_model(
    settings: Settings, progress: Progress, timeline: Timeline | None, stand_in: StandIn | None
) -> AsyncIterator[LLM]:
    """The client of the language model, with the journal and what is known of the endpoint."""
    from llm.client import LLM
    from llm.journal import Journal
    from llm.memory import Memory

    transport = stand_in.transport if stand_in else None
    if settings.rehearse and transport is None:
        from rehearsal.endpoint import RehearsalTransport

        transport = RehearsalTransport()
    say, seen = progress.say, timeline.called if timeline else None
    with Journal(settings.folders.own / "journal.sqlite3", say) as journal:
        memory = Memory(settings.folders.own / "endpoints.json")
        async with LLM(settings.llm, journal, transport=transport, say=say, memory=memory, seen=seen) as llm:
            progress.facts += [partial(_calls, llm), llm.spend.money]
            yield llm


@contextlib.asynccontextmanager
async def painters(
    settings: Settings, progress: Progress, timeline: Timeline | None, stand_in: StandIn | None
) -> AsyncIterator[PaintingResources]:
    """The painter and its workers, which start when there is something to paint."""
    from images.download import fetch_model
    from images.label import Labeller
    from images.manifest import Manifest
    from images.models import find_model
    from images.pool.devices import check_fit, find_devices
    from images.pool.figures import counts
    from images.pool.pool import Pool
    from images.schema import Labelling, Speed

    wanted, say = settings.pictures, progress.say
    painter = find_model(wanted.model)
    if wanted.reference == "auto" and not painter.takes_reference:
        say(
            f"{painter.name} is shown no pictures, so --reference auto has no effect: characters are painted from "
            f"words. --image-model {REFERENCE_PAINTER} looks at portraits."
        )
    labelling = Labelling(tell_prompt=wanted.tell_prompt, certificate=wanted.certificate, key=wanted.certificate_key)
    learned = str((settings.folders.own / "speed").absolute())
    speed = Speed(precision=wanted.precision, attention=wanted.attention, compile=wanted.compile, learned=learned)
    labeller = Labeller(painter, labelling)
    logs = settings.folders.own / "logs"
    pool_of = partial(Pool, model=painter, logs=logs, batch=wanted.batch, say=say, speed=speed)

    def workers() -> contextlib.AbstractAsyncContextManager[Pool]:
        if wanted.ray and stand_in is None:
            unsigned = labelling.model_copy(update={"certificate": "", "key": ""})  # the key stays here
            return _workers_of_cluster(wanted, labeller, partial(pool_of, labelling=unsigned))
        devices = find_devices(wanted.gpus, rehearse=wanted.rehearse, visible=visible_gpus(), say=say)
        if stand_in is not None:
            return stand_in.pool(devices, painter)

        def fetch() -> Path | None:
            check_fit(painter, devices)
            return fetch_model(painter, wanted.hub, say)

        return pool_of(devices, fetch=fetch, labelling=labelling)

    async with workers() as pool:
        if timeline is not None:
            for slot in pool.slots:
                slot.heard = partial(_heard, timeline, str(slot.device))
        progress.facts += [partial(_busy, pool), partial(counts, pool.slots)]
        with contextlib.closing(Manifest(settings.folders.pictures, labelling, say)) as manifest:
            yield PaintingResources(painter, labeller, pool, manifest)


@contextlib.asynccontextmanager
async def _workers_of_cluster(
    wanted: PictureSettings, labeller: Labeller, pool_of: Callable[..., Pool]
) -> AsyncIterator[Pool]:
    """Workers on the nodes of a cluster; each node fetches the painter for itself."""
    from images.pool.cluster import Cluster

    async with Cluster(wanted.ray, wanted.hub, labeller) as cluster:
        devices = cluster.devices(wanted.gpus, rehearse=wanted.rehearse)
        async with pool_of(devices, fetch=lambda: None, start=cluster.start) as pool:
            yield pool


def _calls(llm: LLM) -> str:
    """How many calls are in flight, how many may be, and why not more."""
    if not llm.gate.in_flight:
        return ""
    return translated(f"{llm.gate.in_flight} of at most {llm.gate.limit} calls in flight ({llm.gate.why})")


def _busy(pool: Pool) -> str:
    """How many devices paint; nothing before the first worker has started."""
    if not any(slot.process for slot in pool.slots):
        return ""
    return translated(f"{sum(bool(slot.begun) for slot in pool.slots)} of {len(pool.slots)} painters busy")


def _heard(timeline: Timeline, device: str, line: WorkerLine) -> None:
    """What a worker says, for the trace."""
    if line.kind == "begun":
        timeline.paints(device, line.ids, time.monotonic())
    elif line.kind == "released":
        timeline.rests(device, time.monotonic())
