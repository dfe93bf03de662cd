"""Who may call now: callers wait in line, by rank and then by arrival, until the limit lets them through.

Holds the line and the one timer. How many may be in flight, and how fast, is decided in limit.py; retries and the
meaning of errors are the client's.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from llm.gate.learned import Learned
from llm.gate.limit import Limit
from llm.gate.queued_call import QueuedCall

LONGEST_WAIT = 120.0  # seconds that a Retry-After is followed

__all__ = ["Gate", "Learned", "QueuedCall"]


class Gate:
    """`enter` before a call, `leave` with its status and headers as soon as the whole reply is there.

    A call that was refused enters again with its old ticket and keeps its turn. `ceiling` None: as many as the
    endpoint bears.
    """

    def __init__(
        self,
        ceiling: int | None,
        clock: Callable[[], float] | None = None,
        learned: Learned | None = None,
        say: Callable[[str], None] = lambda _: None,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._limit = Limit(ceiling, learned or Learned(), longest_wait, say)
        self._clock = clock
        self._line: list[tuple[tuple[int, ...], int, QueuedCall]] = []
        self._resting: list[tuple[float, int, QueuedCall]] = []  # refused calls whose wait is not over
        self._gone = 0  # tickets in either list whose callers were cancelled
        self._in_flight = 0
        self._tickets = 0
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = math.inf
        self._closed: Exception | None = None

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return int(self._limit.value)

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def why(self) -> str:
        """Why the limit changed last."""
        return self._limit.why

    @property
    def history(self) -> list[tuple[float, int, str]]:
        """(time, limit, why) of the last changes."""
        return list(self._limit.history)

    def learned(self) -> Learned:
        """What the next run against the same endpoint and model should know."""
        return self._limit.learned()

    async def enter(self, rank: tuple[int, ...] = (), *, again: QueuedCall | None = None, kind: str = "") -> QueuedCall:
        """Wait for a place in flight. `kind`: calls that take about the same time, for judging latency."""
        if self._closed is not None:
            raise self._closed
        if again is None:
            self._tickets += 1
            queued = QueuedCall(rank, self._tickets, kind)
        else:
            # A caller that gave up has left its ticket in line; it comes with a copy.
            queued = again if again.waiter is None else replace(again, waiter=None)
            queued.rank = rank
        now = self._now()
        shut = bool(self._line)  # whoever waits has found the gate shut, and is called when it opens
        if queued.not_before > now:
            heapq.heappush(self._resting, (queued.not_before, queued.number, queued))
            shut = False
        else:
            heapq.heappush(self._line, (rank, queued.number, queued))
        if not shut:
            self._admit(now)
        if not queued.in_flight:
            queued.waiter = asyncio.get_running_loop().create_future()
            try:
                await queued.waiter
            except asyncio.CancelledError:
                self._give_up(queued)
                raise
            if self._closed is not None:  # closed between the call's turn and this moment
                self.leave(queued, None, {})
                raise self._closed
            self._limit.resumed(queued, self._now())
        return queued

    def leave(self, queued: QueuedCall, status: int | None, headers: Mapping[str, str]) -> None:
        """The call is over. Status None: it was cancelled, or the connection was lost."""
        if not queued.in_flight:
            return
        queued.in_flight = False
        self._in_flight -= 1
        now = self._now()
        self._limit.answered(queued, now, status, headers, self._in_flight, bool(self._line))
        self._admit(now)

    def close(self, reason: Exception) -> None:
        """Raise `reason` in everybody who waits or comes later. Calls in flight may finish."""
        self._closed = reason
        waiting = [queued for *_, queued in [*self._line, *self._resting]]
        self._line, self._resting, self._gone = [], [], 0
        for queued in waiting:
            if queued.waiter is not None and not queued.waiter.done():
                queued.waiter.set_exception(reason)
        self._wake_at(math.inf)

    def _now(self) -> float:
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()

    def _admit(self, now: float) -> None:
        """Let through whoever may go, and set the timer for the next."""
        resting, line = self._resting, self._line
        while resting and resting[0][0] <= now:
            queued = heapq.heappop(resting)[2]
            heapq.heappush(line, (queued.rank, queued.number, queued))
        wake_at = resting[0][0] if resting else math.inf
        while line:
            queued = line[0][2]
            if queued.waiter is not None and queued.waiter.cancelled():
                heapq.heappop(line)
                self._gone -= 1
                continue
            opens_at = self._limit.opens_at(now, self._in_flight)
            if opens_at > now:
                wake_at = min(wake_at, opens_at)
                break
            heapq.heappop(line)
            self._send(queued, now)
        self._wake_at(wake_at)

    def _send(self, queued: QueuedCall, now: float) -> None:
        self._in_flight += 1
        queued.in_flight = True
        self._limit.sent(queued, now, self._in_flight)
        if queued.waiter is not None:
            queued.waiter.set_result(None)
            queued.waiter = None

    def _give_up(self, queued: QueuedCall) -> None:
        """The caller was cancelled while it waited, or just after it was let through."""
        if queued.in_flight:
            self.leave(queued, None, {})
            return
        self._gone += 1
        if self._gone > len(self._line) + len(self._resting) >> 1:
            self._line = [entry for entry in self._line if not _is_gone(entry[2])]
            self._resting = [entry for entry in self._resting if not _is_gone(entry[2])]
            heapq.heapify(self._line)
            heapq.heapify(self._resting)
            self._gone = 0
            self._admit(self._now())

    def _wake_at(self, at: float) -> None:
        """Keep the one timer, no later than `at`. Early is fine: it looks, and is set again."""
        if self._timer is not None:
            if self._wakes_at <= at < math.inf:
                return
            self._timer.cancel()
            self._timer = None
        if at < math.inf:
            self._wakes_at = at
            self._timer = asyncio.get_running_loop().call_later(max(0.0, at - self._now()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._admit(self._now())


def _is_gone(queued: QueuedCall) -> bool:
    return queued.waiter is not None and queued.waiter.cancelled()
