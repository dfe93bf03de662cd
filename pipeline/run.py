"""One run of the program: what its stages share, how it is stopped, what comes of it.

Knows the language model, the picture workers and the report, but not the order of the stages.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import fan_out
from config import require_endpoint
from errors import DONE, HOLES, USAGE, BadInput, DramatisError, Interrupted, ItemFailed, StopRun
from pipeline.report import NextCommand, Outcome, nothing_next, tell
from pipeline.resources import StandIn, language_model, painters
from progress.progress import Progress
from progress.trace import Timeline
from settings import Settings

if TYPE_CHECKING:
    from images.label import Labeller
    from images.manifest import Manifest
    from images.models import Model
    from images.pool.pool import Pool
    from llm.client import LLM

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """What the stages of one command share. From `llm` to `manifest` a part is there when the mode needs it."""

    settings: Settings
    progress: Progress
    llm: LLM = field(init=False)
    painter: Model = field(init=False)
    labeller: Labeller = field(init=False)
    pool: Pool = field(init=False)
    manifest: Manifest = field(init=False)
    slots: fan_out.RankedSlots = field(init=False)  # posts in work at once, over all characters
    timeline: Timeline | None = None
    stand_in: StandIn | None = None
    bad_inputs: int = 0
    _later: list[asyncio.Task[None]] = field(default_factory=list)
    _stops: list[Callable[[StopRun], None]] = field(default_factory=list)
    _stopped: StopRun | None = None

    def __post_init__(self) -> None:
        # A quarter more than calls: when a place at the gate is free, the next question is ready.
        self.slots = fan_out.RankedSlots(self.settings.llm.at_once * 5 // 4)
        if self.settings.trace is not None:
            self.timeline = Timeline(time.monotonic())

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
        """`fan_out.for_each`, and a StopRun of one item stops the whole run."""

        async def stopping(item: T) -> None:
            self.raise_if_stopped()
            try:
                await work(item)
            except StopRun as reason:
                self.stop(reason)
                raise

        await fan_out.for_each(items, stopping, slots=asyncio.Semaphore(at_once))

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
    then: NextCommand = nothing_next,
) -> int:
    """Run `stages` to their end and return the exit code. `asks`, `paints`: what the stages need.

    `then`: what a person should type next.
    """
    settings.folders.check_writable()
    if asks:
        require_endpoint(settings.llm, rehearse=settings.rehearse)
    run = Run(settings, Progress(verbosity=settings.verbosity))
    error = asyncio.run(perform(run, stages, asks=asks, paints=paints))
    code = error.exit_code if error else run.exit_code()
    over = Outcome(
        settings=settings,
        progress=run.progress,
        exit_code=code,
        error=error,
        llm=getattr(run, "llm", None),
        pool=getattr(run, "pool", None),
        painter=run.painter.name if paints and hasattr(run, "painter") else "",
        timeline=run.timeline,
    )
    tell(over, then, as_json=as_json)
    return code


async def perform(
    run: Run, stages: Callable[[Run], Awaitable[None]], *, asks: bool, paints: bool
) -> DramatisError | None:
    """The run itself: open what it needs, do `stages`, close everything. Returns what ended it before its time."""
    error: DramatisError | None = None
    try:
        async with contextlib.AsyncExitStack() as stack:
            given = (run.settings, run.progress, run.timeline, run.stand_in)
            if paints:
                painting = await stack.enter_async_context(painters(*given))
                run.painter, run.labeller = painting.painter, painting.labeller
                run.pool, run.manifest = painting.pool, painting.manifest
                run.on_stop(lambda _: run.pool.stop())
            if asks:
                run.llm = await stack.enter_async_context(language_model(*given))
                run.on_stop(run.llm.stop)
            stack.enter_context(_signals(run))
            stack.enter_context(_ticking(run.progress))
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
    return error


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
    except NotImplementedError:  # Windows: its loops know no signals, Python itself does
        numbers = ()
        signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(interrupt))
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _ticking(progress: Progress) -> Iterator[None]:
    """Draw the progress every now and then, whatever else happens."""

    async def draw() -> None:
        while True:
            await asyncio.sleep(progress.interval)
            progress.tick()

    drawing = asyncio.create_task(draw())
    try:
        yield
    finally:
        if drawing.done():
            drawing.result()  # a bug in the drawing is not passed over in silence
        drawing.cancel()
