"""The last door before the network: what waits there is ready to go, and goes only if it may still go as it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from errors import Interrupted
from tests.llm.test_client import GOOD, asking, question
from tests.loopback import Reply, Request


async def test_what_waits_while_a_parameter_is_refused_is_sent_without_it(tmp_path: Path) -> None:
    """Only the calls in flight find out that the endpoint takes no schema, however many wait behind them."""

    def handler(request: Request) -> Reply:
        if request.body.get("response_format", {}).get("type") == "json_schema":
            return Reply(400, b'{"error": {"message": "response_format json_schema is not supported"}}', delay=0.01)
        return GOOD

    async with asking(handler, tmp_path, max_concurrent=2) as (llm, server, _):
        answers = await asyncio.gather(*(llm.ask(question(n)) for n in range(12)))
        assert len(answers) == 12
        forms = [request.body.get("response_format", {}).get("type") for request in server.requests]
        assert forms.count("json_schema") == 2
        assert forms.count("json_object") == 12
        assert llm.usage.calls == 14


async def test_what_waits_when_the_run_is_stopped_is_never_sent(tmp_path: Path) -> None:
    slow = Reply(body=GOOD.body, delay=0.1)
    async with asking(lambda request: slow, tmp_path, max_concurrent=2) as (llm, server, _):
        asked = [asyncio.create_task(llm.ask(question(n))) for n in range(6)]
        await asyncio.sleep(0.05)
        llm.stop(Interrupted("Interrupted."))
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(outcome, Interrupted) for outcome in outcomes) == 4
        assert len(server.requests) == llm.usage.calls == 2


async def test_what_is_slow_to_load_is_loaded_once_while_the_first_calls_are_on_their_way(tmp_path: Path) -> None:
    loaded: list[int] = []
    slow = Reply(body=GOOD.body, delay=0.4)
    async with asking(lambda request: slow, tmp_path) as (llm, server, _):
        llm.preload.add(lambda: loaded.append(len(server.requests)))
        await asyncio.gather(*(llm.ask(question(n)) for n in range(3)))
        await llm.ask(question(3))
        assert loaded == [3]
