"""One run of the program: what it opens, how it is stopped, how it is told.

Knows the language model, the picture workers and the report, but not the order of the stages.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import flow
from config import require_endpoint, visible_gpus
from errors import DONE, HOLES, USAGE, BadInput, DramatisError, Interrupted, ItemFailed, StopRun
from files import write_json
from progress import Progress
from settings import REFERENCE_PAINTER, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from images.label import Labeller
    from images.models import Model
    from images.pool import Pool
    from llm.client import LLM

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """What the stages of one command share. From `llm` to `pool` a part is there when the mode needs it."""

    settings: Settings
    progress: Progress
    llm: LLM = field(init=False)
    painter: Model = field(init=False)
    labeller: Labeller = field(init=False)
    pool: Pool = field(init=False)
    slots: asyncio.Semaphore = field(init=False)  # posts in work at once, over all characters
    bad_inputs: int = 0
    _later: list[asyncio.Task[None]] = field(default_factory=list)
    _stops: list[Callable[[StopRun], None]] = field(default_factory=list)
    _stopped: StopRun | None = None

    def __post_init__(self) -> None:
        # A quarter more than calls: when a place at the gate is free, the next question is ready.
        self.slots = asyncio.Semaphore(self.settings.llm.at_once * 5 // 4)

    @property
    def window(self) -> int:
        """How many characters are in work at once: enough to keep every call busy, few enough to stay small."""
        return self.settings.llm.at_once + 20

    @contextlib.contextmanager
    def item(self, kind: str, name: str) -> Iterator[None]:
        """What fails inside costs this item alone: it becomes a hole of the report."""
        try:
            yield
        except (ItemFailed, BadInput) as error:
            self.bad_inputs += isinstance(error, BadInput)
            self.progress.hole(kind, name, error.what, error.remedy)

    async def for_each(self, items: Iterable[T], work: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
        """`flow.for_each`, and a StopRun of one item stops the whole run."""

        async def stopping(item: T) -> None:
            self.raise_if_stopped()
            try:
                await work(item)
            except StopRun as reason:
                self.stop(reason)
                raise

        await flow.for_each(items, stopping, slots=asyncio.Semaphore(at_once))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside everything else; the run ends when it is done."""
        self._later.append(asyncio.create_task(work))

    async def settle(self) -> None:
        """Wait for what was put off with `later`, and raise the StopRun that ended the run, if one did."""
        for outcome in await asyncio.gather(*self._later, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, StopRun):
                raise outcome
        self.raise_if_stopped()

    def on_stop(self, act: Callable[[StopRun], None]) -> None:
        self._stops.append(act)

    def stop(self, reason: StopRun) -> None:
        """Start nothing new. Calls and pictures that are under way are finished and kept."""
        if self._stopped is None:
            self._stopped = reason
            for act in self._stops:
                act(reason)

    def raise_if_stopped(self) -> None:
        if self._stopped is not None:
            raise self._stopped

    def exit_code(self) -> int:
        if not self.progress.holes:
            return DONE
        nothing = all(count.made + count.before == 0 for count in self.progress.counts.values())
        return USAGE if nothing and self.bad_inputs == len(self.progress.holes) else HOLES


def start(
    settings: Settings,
    stages: Callable[[Run], Awaitable[None]],
    *,
    asks: bool = True,
    paints: bool = False,
    as_json: bool = False,
) -> int:
    """Run `stages` to their end and return the exit code. `asks`, `paints`: what the stages need."""
    settings.folders.check_writable()
    if asks:
        require_endpoint(settings.llm, rehearse=settings.rehearse)
    return asyncio.run(_run(settings, stages, asks=asks, paints=paints, as_json=as_json))


