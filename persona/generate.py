"""A portrait in, a persona out: the order of the seven stages, and when they need not be asked again.

Stages 4 to 7 need only stage 1. By default they start together after stage 3; eager, right after stage 1.
Knows nothing of how a question reaches a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from errors import BadInput, ItemFailed
from files import digest
from llm.answers import wire_schema
from llm.client import LLM
from persona import stages
from persona.card import origin_of, read_persona, write_persona
from persona.portrait import Portrait, read_picture
from persona.schema import AILabel, Answer, Core, Persona, PortraitRef

Answers = dict[str, Answer]  # by the field of Persona that each belongs to


def _now() -> datetime:
    return datetime.now(UTC)


def _silence(_line: str) -> None:
    pass


def made_from(portrait: Portrait, llm: LLM, language: str) -> str:
    """A digest of everything that the persona of this portrait is made from."""
    return digest(portrait.sha256, llm.text_model, llm.vision_model, language, _asked(), length=16)


def finished_persona(
    portrait: Portrait, path: Path, source: str, say: Callable[[str], None] = _silence
) -> Persona | None:
    """The persona that stands at `path` and need not be made; None when it is to be made.

    One from the same picture and `source` (see `made_from`) is finished. One from the same picture with other
    settings is made anew, unless a person has edited it: then it is kept. Any other file is never overwritten.
    """
    if not path.exists():
        return None
    origin = origin_of(path)
    if origin is None or origin.sha256 != portrait.sha256:
        raise BadInput(
            f"{path} is there already and was not made from {portrait.path}.",
            "Move it away, or choose another file with --persona-output.",
        )
    persona = read_persona(path)
    if origin.made_from == source:
        return persona
    if not origin.edited:
        return None
    say(
        f"{portrait.name}: {path} was edited by hand and stays as it is, although the settings have changed. "
        "To make it anew, move it away and run the same command again."
    )
    return persona


async def generate_persona(
    portrait: Portrait,
    llm: LLM,
    path: Path,
    *,
    language: str = "en",
    index: int = 0,
    eager: bool = False,
    allow_photo: bool = False,
    say: Callable[[str], None] = _silence,
    clock: Callable[[], datetime] = _now,
) -> Persona:
    """Make the persona and write it to `path`, once all seven stages are there. What stands there is replaced.

    Raises BadInput for the picture, ItemFailed when a stage has no answer, StopRun when nothing more can be done.
    """
    picture = await asyncio.to_thread(read_picture, portrait.path)
    sitter = stages.Sitter(name=portrait.name, language=language, index=index, picture=picture, eager=eager)
    core = await stages.core(llm, sitter)
    if core.reading.kind == "photograph_of_person" and not allow_photo:
        raise BadInput(
            f"{portrait.path} is a photograph of a person, and Dramatis is for fictional characters.",
            "If the person agreed, add --allow-photo.",
        )
    answers = await (_eagerly if eager else _in_order)(llm, sitter, core, say)
    persona = Persona(
        name=portrait.name,
        language=language,
        portrait=PortraitRef(file=portrait.path.name, sha256=portrait.sha256),
        made_from=made_from(portrait, llm, language),
        core=core,
        ai=AILabel.by(llm, clock()),
    ).model_copy(update=answers)
    await asyncio.to_thread(write_persona, path, persona)
    return persona


async def _in_order(llm: LLM, sitter: stages.Sitter, core: Core, say: Callable[[str], None]) -> Answers:
    posts = await _strategy_and_examples(llm, sitter, core)
    return posts | await _together(_last_four(llm, sitter, core, say))


async def _eagerly(llm: LLM, sitter: stages.Sitter, core: Core, say: Callable[[str], None]) -> Answers:
    return await _together([_strategy_and_examples(llm, sitter, core), *_last_four(llm, sitter, core, say)])


async def _strategy_and_examples(llm: LLM, sitter: stages.Sitter, core: Core) -> Answers:
    strategy = await stages.strategy(llm, sitter, core)
    return {"strategy": strategy, "examples": await stages.examples(llm, sitter, core, strategy)}


def _last_four(llm: LLM, sitter: stages.Sitter, core: Core, say: Callable[[str], None]) -> list[Awaitable[Answers]]:
    say(f"{sitter.name}: ⚡ Stage 4-7: Parallel generation...")
    return [
        _named("network", stages.network(llm, sitter, core)),
        _named("voice", stages.voice(llm, sitter, core)),
        _named("visual", stages.visual(llm, sitter, core)),
        _named("knowledge", stages.knowledge(llm, sitter, core)),
    ]


async def _named(stage: str, answer: Awaitable[Answer]) -> Answers:
    return {stage: await answer}


async def _together(work: list[Awaitable[Answers]]) -> Answers:
    """All answers. When one fails the others still come in, and are paid and kept, before its error is raised."""
    answers: Answers = {}
    failures: list[BaseException] = []
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            failures.append(result)
        else:
            answers |= result
    if failures:
        raise next((failure for failure in failures if not isinstance(failure, ItemFailed)), failures[0])
    return answers


@cache
def _asked() -> str:
    """A digest of the seven prompts and of the answers they ask for."""
    prompts = [stages.prompt_of(stage).digest for stage in range(1, 8)]
    return digest(prompts, [wire_schema(answer) for answer in stages.ANSWERS])
