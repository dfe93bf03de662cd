"""Servers that live in virtual time: a run of a minute is over in a blink.

They answer as `(status, headers)` after the seconds that they would take.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from cli.dry_run import virtual_time
from llm.gate.gate import Gate

T = TypeVar("T")
Reply = tuple[int, dict[str, str]]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end in virtual time. It does not begin at 0, so that a time is not taken for none."""
    return virtual_time.run(work, start=1000.0)[0]


class Server(Protocol):
    async def answer(self, seconds: float) -> Reply: ...


@dataclass
class Wire:
    """What every server counts, and the short way there and back (seconds, each way, drawn evenly)."""

    trip: tuple[float, float] = (0.0002, 0.0008)
    seed: int = 0
    calls: int = 0
    refused: int = 0
    inside: int = 0
    levels: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    async def travel(self) -> None:
        await asyncio.sleep(self.draw.uniform(*self.trip))

    async def work(self, seconds: float) -> None:
        self._move(1)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._move(-1)

    def refuse(self, headers: dict[str, str], status: int = 429) -> Reply:
        self.refused += 1
        return status, headers

    def _move(self, step: int) -> None:
        self.inside += step
        self.levels.append((asyncio.get_running_loop().time(), self.inside))

    def mean_inside(self, since: float) -> float:
        """How many calls were inside on average after the time `since`, queued ones too."""
        total, level, last = 0.0, 0, since
        for time, inside in self.levels:
            if time > since:
                total += level * (time - last)
                last = time
            level = inside
        return total / (last - since) if last > since else 0.0


@dataclass
class Unlimited(Wire):
    """Answers everybody after the seconds that the call takes; `factor` makes it slower from a moment on."""

    slower_at: float = math.inf
    factor: float = 1.0

    async def answer(self, seconds: float) -> Reply:
        self.calls += 1
        await self.travel()
        slow = self.factor if asyncio.get_running_loop().time() >= self.slower_at else 1.0
        await self.work(seconds * slow)
        await self.travel()
        return 200, {}


@dataclass
class Rated(Wire):
    """A token bucket. `announces`: rate headers on every reply and `retry-after-ms`; otherwise `Retry-After` alone."""

    rate: float = 20.0
    burst: float = 20.0
    announces: bool = False
    changes: tuple[float, float] = (math.inf, 0.0)  # from this time on, that rate
    says: str = "1"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tokens = self.burst
        self.at: float | None = None

    def _take(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now >= self.changes[0]:
            self.rate, self.changes = self.changes[1], (math.inf, 0.0)
        if self.at is not None:
            self.tokens = min(self.burst, self.tokens + self.rate * (now - self.at))
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def _headers(self) -> dict[str, str]:
        if not self.announces:
            return {}
        return {
            "x-ratelimit-limit-requests": f"{self.rate * 60:.0f}",
            "x-ratelimit-remaining-requests": f"{int(self.tokens)}",
            "x-ratelimit-reset-requests": f"{(self.burst - self.tokens) / self.rate * 1000:.0f}ms",
        }

    async def answer(self, seconds: float) -> Reply:
        self.calls += 1
        await self.travel()
        accepted, headers = self._take(), self._headers()
        if accepted:
            await self.work(seconds)
            await self.travel()
            return 200, headers
        wait = max(1, math.ceil((1 - self.tokens) / self.rate * 1000))
        await self.travel()
        said = {"retry-after-ms": str(wait)} if self.announces else {"retry-after": self.says}
        return self.refuse({**headers, **said})


@dataclass
class Places(Wire):
    """`places` calls at once. `queues`: the others wait their turn; otherwise 429 with `Retry-After: 1`."""

    places: int = 16
    queues: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.free = [0.0] * self.places

    async def answer(self, seconds: float) -> Reply:
        self.calls += 1
        await self.travel()
        now = asyncio.get_running_loop().time()
        if self.queues:
            end = max(now, heapq.heappop(self.free)) + seconds
            heapq.heappush(self.free, end)
            await self.work(end - now)
        elif self.inside >= self.places:
            await self.travel()
            return self.refuse({"retry-after": "1"})
        else:
            await self.work(seconds)
        await self.travel()
        return 200, {}


@dataclass
class Outage(Wire):
    """Refuses everything with `status` until `until`, then answers everybody."""

    until: float = 0.0
    status: int = 503
    says: str | None = None

    async def answer(self, seconds: float) -> Reply:
        self.calls += 1
        await self.travel()
        if asyncio.get_running_loop().time() < self.until:
            return self.refuse({"retry-after": self.says} if self.says else {}, self.status)
        await self.work(seconds)
        return 200, {}


def fixed(count: int, seconds: float = 0.3) -> list[float]:
    return [seconds] * count


def lognormal(count: int, seed: int, median: float = 0.3, sigma: float = 0.4) -> list[float]:
    draw = random.Random(seed)
    return [median * math.exp(draw.gauss(0, sigma)) for _ in range(count)]


def two_speed(count: int, seed: int, seconds: float = 0.3, factor: float = 5.0) -> list[float]:
    """Half of the calls take `factor` times longer."""
    draw = random.Random(seed)
    times = [seconds if i % 2 else seconds * factor for i in range(count)]
    draw.shuffle(times)
    return times


def list_schedule(times: Iterable[float], places: int) -> float:
    """When the last call ends if each takes the first place that is free."""
    free = [0.0] * places
    for seconds in times:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def rated_ideal(times: Sequence[float], rate: float = 20.0, burst: float = 20.0) -> float:
    """When the last call ends if every token of the bucket is used as soon as it is there."""
    return max(max(0.0, (i + 1 - burst) / rate) + seconds for i, seconds in enumerate(times))


async def call_all(
    gate: Gate, server: Server, times: Sequence[float], ranks: Sequence[tuple[int, ...]] | None = None
) -> float:
    """Make a call of each length, all waiting at once, again after every refusal. The seconds until the last answer."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    async def call(seconds: float, rank: tuple[int, ...]) -> None:
        queued, status = None, 0
        while status != 200:
            queued = await gate.enter(rank, again=queued)
            status, headers = await server.answer(seconds)
            gate.leave(queued, status, headers)

    async with asyncio.TaskGroup() as group:
        for i, seconds in enumerate(times):
            group.create_task(call(seconds, ranks[i] if ranks else ()))
    return loop.time() - start
