"""One client against one endpoint, in a process of its own: `python -m benchmarks.asking ours --url ... --calls 1000`.

Prints JSON: seconds of the work alone, CPU seconds, calls without an answer and with a wrong one. `ours` is the
program's own client with its journal; `gateless` the same with a gate that only counts; `openai` and `openai-aiohttp`
are the plain SDK under a semaphore.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import openai
from pydantic import BaseModel, ValidationError

from errors import DramatisError
from fan_out import for_each
from llm.answers import wire_schema
from llm.client import LLM, Question
from llm.gate.gate import Gate, QueuedCall
from llm.journal import Journal
from llm.prompts import Prompt
from settings import LLMSettings

SAMPLE_SECONDS = 0.05

Ask = Callable[[int], Awaitable[str | None]]  # the answer, None: lost


class Word(BaseModel):
    text: str


class Turnstile(Gate):
    """Counts up to the ceiling and never adapts."""

    def __init__(self, ceiling: int) -> None:
        super().__init__(ceiling)
        self._places = asyncio.Semaphore(ceiling)

    async def enter(self, rank: tuple[int, ...] = (), *, again: QueuedCall | None = None, kind: str = "") -> QueuedCall:
        await self._places.acquire()
        return again or QueuedCall(rank)

    def leave(self, queued: QueuedCall, status: int | None, headers: Mapping[str, str]) -> None:
        self._places.release()


async def run(ask: Ask, calls: int, ceiling: int) -> dict[str, Any]:
    """Ask `calls` questions; what it took and how many have no answer or a wrong one.

    As in pipeline/run.py a quarter more are in work than may be in flight, which is for `ask` to see to.
    """
    lost = wrong = 0

    async def one(number: int) -> None:
        nonlocal lost, wrong
        answer = await ask(number)
        lost += answer is None
        wrong += answer not in {None, f"answer to {number}"}

    gc.freeze()  # as pipeline/run.py does; here for every client alike
    cpu = time.process_time()
    started = time.perf_counter()
    await for_each(range(calls), one, slots=asyncio.Semaphore(ceiling * 5 // 4))
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "lost": lost,
        "wrong": wrong,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def ours(given: argparse.Namespace, journal: Path) -> dict[str, Any]:
    settings = LLMSettings(
        base_url=given.url,
        text_model="m",
        vision_model="m",
        max_concurrent=given.ceiling or None,
        timeout=given.timeout,
    )
    gate = Turnstile(settings.at_once) if given.client == "gateless" else None
    with Journal(journal) as book:
        async with LLM(settings, book, say=_tell, gate=gate) as llm:

            async def ask(number: int) -> str | None:
                prompt = Prompt("Answer in one word.", f"id={number} ?")
                try:
                    word = await llm.ask(Question(purpose="a_word", item=str(number), prompt=prompt, answer=Word))
                except DramatisError as error:
                    _tell(f"{number}: {error}")
                    return None
                return word.text

            if not given.history:
                return await run(ask, given.calls, settings.at_once)
            in_flight: list[tuple[float, int]] = []
            watcher = asyncio.create_task(_watch(llm.gate, in_flight))
            result = await run(ask, given.calls, settings.at_once)
            watcher.cancel()
            return result | {"limit": llm.gate.history, "in_flight": in_flight}


async def _watch(gate: Gate, in_flight: list[tuple[float, int]]) -> None:
    """Note the calls in flight now and then, by the gate's own clock."""
    while True:
        in_flight.append((asyncio.get_running_loop().time(), gate.in_flight))
        await asyncio.sleep(SAMPLE_SECONDS)


async def plain(given: argparse.Namespace) -> dict[str, Any]:
    http = openai.DefaultAioHttpClient() if given.client == "openai-aiohttp" else None
    wanted = {"name": "a_word", "schema": wire_schema(Word), "strict": True}
    schema: Any = {"type": "json_schema", "json_schema": wanted}
    async with openai.AsyncOpenAI(api_key="k", base_url=given.url, http_client=http, timeout=given.timeout) as sdk:
        places = asyncio.Semaphore(given.ceiling)

        async def ask(number: int) -> str | None:
            try:
                async with places:
                    reply = await sdk.chat.completions.create(
                        model="m",
                        messages=[
                            {"role": "system", "content": "Answer in one word."},
                            {"role": "user", "content": f"id={number} ?"},
                        ],
                        response_format=schema,
                    )
                return Word.model_validate_json(reply.choices[0].message.content or "").text
            except (openai.OpenAIError, ValidationError, json.JSONDecodeError):
                return None

        return await run(ask, given.calls, given.ceiling)


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("client", choices=("ours", "gateless", "openai", "openai-aiohttp"))
    parser.add_argument("--url", required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--ceiling", type=int, default=0, help="0: auto")
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--history", action="store_true", help="the gate's limit and the calls in flight over time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        journal = given.journal or Path(folder) / "journal.sqlite3"
        result = asyncio.run(plain(given) if given.client.startswith("openai") else ours(given, journal))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
