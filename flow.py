"""Fan out: many items, some of them in work at once, and nothing in flight is thrown away. Knows only coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from errors import StopRun

T = TypeVar("T")


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]], *, slots: asyncio.Semaphore) -> None:
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
