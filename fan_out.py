"""Fan out: many items, some of them in work at once, and nothing in flight is thrown away. Knows only coroutines."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from errors import StopRun

T = TypeVar("T")


class Slots(Protocol):
    """Room for so many at once. An asyncio.Semaphore is one."""

    async def acquire(self) -> object: ...

    def release(self) -> None: ...


class RankedSlots:
    """Room for `number` at once, over several loops: whoever has the lowest rank is let in first, not who came first.

    So the items of the first loop are done before those of the last, and what follows them can begin.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._numbers = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def of(self, rank: int) -> Slots:
        """The same room, for the loop of this rank."""
        return _OfRank(self, rank)

    async def acquire(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._numbers), place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release()
            raise

    def release(self) -> None:
        while self._waiting:
            place = heapq.heappop(self._waiting)[2]
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


@dataclass(frozen=True, slots=True)
class _OfRank:
    room: RankedSlots
    rank: int

    async def acquire(self) -> None:
        await self.room.acquire(self.rank)

    def release(self) -> None:
        self.room.release()


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]], *, slots: Slots) -> None:
    """Await `work(item)` for every item, as many at once as `slots` has room; several loops may share it.

    Items are drawn only when there is room. After an error no new item starts, what is in work comes to its own
    end (an answer on its way is paid for), and then the error is raised: a StopRun before any other.
    """
    errors: list[Exception] = []

    async def one(item: T) -> None:
        try:
            await work(item)
        except Exception as error:  # noqa: BLE001 - raised below, when the others have come to their end
            errors.append(error)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await slots.acquire()
            if errors:
                slots.release()
                break
            group.create_task(one(item))
    if errors:
        raise next((error for error in errors if isinstance(error, StopRun)), errors[0])
