"""Fanning out: bounded, in order, and without throwing away what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from errors import ItemFailed, StopRun
from fan_out import RankedSlots, for_each


async def test_no_more_than_the_slots_are_in_work_and_items_are_drawn_when_there_is_room() -> None:
    drawn = 0
    at_once = most = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        while drawn < 1000:
            drawn += 1
            yield drawn

    async def work(_: int) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        assert drawn <= 1000
        await asyncio.sleep(0)
        at_once -= 1

    async with asyncio.timeout(5):
        await for_each(items(), work, slots=asyncio.Semaphore(7))
    assert (drawn, most) == (1000, 7)


async def test_after_an_error_nothing_starts_and_what_runs_comes_to_its_end() -> None:
    started: list[int] = []
    finished: list[int] = []

    async def work(item: int) -> None:
        started.append(item)
        await asyncio.sleep(0.01 * (item + 1))
        if item == 0:
            raise ItemFailed("first")
        if item == 1:
            raise StopRun("second")
        finished.append(item)

    slots = asyncio.Semaphore(3)
    with pytest.raises(StopRun, match="second"):
        await for_each(range(100), work, slots=slots)
    assert started == [0, 1, 2]
    assert finished == [2]
    assert not slots.locked()


async def test_two_loops_share_their_slots() -> None:
    at_once = most = 0

    async def work(_: int) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    slots = asyncio.Semaphore(4)
    await asyncio.gather(*(for_each(range(20), work, slots=slots) for _ in range(5)))
    assert most == 4


async def test_ranked_slots_let_the_first_loop_finish_before_the_last_begins() -> None:
    slots, done = RankedSlots(2), list[tuple[int, int]]()

    async def loop(rank: int) -> None:
        async def work(item: int) -> None:
            await asyncio.sleep(0)
            done.append((rank, item))

        await for_each(range(4), work, slots=slots.of(rank))

    await asyncio.gather(*(loop(rank) for rank in range(3)))
    assert sorted(done) == [(rank, item) for rank in range(3) for item in range(4)]
    last_of_first, last_of_second = (max(done.index((rank, item)) for item in range(4)) for rank in (0, 1))
    assert last_of_first < last_of_second < len(done) - 1


async def test_a_waiter_that_is_cancelled_takes_no_slot_with_it() -> None:
    slots = RankedSlots(1)
    await slots.acquire(0)
    waiting = asyncio.create_task(slots.acquire(1))
    await asyncio.sleep(0)
    slots.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.wait_for(slots.acquire(2), 1)
