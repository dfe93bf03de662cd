"""What a run may spend is never passed, and what it spends is told as far as it is known."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from errors import CapReached, Misconfigured
from llm.spend import FixedPrice, ListPrice, Spend
from llm.usage import Usage
from tests.llm.test_client import GOOD, asking, question
from tests.loopback import Reply, completion

OPENAI = "https://api.openai.com/v1"


def spend(**caps: float) -> Spend:
    return Spend(Usage(), FixedPrice(1.0, 10.0), **caps)  # type: ignore[arg-type]


def test_a_published_price_is_found_and_an_unknown_one_stays_unknown() -> None:
    assert ListPrice(OPENAI)("gpt-5-mini", 1_000_000, 0, 0) == pytest.approx(0.25)
    assert ListPrice(OPENAI)("no-such-model", 1, 1, 0) is None
    assert ListPrice("http://localhost:11434/v1")("llama3", 1, 1, 0) is None


def test_tokens_are_told_always_and_money_where_the_price_is_known() -> None:
    known = spend()
    known.paid("m", "p", 1_000_000, 100_000, 0, used=True)
    assert known.summary() == "1,100,000 tokens, $2.0000"
    unknown = Spend(Usage(), ListPrice("http://localhost:1/v1"))
    unknown.paid("m", "p", 10, 5, 0, used=False)
    assert unknown.summary() == "15 tokens"


def test_a_cap_on_money_needs_a_price() -> None:
    capped = Spend(Usage(), ListPrice("http://localhost:1/v1"), most_dollars=1.0)
    with pytest.raises(Misconfigured, match="PRICE_INPUT"):
        capped.check_price("llama3")


async def test_a_call_that_would_pass_the_cap_is_not_sent() -> None:
    capped = spend(most_tokens=5_000)
    capped.paid("m", "p", 3_000, 1_000, 0, used=True)
    with pytest.raises(CapReached, match="4,000 tokens"):
        async with capped.reserved("m", "p", 300, 0):
            pytest.fail("the call was let through")


async def test_a_call_waits_for_those_in_flight_before_the_cap_is_called_reached() -> None:
    capped = spend(most_tokens=3_000)
    entered: list[str] = []

    async def first() -> None:
        async with capped.reserved("m", "p", 300, 0):
            entered.append("first")
            await asyncio.sleep(0.05)
            capped.paid("m", "p", 100, 50, 0, used=True)

    async def second() -> None:
        await asyncio.sleep(0.01)
        async with capped.reserved("m", "p", 300, 0):
            entered.append("second")

    async with asyncio.timeout(5):
        await asyncio.gather(first(), second())
    assert entered == ["first", "second"]


async def test_a_cancelled_call_gives_back_what_it_had_set_aside() -> None:
    capped = spend(most_dollars=0.02)

    async def call() -> None:
        async with capped.reserved("m", "p", 3, 0):
            await asyncio.sleep(60)

    task = asyncio.create_task(call())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(1), capped.reserved("m", "p", 3, 0):
        pass


async def test_a_capped_run_stops_below_its_cap_keeps_its_answers_and_goes_on_later(tmp_path: Path) -> None:
    paid = Reply(body=completion({"text": "hello"}, tokens=(400, 100)), delay=0.01)
    async with asking(lambda request: paid, tmp_path, max_concurrent=4, max_tokens=10_000) as (llm, server, _):
        results = await asyncio.gather(*(llm.ask(question(n)) for n in range(40)), return_exceptions=True)
        used = llm.usage.tokens_in + llm.usage.tokens_out
        stopped = [result for result in results if isinstance(result, CapReached)]
        assert 8_000 <= used <= 10_000
        assert len(stopped) == 40 - used // 500
        assert stopped[0].exit_code == 5
        assert "--max-tokens" in stopped[0].remedy
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        await asyncio.gather(*(llm.ask(question(n)) for n in range(40)))
        assert len(server.requests) == len(stopped)


async def test_asking_afresh_asks_once_more_and_the_newest_answer_counts(tmp_path: Path) -> None:
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        await llm.ask(question())
    newer = Reply(body=completion({"text": "newer"}))
    async with asking(lambda request: newer, tmp_path, fresh=True) as (llm, server, _):
        assert (await llm.ask(question())).text == "newer"
        assert (await llm.ask(question())).text == "newer"
        assert len(server.requests) == 1
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        assert (await llm.ask(question())).text == "newer"
        assert server.requests == []
