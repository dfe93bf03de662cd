"""One client against one server, in a process of its own: `python -m benchmarks.asking ours --url ... --calls 1000`.

Prints JSON: seconds of the work alone, CPU seconds, lost calls. `ours` is the program's own client with its journal;
`gateless` the same with a gate that never adapts; `openai` and `openai-aiohttp` the plain SDK under a semaphore.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import openai
from pydantic import BaseModel, ValidationError

from config import LLMSettings
from errors import DramatisError
from flow import for_each
from llm.answers import wire_schema
from llm.client import LLM, Question
from llm.journal import Journal
from llm.prompts import Prompt

Ask = Callable[[int], Awaitable[bool]]


class Word(BaseModel):
    text: str


async def run(ask: Ask, calls: int, at_once: int) -> dict[str, float]:
    """Ask `calls` questions, `at_once` at a time; what it took and how many have no answer."""
    lost = 0

    async def one(number: int) -> None:
        nonlocal lost
        lost += not await ask(number)

    cpu = time.process_time()
    started = time.perf_counter()
    await for_each(range(calls), one, slots=asyncio.Semaphore(at_once))
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "lost": lost,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def ours(url: str, calls: int, ceiling: int | None, deadline: float, journal: Path, history: bool) -> None:
    settings = LLMSettings(base_url=url, text_model="m", vision_model="m", max_concurrent=ceiling, timeout=deadline)
    with Journal(journal) as book:
        async with LLM(settings, book, say=lambda line: print(line, file=sys.stderr)) as llm:

            async def ask(number: int) -> bool:
                prompt = Prompt("Answer in one word.", f"id={number} ?")
                try:
                    word = await llm.ask(Question(purpose="a_word", item=str(number), prompt=prompt, answer=Word))
                except DramatisError as error:
                    print(f"{number}: {error}", file=sys.stderr)
                    return False
                return word.text == f"answer to {number}"

            result = await run(ask, calls, settings.at_once)
            if history:
                result["history"] = llm.gate.history  # type: ignore[assignment]
    print(json.dumps(result))


async def plain(url: str, calls: int, ceiling: int, deadline: float, aiohttp: bool) -> None:
    client = openai.DefaultAioHttpClient() if aiohttp else None
    wanted = {"name": "a_word", "schema": wire_schema(Word), "strict": True}
    schema: Any = {"type": "json_schema", "json_schema": wanted}
    async with openai.AsyncOpenAI(api_key="k", base_url=url, http_client=client, timeout=deadline) as sdk:

        async def ask(number: int) -> bool:
            try:
                reply = await sdk.chat.completions.create(
                    model="m",
                    messages=[
                        {"role": "system", "content": "Answer in one word."},
                        {"role": "user", "content": f"id={number} ?"},
                    ],
                    response_format=schema,
                )
                return Word.model_validate_json(reply.choices[0].message.content or "").text == f"answer to {number}"
            except (openai.OpenAIError, ValidationError, json.JSONDecodeError):
                return False

        print(json.dumps(await run(ask, calls, ceiling)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("client", choices=("ours", "openai", "openai-aiohttp"))
    parser.add_argument("--url", required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--ceiling", type=int, default=0, help="0: auto")
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--history", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        journal = given.journal or Path(folder) / "journal.sqlite3"
        if given.client == "ours":
            work = ours(given.url, given.calls, given.ceiling or None, given.timeout, journal, given.history)
        else:
            work = plain(given.url, given.calls, given.ceiling, given.timeout, given.client == "openai-aiohttp")
        asyncio.run(work)


if __name__ == "__main__":
    main()
