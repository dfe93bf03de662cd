"""A cast made against one endpoint, in a process of its own: `python -m benchmarks.casting personas --url ... -n 20`.

`personas` and `posts` run the program's own stages on portraits and personas made on the spot. `plain-personas` and
`plain-posts` put the same questions with the plain SDK under a semaphore, first come first served. Prints JSON: the
seconds of the stages alone, and how much was made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import openai
from PIL import Image

from benchmarks.schedule import Graph, Job
from calendars.calendar_file import write_calendar
from calendars.plan import plan_calendar
from files import Folders
from persona.cards.card import write_persona
from persona.schema.answers import Core
from persona.schema.persona import Persona
from persona.schema.stage_table import IN_ORDER, PURPOSES, STAGES, TOGETHER
from pipeline import run
from pipeline import stages as chain
from settings import LLMSettings, Settings
from tests.answers import CORE, REPLIES, persona
from tweets.schema import TweetAnswer

SCALE = 20  # how much faster than in the guide a call is here
POST_SECONDS = 3.0
POSTS_EACH = 10
START = date(2026, 12, 1)
_POST = TweetAnswer(
    text="{words}.",
    hashtags=(),
    scene="A brass bell, {words}, low morning light, half figure.",
    alt_text="A woman holds a bell up to a window.",
)


def graph(*, eager: bool, scale: int = SCALE) -> Graph:
    """The stages of one persona, as the guide draws them; eager: each waits for those alone that it needs."""
    purposes = {stage.name: stage.purpose for stage in STAGES}
    jobs = {}
    for stage in STAGES:
        after = stage.needs if eager or stage in IN_ORDER else (*stage.needs, IN_ORDER[-1].name)
        jobs[stage.purpose] = Job(stage.seconds / scale, tuple(purposes[name] for name in after))
    return jobs


def answers(*, post_seconds: float, scale: int = SCALE) -> dict[str, dict[str, Any]]:
    """What the endpoint is to answer to each purpose, for its `--answers`."""
    stages = graph(eager=False, scale=scale)
    contents = {name: REPLIES[name] for name in PURPOSES} | {PURPOSES[0]: _core("{number}")}
    replies = {
        name: {"content": answer.model_dump_json(), "seconds": stages[name].seconds}
        for name, answer in contents.items()
    }
    return replies | {"tweets_post": {"content": _POST.model_dump_json(), "seconds": post_seconds}}


def cast(given: argparse.Namespace, folders: Folders) -> dict[str, Any]:
    """Drive the program's own mode as the command line does."""
    if given.what == "personas":
        stages = partial(chain.generate_personas, pictures=_portraits(given.number, folders.root))
    else:
        personas, calendars = _personas(given.number, given.posts, folders)
        stages = partial(chain.write_posts, personas=personas, calendars=calendars, generate=False)
    llm = LLMSettings(base_url=given.url, text_model="m", vision_model="m", max_concurrent=given.ceiling or None)
    settings = Settings(llm=llm, folders=folders, tweets=given.posts, eager=given.eager, verbosity=-1)
    result: dict[str, Any] = {}

    async def timed(opened: run.Run) -> None:
        cpu, started = time.process_time(), time.perf_counter()
        await stages(opened)
        result["seconds"] = time.perf_counter() - started
        result["cpu"] = time.process_time() - cpu
        result["made"] = sum(count.made for count in opened.progress.counts.values())

    code = run.start(settings, timed, as_json=True)
    return result | {"code": code}


async def plain(given: argparse.Namespace) -> dict[str, Any]:
    """The same questions, put by tasks that start together and wait at one semaphore."""
    places = asyncio.Semaphore(given.ceiling)
    async with openai.AsyncOpenAI(api_key="k", base_url=given.url) as sdk:

        async def ask(purpose: str, item: int) -> None:
            schema: Any = {"type": "json_schema", "json_schema": {"name": purpose, "schema": {"type": "object"}}}
            async with places:
                reply = await sdk.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": f"id={item} ?"}], response_format=schema
                )
            json.loads(reply.choices[0].message.content or "")

        async def character(item: int) -> None:
            for stage in IN_ORDER:
                await ask(stage.purpose, item)
            await asyncio.gather(*(ask(stage.purpose, item) for stage in TOGETHER))

        started = time.perf_counter()
        if given.what == "plain-personas":
            await asyncio.gather(*map(character, range(given.number)))
        else:
            await asyncio.gather(*(ask("tweets_post", item) for item in range(given.number * given.posts)))
        return {"seconds": time.perf_counter() - started}


def _portraits(number: int, folder: Path) -> list[Path]:
    paths = [folder / f"portrait{index}.png" for index in range(number)]
    for index, path in enumerate(paths):
        Image.new("RGB", (64, 96), (index % 256, index // 256, 99)).save(path)
    return paths


def _personas(number: int, posts: int, folders: Folders) -> tuple[list[Path], list[Path]]:
    """Personas and their calendars, as the commands of the guide hand them over."""
    for index in range(number):
        character = _character(index)
        write_persona(folders.personas / f"{character.name}.json", character)
        calendar = plan_calendar(character, posts=posts, days=15, start=START, seed=0)
        write_calendar(folders.calendars / f"{character.name}.json", calendar)
    return sorted(folders.personas.glob("*.json")), sorted(folders.calendars.glob("*.json"))


def _character(index: int) -> Persona:
    return persona(f"cast{index}").model_copy(update={"core": _core(index)})


def _core(number: int | str) -> Core:
    """The fact sheet of one of many, with a name of its own: no two of them put the same question."""
    facts = CORE.facts.model_copy(update={"name": f"Marra Tveit {number}"})
    return CORE.model_copy(update={"facts": facts})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("personas", "posts", "plain-personas", "plain-posts"))
    parser.add_argument("--url", required=True)
    parser.add_argument("-n", "--number", type=int, required=True, help="characters")
    parser.add_argument("--posts", type=int, default=POSTS_EACH, help="of each character")
    parser.add_argument("--ceiling", type=int, default=20, help="0: auto")
    parser.add_argument("--eager", action="store_true")
    given = parser.parse_args()
    if given.what.startswith("plain"):
        result = asyncio.run(plain(given))
    else:
        with tempfile.TemporaryDirectory() as folder:
            result = cast(given, Folders(Path(folder)))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
