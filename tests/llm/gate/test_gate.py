"""The line at the gate: turns, waits, cancellation, closing. In virtual time."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import pytest

from llm.gate.gate import Gate, Learned, QueuedCall
from llm.gate.queueing import QueueDetector
from tests.simulation import Unlimited, call_all, fixed, run

Step = Callable[[], Awaitable[None]]


async def settle() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_lower_ranks_go_first_then_who_came_first() -> None:
    async def main() -> list[str]:
        gate, order = Gate(1), []

        async def call(name: str, *rank: int) -> None:
            queued = await gate.enter(rank)
            order.append(name)
            await asyncio.sleep(1)
            gate.leave(queued, 200, {})

        names = [("first", 0), ("late a", 5), ("late b", 5), ("early", -3), ("middle", 1)]
        await asyncio.gather(*(call(name, rank) for name, rank in names))
        return order

    assert run(main()) == ["first", "early", "middle", "late a", "late b"]


def test_never_more_than_the_ceiling_is_in_flight() -> None:
    async def main() -> int:
        gate, server = Gate(7), Unlimited()
        await call_all(gate, server, [random.Random(1).uniform(0, 0.2) for _ in range(200)])
        assert gate.in_flight == 0
        return max(level for _, level in server.levels)

    assert run(main()) == 7


def test_a_ceiling_of_one_is_one_after_the_other() -> None:
    server = Unlimited(trip=(0, 0))
    assert run(call_all(Gate(1), server, fixed(20))) == pytest.approx(6.0)


def test_a_refused_call_comes_back_ahead_of_newer_ones() -> None:
    async def main() -> list[str]:
        gate, order = Gate(1), []

        async def call(name: str, refusals: int) -> None:
            queued = None
            for turn in range(refusals + 1):
                queued = await gate.enter(again=queued)
                order.append(name)
                await asyncio.sleep(0.1)
                gate.leave(queued, 200 if turn == refusals else 503, {"retry-after": "0.5"})

        await asyncio.gather(call("refused", 1), call("second", 0), call("third", 0))
        return order

    assert run(main()) == ["refused", "refused", "second", "third"]


@pytest.mark.parametrize(("said", "waited"), [("3", 3.0), ("100000", 10.0)])
def test_a_refusal_cools_down_everybody_for_as_long_as_it_says_but_not_for_ever(said: str, waited: float) -> None:
    async def main() -> tuple[float, list[str]]:
        heard: list[str] = []
        gate = Gate(4, say=heard.append, longest_wait=10.0)
        gate.leave(await gate.enter(), 429, {"retry-after": said})
        start = now()
        await gate.enter()
        return now() - start, heard

    seconds, heard = run(main())
    assert seconds == pytest.approx(waited)
    assert bool(heard) == (waited > 5)


@pytest.mark.parametrize("text", ["nan", "-5", "inf", "never", "", "1e999", "-1e12"])
def test_hostile_headers_neither_break_nor_stall_it(text: str) -> None:
    names = ["retry-after", "retry-after-ms"]
    names += [f"x-ratelimit-{part}-requests" for part in ("limit", "remaining", "reset")]

    async def main() -> float:
        gate = Gate(4)
        start = now()
        for status in [429, 200, 503, 200, 529, 200] * 3:
            gate.leave(await gate.enter(), status, dict.fromkeys(names, text))
        return now() - start

    assert run(main()) < 10


@pytest.mark.parametrize(
    "said",
    [
        {"limit": "1", "remaining": "0"},
        {"limit": "1", "remaining": "0", "reset": "1e12"},
        {"limit": "1000000000", "remaining": "0", "reset": "7d"},
    ],
)
def test_an_announced_standstill_that_is_not_meant_is_found_out(said: dict[str, str]) -> None:
    headers = {f"x-ratelimit-{name}-requests": value for name, value in said.items()}

    async def main() -> float:
        gate = Gate(4)
        start = now()
        for _ in range(50):
            queued = await gate.enter()
            await asyncio.sleep(0.1)
            gate.leave(queued, 200, headers)
        return now() - start

    assert run(main()) < 20


def test_cancelled_waiters_leave_no_trace() -> None:
    async def main() -> None:
        gate, draw = Gate(3), random.Random(4)
        done = 0

        async def call() -> None:
            nonlocal done
            queued = await gate.enter()
            status = None
            try:
                await asyncio.sleep(draw.uniform(0.01, 0.3))
                status = draw.choice([200, 200, 200, 500, 429])
                done += 1
            finally:
                gate.leave(queued, status, {"retry-after": "0.01"})

        tasks = [asyncio.create_task(call()) for _ in range(300)]
        for task in draw.sample(tasks, 200):
            await asyncio.sleep(draw.choice([0, 0, 0.05]))
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert done >= 100
        assert gate.in_flight == 0
        start = now()
        await call()
        assert now() - start < 2

    run(main())


def test_a_caller_cancelled_just_as_it_was_let_through_gives_its_place_on() -> None:
    async def main() -> None:
        gate = Gate(1)
        first = await gate.enter()
        second = asyncio.create_task(gate.enter())
        third = asyncio.create_task(gate.enter())
        await settle()
        gate.leave(first, 200, {})  # lets the second through
        second.cancel()
        await settle()
        await settle()
        assert third.done()
        assert gate.in_flight == 1

    run(main())


def test_a_caller_that_gave_up_may_come_again() -> None:
    async def main() -> None:
        gate = Gate(1)
        old = await gate.enter()
        gate.leave(old, 429, {"retry-after": "1"})
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(gate.enter(again=old), 0.1)
        other = asyncio.create_task(gate.enter())
        queued = await gate.enter(again=old)
        assert not other.done()
        gate.leave(queued, 200, {})
        gate.leave(await other, 200, {})
        assert gate.in_flight == 0

    run(main())


def test_a_ticket_keeps_its_kind_and_comes_back_as_itself() -> None:
    async def main() -> None:
        gate = Gate(2)
        queued = await gate.enter((3,), kind="long")
        assert (queued.rank, queued.number, queued.kind) == ((3,), 1, "long")
        gate.leave(queued, 500, {})
        assert await gate.enter((1,), again=queued) is queued
        assert (queued.rank, queued.number, queued.kind) == ((1,), 1, "long")

    run(main())


def test_leaving_twice_counts_once() -> None:
    async def main() -> None:
        gate = Gate(2)
        one, _two = await gate.enter(), await gate.enter()
        gate.leave(one, 200, {})
        gate.leave(one, 200, {})
        assert gate.in_flight == 1

    run(main())


def test_a_closed_gate_turns_everybody_away() -> None:
    async def main() -> None:
        gate = Gate(1)
        queued = await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(5)]
        await settle()
        gate.close(LookupError("the key is wrong"))
        assert {type(result) for result in await asyncio.gather(*waiting, return_exceptions=True)} == {LookupError}
        with pytest.raises(LookupError):
            await gate.enter()
        gate.leave(queued, 200, {})
        assert gate.in_flight == 0

    run(main())


def test_nothing_is_left_on_the_loop_when_nobody_waits() -> None:
    async def main() -> None:
        gate = Gate(4)
        gate.leave(await gate.enter(), 429, {"retry-after": "50"})
        waiting = asyncio.create_task(gate.enter())
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        loop = asyncio.get_running_loop()
        assert [handle for handle in loop._scheduled if not handle.cancelled()] == []  # type: ignore[attr-defined]

    run(main())


def test_what_was_learned_survives_json() -> None:
    learned = Learned(16, True, False, 20.0, 5, {"tweets_post": 1.5})
    assert Learned.read(json.loads(json.dumps(asdict(learned)))) == learned


def test_a_clock_that_jumps_only_brings_the_next_turn_forward() -> None:
    async def main() -> None:
        shift = 0.0
        gate = Gate(2, clock=lambda: now() + shift)
        gate.leave(await gate.enter(), 429, {"retry-after": "5"})
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(1)
        shift = -0.5
        queued: QueuedCall = await waiting
        assert now() - 1000 == pytest.approx(5.5)
        shift = 3600.0
        gate.leave(queued, 200, {})
        gate.leave(await gate.enter(), 200, {})

    run(main())


@pytest.mark.parametrize("lag", [0.001, 0.05])
def test_a_queue_in_this_program_is_not_taken_for_one_in_the_server(lag: float) -> None:
    """Where callers go on late, the program is busy, and fewer calls in flight would make nothing quicker."""
    strain = QueueDetector()
    for number in range(1, 101):
        queued = QueuedCall(count=number, ahead=min(number, 100), first=strain.sent(""))
        strain.lagged(lag)
        strain.answered(queued, 0.1 if number <= 40 else 0.5)
    cut = strain.try_limit(100, 100)
    assert (cut is not None) == (lag < 0.01)
