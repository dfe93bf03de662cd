"""What single parts of the program cost by themselves, in processor time: `python -m benchmarks.own_work`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from llm.gate.gate import Gate
from persona.likeness import likenesses
from tests.persona.test_likeness import somebody
from tests.tweets.test_word_lists import HOSTILE, read_all

WAITERS = 10_000
CAST = 500
ROUNDS = 3


def gate() -> float:
    """Seconds for each of many calls that wait for the gate at once, with its task and its share of the loop."""

    async def call(gate: Gate, number: int) -> None:
        queued = await gate.enter((number % 7,))
        await asyncio.sleep(0)
        gate.leave(queued, 200, {})

    async def wait() -> None:
        one = Gate(50)
        async with asyncio.TaskGroup() as group:
            for number in range(WAITERS):
                group.create_task(call(one, number))

    return _fastest(lambda: asyncio.run(wait())) / WAITERS


def cast() -> float:
    """Seconds for comparing a varied cast."""
    personas = [somebody(number) for number in range(CAST)]
    return _fastest(lambda: likenesses(personas))


def hostile() -> float:
    """Seconds for reading texts that are made to be read slowly."""

    def read() -> None:
        for text in HOSTILE:
            read_all(text)

    return _fastest(read)


def _fastest(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)


def main() -> None:
    print("| work | processor time | to reach |")
    print("| --- | --- | --- |")
    print(f"| one of {WAITERS:,} calls that wait for the gate | {gate() * 1e6:.0f} microseconds | <= 150 |")
    print(f"| likenesses among {CAST} personas | {cast():.2f} s | <= 2 |")
    print(f"| {len(HOSTILE)} hostile texts of 200,000 characters | {hostile():.2f} s | <= 5 |")


if __name__ == "__main__":
    main()
