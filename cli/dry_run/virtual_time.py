"""Time that jumps: an asyncio loop whose clock moves to the next timer when nothing is ready to run.

A run of hours in which everybody only waits is over in a blink, and each wait has its length. Work in threads is
waited for in real time; the clock stands still meanwhile. A wait that nothing can end is an error.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _JumpingSelector(selectors.SelectSelector):
    """Instead of sleeping it moves the clock."""

    threads = 0  # at work

    def __init__(self, now: float) -> None:
        super().__init__()
        self.now = now

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None and len(self.get_map()) == 1 and threading.active_count() == 1:  # the loop's own pipe
            raise RuntimeError("Everything waits and no timer is set: this would hang for ever.")
        if timeout is None or self.threads:
            return super().select(0 if timeout is not None and timeout <= 0 else None)
        ready = super().select(0)
        if not ready:
            self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, beginning at second `start`."""

    def __init__(self, start: float = 0.0) -> None:
        self._jumping = _JumpingSelector(start)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def burn(self, seconds: float) -> None:
        """Time goes by and nothing else runs: this program is at work."""
        self._jumping.now += seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._thread_is_done)
        return future

    def _thread_is_done(self, _: object) -> None:
        self._jumping.threads -= 1


def run(work: Coroutine[Any, Any, T], start: float = 0.0) -> tuple[T, float]:
    """Run `work` to its end; what it returned, and the seconds that it would have taken."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(start)) as runner:
        outcome = runner.run(work)
        return outcome, runner.get_loop().time() - start
