"""A portrait in, a persona out: the order of the stages, and when they need not be asked again.

A stage is asked when those that it needs have answered; without --eager the first three come before all others.
Knows nothing of how a question reaches a model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from errors import BadInput, ItemFailed
from files import digest
from labels.ai_label import AILabel
from llm.answers import wire_schema
from llm.client import LLM
from persona import stages
from persona.cards.card import origin_of, read_persona, write_persona
from persona.facts.check import persona_notes
from persona.portrait import Portrait, read_picture
from persona.schema.answers import Core
from persona.schema.fields import Answer
from persona.schema.persona import Persona, PortraitRef, answer_of
from persona.schema.stage_table import IN_ORDER, LATER, STAGES, TOGETHER, Stage
from persona.stages import NO_WISHES, Wishes
from sentences import sentence

Answers = dict[str, Answer]  # by the field of Persona that each belongs to


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
    """Make the persona and write it to `path`, once all stages are there. What stands there is replaced.

    Raises BadInput for the picture, ItemFailed when a stage has no answer, StopRun when nothing more can be done.
    """
    picture = await asyncio.to_thread(read_picture, portrait.path)
    subject = stages.Subject(
        name=portrait.name, language=language, index=index, picture=picture, eager=eager, wishes=wishes, draw=draw
    )
    core = await stages.ask_core(llm, subject)
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
    there: Mapping[str, Answer] = MappingProxyType({}),
    say: Callable[[str], None] = _silence,
) -> Answers:
    """The stages after the first, those that are `wanted`. `there`: the answers that stand when they are not wanted."""
    ask = partial(stages.ask, llm, subject)
    told = {**there, "core": core}
    first, together = ([stage for stage in part if stage.name in wanted] for part in (IN_ORDER[1:], TOGETHER))

    def announce() -> None:
        if len(together) == len(TOGETHER):
            numbers = {"first": TOGETHER[0].number, "last": TOGETHER[-1].number}
            say(sentence("{name}: ⚡ Stage {first}-{last}: Parallel generation...", name=subject.name, **numbers))

    if subject.eager:
        announce()
        return await _by_need([*first, *together], told, ask)
    answers = await _by_need(first, told, ask)
    announce()
    return answers | await _by_need(together, told | answers, ask)


async def _by_need(
    asked: Sequence[Stage],
    told: Mapping[str, Answer],
    ask: Callable[[Stage, Mapping[str, Answer]], Awaitable[Answer]],
) -> Answers:
    """The answers of these stages, each asked for as soon as those that it needs are there."""
    work: dict[str, asyncio.Task[Answer]] = {}

    async def when_told(stage: Stage) -> Answer:
        new = {name: await work[name] for name in stage.needs if name in work}
        return await ask(stage, {**told, **new})

    for stage in asked:
        work[stage.name] = asyncio.create_task(when_told(stage))
    return await _together(work)


async def _together(work: Mapping[str, Awaitable[Answer]]) -> Answers:
    """All answers. When one fails the others still come in, and are paid and kept, before its error is raised."""
    results = await asyncio.gather(*work.values(), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise next((failure for failure in failures if not isinstance(failure, ItemFailed)), failures[0])
    return {name: result for name, result in zip(work, results, strict=True) if isinstance(result, Answer)}


@cache
def _asked() -> str:
    return asked_of(stages.PROMPTS)


def asked_of(prompts: Path) -> str:
    """A digest of each stage's prompt in this folder and of the answer it asks for."""
    texts = [stages.prompt_of(stage, folder=prompts).digest for stage in STAGES]
    return digest(texts, [wire_schema(answer_of(stage.name)) for stage in STAGES])
