"""A portrait in, a persona out: the order of the seven stages, and when they need not be asked again.

Stages 4 to 7 need only stage 1. By default they start together after stage 3; eager, right after stage 1.
Knows nothing of how a question reaches a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from errors import BadInput, ItemFailed
from files import digest
from labels.ai_label import AILabel
from llm.answers import wire_schema
from llm.client import LLM
from persona import stages
from persona.cards.card import origin_of, read_persona, write_persona
from persona.facts.check import persona_notes
from persona.portrait import Portrait, read_picture
from persona.schema.answers import Core, Strategy
from persona.schema.fields import Answer
from persona.schema.persona import Persona, PortraitRef
from persona.stages import NO_WISHES, Wishes

Answers = dict[str, Answer]  # by the field of Persona that each belongs to
LATER: Final = frozenset(stages.NAMES[1:])  # what rests on stage 1
_LAST_FOUR: Final[Mapping[str, Callable[[LLM, stages.Subject, Core], Awaitable[Answer]]]] = MappingProxyType(
    {"network": stages.network, "voice": stages.voice, "visual": stages.visual, "knowledge": stages.knowledge}
)


def _now() -> datetime:
    return datetime.now(UTC)


def _silence(_line: str) -> None:
    pass


def made_from(portrait: Portrait, llm: LLM, language: str, wishes: Wishes = NO_WISHES) -> str:
    """A digest of what the persona of this portrait is made from.

    Its draw is left out: it hangs on the other portraits of the run, and a persona that is there stays when one
    more comes.
    """
    models = (llm.text_model, llm.vision_model)
    return digest(portrait.sha256, models, language, wishes.brief, wishes.location, _asked(), length=16)


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
        f"{portrait.name}: {path} was edited by hand or redone and stays as it is, although the settings have changed. "
        "To make it anew, move it away and run the same command again."
    )
    return persona


async def generate_persona(
    portrait: Portrait,
    llm: LLM,
    path: Path,
    *,
    language: str = "en",
    wishes: Wishes = NO_WISHES,
    draw: str = "",
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
    subject = stages.Subject(
        name=portrait.name, language=language, index=index, picture=picture, eager=eager, wishes=wishes, draw=draw
    )
    core = await stages.core(llm, subject)
    check_fiction(core, portrait.path, allow_photo=allow_photo)
    answers = await later_stages(llm, subject, core, say=say)
    persona = Persona(
        name=portrait.name,
        language=language,
        portrait=portrait_ref(portrait),
        made_from=made_from(portrait, llm, language, wishes),
        core=core,
        ai=AILabel.by(llm, clock()),
    ).model_copy(update=answers)
    persona = persona.model_copy(update={"notes": persona_notes(persona)})
    await asyncio.to_thread(write_persona, path, persona)
    return persona


def portrait_ref(portrait: Portrait) -> PortraitRef:
    return PortraitRef(file=portrait.path.name, sha256=portrait.sha256)


def check_fiction(core: Core, picture: Path, *, allow_photo: bool) -> None:
    """Raise BadInput when the picture shows a real person who has not agreed."""
    if core.reading.kind == "photograph_of_person" and not allow_photo:
        raise BadInput(
            f"{picture} is a photograph of a person, and Dramatis is for fictional characters.",
            "If the person agreed, add --allow-photo.",
        )


async def later_stages(
    llm: LLM,
    subject: stages.Subject,
    core: Core,
    wanted: Set[str] = LATER,
    *,
    strategy: Strategy | None = None,
    say: Callable[[str], None] = _silence,
) -> Answers:
    """The stages after the first, those that are `wanted`. `strategy`: the one that stands when it is not wanted."""

    def last() -> list[Awaitable[Answers]]:
        if wanted >= set(_LAST_FOUR):
            say(f"{subject.name}: ⚡ Stage 4-7: Parallel generation...")
        return [_named(name, ask(llm, subject, core)) for name, ask in _LAST_FOUR.items() if name in wanted]

    posts = _strategy_and_examples(llm, subject, core, wanted, strategy)
    if subject.eager:
        return await _together([posts, *last()])
    return await posts | await _together(last())


async def _strategy_and_examples(
    llm: LLM, subject: stages.Subject, core: Core, wanted: Set[str], strategy: Strategy | None
) -> Answers:
    answers: Answers = {}
    if "strategy" in wanted:
        answers["strategy"] = strategy = await stages.strategy(llm, subject, core)
    if "examples" in wanted:
        if strategy is None:
            raise ItemFailed(f"{subject.name} has no strategy for example posts.", "Make it with --complete.")
        answers["examples"] = await stages.examples(llm, subject, core, strategy)
    return answers


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
