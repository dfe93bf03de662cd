"""Fanning out: bounded, in order, and without throwing away what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from errors import ItemFailed, StopRun
from fan_out import RankedSlots, for_each


async def free(slots: RankedSlots) -> int:
    """How many can be taken before one has to wait."""
    taken = 0
    while True:
        waiting = asyncio.ensure_future(slots.acquire(0))
        await asyncio.sleep(0)
        if not waiting.done():
            waiting.cancel()
            return taken
        taken += 1


async def test_no_more_than_the_slots_are_in_work_and_items_are_drawn_when_there_is_room() -> None:
    drawn = done = 0
    at_once = most = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        while drawn < 1000:
            drawn += 1
            yield drawn

    async def work(_: int) -> None:
        nonlocal at_once, done, most
        at_once += 1
        most = max(most, at_once)
        ahead.add(drawn - done)
        await asyncio.sleep(0)
        at_once -= 1
        done += 1

    ahead = set[int]()  # how many were drawn and not done
    async with asyncio.timeout(5):
        await for_each(items(), work, slots=asyncio.Semaphore(7))
    assert (drawn, most) == (1000, 7)
    assert max(ahead) <= 8, "the next item is drawn before there is room for it, and no other"


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

    slots = RankedSlots(3)
    with pytest.raises(StopRun, match="second"):
        await for_each(range(100), work, slots=slots.of(0))
    assert started == [0, 1, 2]
    assert finished == [2]
    assert await free(slots) == 3


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


@pytest.mark.parametrize("late", [False, True])
async def test_a_waiter_that_is_cancelled_takes_no_slot_with_it(late: bool) -> None:
    """`late`: it was let in already, and has not gone on yet."""
    slots = RankedSlots(2)
    for _ in range(2):
        await slots.acquire(0)
    waiting = asyncio.create_task(slots.acquire(1))
    await asyncio.sleep(0)
    if late:
        slots.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(1 if late else 2):
        slots.release()
    assert await free(slots) == 2


async def test_a_slot_passes_over_waiters_that_are_gone_to_the_one_that_is_there() -> None:
    slots, let_in = RankedSlots(1), list[int]()
    await slots.acquire(0)

    async def wait(rank: int) -> None:
        await slots.acquire(rank)
        let_in.append(rank)

    waiting = [asyncio.create_task(wait(rank)) for rank in range(4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[1].cancel()
    await asyncio.sleep(0)
    slots.release()
    await asyncio.sleep(0)
    assert let_in == [2]
    slots.release()
    await asyncio.sleep(0)
    assert let_in == [2, 3]


async def test_of_equal_rank_the_first_comer_goes_first_and_a_lower_rank_before_both() -> None:
    slots, let_in = RankedSlots(1), list[str]()
    await slots.acquire(0)

    async def wait(name: str, rank: int) -> None:
        await slots.acquire(rank)
        let_in.append(name)
        slots.release()

    names = {"first": 1, "second": 1, "third": 1, "lower": 0}
    waiting = [asyncio.create_task(wait(name, rank)) for name, rank in names.items()]
    await asyncio.sleep(0)
    slots.release()
    await asyncio.gather(*waiting)
    assert let_in == ["lower", "first", "second", "third"]


async def test_an_error_while_waiting_for_room_draws_no_further_item_and_gives_its_slot_back() -> None:
    slots, drawn = RankedSlots(1), list[int]()

    def items() -> Iterator[int]:
        for number in range(10):
            drawn.append(number)
            yield number

    async def work(_: int) -> None:
        raise ItemFailed("at once")

    with pytest.raises(ItemFailed, match="at once"):
        await for_each(items(), work, slots=slots.of(0))
    assert drawn == [0, 1]
    assert await free(slots) == 1


async def test_the_first_of_several_errors_is_raised_when_none_stops_the_run() -> None:
    async def work(item: int) -> None:
        await asyncio.sleep(0)
        raise ItemFailed(f"item {item}")

    with pytest.raises(ItemFailed, match="item 0"):
        await for_each(range(3), work, slots=asyncio.Semaphore(3))
