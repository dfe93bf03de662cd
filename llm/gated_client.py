"""The last door before the network: a request that is ready to go waits here for its turn at the gate.

It stands under the SDK, as the HTTP client's own `send`: while a call waits, its request is built already, so that a
place that becomes free is taken at once. A place is held from the moment of sending until the whole reply is there, and
no longer. Knows neither what is asked nor what an answer means.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from llm.gate.gate import Gate, QueuedCall
from llm.usage import Usage

LONGEST_CONNECT = 10.0  # seconds until a connection stands


class Outdated(Exception):
    """While the request waited, it turned out that the endpoint wants another form of it."""


@dataclass(slots=True)
class CallContext:
    """One call on its way through the door. `stands`: whether its request may still be sent as it is."""

    rank: tuple[int, ...]
    kind: str
    item: str = ""
    is_current: Callable[[], bool] = lambda: True
    queued: QueuedCall | None = None


Seen = Callable[[str, str, float, float, int | None], None]  # purpose, item, start, end (monotonic seconds), status
context: ContextVar[CallContext] = ContextVar("visit")  # the SDK hands on requests, and nothing that belongs to them


@dataclass(frozen=True, slots=True)
class GatedClient:
    """The gate, the deadline of a call in seconds, the count of what was sent, and who is told of each call."""

    gate: Gate
    timeout: float
    usage: Usage
    seen: Seen | None = None

    def client(self, at_once: int, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
        """An HTTP client with this door in it, for at most `at_once` calls in flight.

        aiohttp does the work under it: httpx's own pool looks at every connection for every call. A stand-in
        `transport` needs neither.
        """
        timeout = httpx2.Timeout(None, connect=min(LONGEST_CONNECT, self.timeout))
        if transport is not None:
            return _Plain(self, transport=transport, timeout=timeout)
        # Without a number aiohttp would open no more than 100 connections, whatever the gate lets through.
        limits = httpx2.Limits(max_connections=at_once + 10, max_keepalive_connections=at_once + 10)
        return _Aio(self, limits=limits, timeout=timeout)

    async def send_when_admitted(self, send: Callable[[], Any]) -> httpx2.Response:
        """Send when it is this call's turn. Raises TimeoutError at the deadline, Outdated, and what `send` raises."""
        mine = context.get()
        queued = mine.queued = await self.gate.enter(mine.rank, again=mine.queued, kind=mine.kind)
        status: int | None = None
        headers: Mapping[str, str] = {}
        sent = time.monotonic()
        if not mine.is_current():
            self.gate.leave(queued, status, headers)
            raise Outdated
        try:
            self.usage.calls += 1
            async with asyncio.timeout(self.timeout):
                response: httpx2.Response = await send()
            status, headers = response.status_code, response.headers
        finally:
            self.gate.leave(queued, status, headers)
            if self.seen is not None:
                self.seen(mine.kind, mine.item, sent, time.monotonic(), status)
        return response


class _Aio(openai.DefaultAioHttpClient):
    def __init__(self, door: GatedClient, **options: Any) -> None:
        super().__init__(**options)
        self._door = door

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        return await self._door.send_when_admitted(lambda: super(_Aio, self).send(request, **options))


class _Plain(openai.DefaultAsyncHttpxClient):
    def __init__(self, door: GatedClient, **options: Any) -> None:
        super().__init__(**options)
        self._door = door

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        return await self._door.send_when_admitted(lambda: super(_Plain, self).send(request, **options))