async def _run(
    settings: Settings, stages: Callable[[Run], Awaitable[None]], *, asks: bool, paints: bool, as_json: bool
) -> int:
    run = Run(settings, Progress(verbosity=settings.verbosity))
    error: DramatisError | None = None
    try:
        async with contextlib.AsyncExitStack() as stack:
            if paints:
                await stack.enter_async_context(_painters(run))
            if asks:
                await stack.enter_async_context(_language_model(run))
            stack.enter_context(_signals(run))
            gc.freeze()  # what is imported by now stays; looking through it for garbage stops everything for a while
            try:
                await stages(run)
            finally:
                await run.settle()
    except DramatisError as reason:
        error = reason
    except asyncio.CancelledError:
        error = Interrupted("Stopped at once.", "Finished work is saved; run the same command again to go on.")
    finally:
        run.progress.close()
    _tell(run, error, as_json=as_json)
    return error.exit_code if error else run.exit_code()


@contextlib.asynccontextmanager
async def _language_model(run: Run) -> AsyncIterator[None]:
    from llm.client import LLM
    from llm.journal import Journal
    from llm.memory import Memory

    settings = run.settings
    transport = None
    if settings.rehearse:
        from llm.rehearsal import RehearsalTransport

        transport = RehearsalTransport()
    with Journal(settings.folders.own / "journal.sqlite3", run.progress.say) as journal:
        memory = Memory(settings.folders.own / "endpoints.json")
        async with LLM(settings.llm, journal, transport=transport, say=run.progress.say, memory=memory) as run.llm:
            run.on_stop(run.llm.stop)
            yield


@contextlib.asynccontextmanager
async def _painters(run: Run) -> AsyncIterator[None]:
    from images.devices import check_fit, find_devices
    from images.download import fetch_model
    from images.label import Labeller
    from images.models import find_model
    from images.pool import Pool
    from images.schema import Labelling

    wanted, say = run.settings.pictures, run.progress.say
    run.painter = find_model(wanted.model)
    if wanted.reference == "auto" and not run.painter.takes_reference:
        say(
            f"{run.painter.name} is shown no pictures, so --reference auto has no effect: characters are painted from "
            f"words. --image-model {REFERENCE_PAINTER} looks at portraits."
        )
    labelling = Labelling(tell_prompt=wanted.tell_prompt, certificate=wanted.certificate, key=wanted.certificate_key)
    run.labeller = Labeller(run.painter, labelling)
    devices = find_devices(wanted.gpus, rehearse=wanted.rehearse, visible=visible_gpus(), say=say)

    def fetch() -> Path | None:
        check_fit(run.painter, devices)
        return fetch_model(run.painter, wanted.hub, say)

    logs = run.settings.folders.own / "logs"
    async with Pool(devices, run.painter, fetch, logs, say=say, labelling=labelling) as run.pool:
        run.on_stop(lambda _: run.pool.stop())
        yield


@contextlib.contextmanager
def _signals(run: Run) -> Iterator[None]:
    """Ctrl-C once: finish what runs and stop. Twice: out at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    pressed = 0

    def interrupt() -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            run.progress.say("Finishing what is under way; press Ctrl-C again to stop at once.", at=-1)
            run.stop(Interrupted("Interrupted.", "Finished work is saved; run the same command again to go on."))
        elif task is not None:
            task.cancel()

    numbers: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
    try:
        for number in numbers:
            loop.add_signal_handler(number, interrupt)
    except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
        numbers = ()
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _tell(run: Run, error: DramatisError | None, *, as_json: bool) -> None:
    """The closing table for people, the report for programs."""
    progress = run.progress
    llm: LLM | None = getattr(run, "llm", None)
    if error is not None:
        progress.say(f"✗ {error}", at=-1)
    for line in progress.table(*(llm.usage.lines(llm.spend.money()) if llm else ())):
        progress.say(line)
    report = progress.as_json() | {
        "exit_code": error.exit_code if error else run.exit_code(),
        "stopped": str(error) if error else "",
        "usage": llm.usage.as_json() | {"cost": llm.spend.money()} if llm else {},
        "rehearsal": run.settings.rehearse,
    }
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    try:
        write_json(run.settings.folders.reports / f"{moment}.json", report)
    except StopRun as failure:
        progress.say(f"✗ {failure}", at=-1)
    if as_json:
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201 - data, asked for with --json
    else:
        for path in progress.written:
            print(path)  # noqa: T201 - data: what was made, one path a line
    sys.stdout.flush()
