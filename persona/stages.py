"""The seven stages of a persona: one short function each, one question each.

Says what is asked, of whom, and what a reply must agree with. Does not know the order in which stages run,
where a persona is kept, or how a question reaches a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from llm.client import LLM, Picture, Question, nothing_wrong
from llm.prompts import PromptFile, read_prompt
from persona.facts.check import doubts
from persona.schema.answers import Core, Examples, Knowledge, Network, Strategy, Visual, Voice
from persona.schema.fields import Answer

PROMPTS: Final = Path(__file__).parent / "prompts"
NAMES: Final = ("core", "strategy", "examples", "network", "voice", "visual", "knowledge")  # the fields of Persona
PURPOSES: Final = tuple(f"persona_{name}" for name in NAMES)
ANSWERS: Final[tuple[type[Answer], ...]] = (Core, Strategy, Examples, Network, Voice, Visual, Knowledge)

# How many calls must still follow each stage: of the persona, and then a calendar and a post.
_FOLLOWING: Final = (5, 4, 3, 2, 2, 2, 2)
_FOLLOWING_EAGER: Final = (4, 3, 2, 2, 2, 2, 2)
# About how long each stage takes, in seconds: of stages that as many calls must follow, the longest goes first.
_SECONDS: Final = (20, 15, 25, 20, 15, 15, 25)

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What the user wants of the whole cast, in the user's own words; empty: nothing in particular."""

    brief: str = ""
    location: str = ""


NO_WISHES: Final = Wishes()


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom the stages are asked about. `index`: the place among the portraits of this run.

    `draw`: what lots gave it; `card`: what a card says of it, which then counts instead. `attempts`: how often each
    stage was made again.
    """

    name: str
    language: str
    index: int
    picture: Picture | None
    eager: bool = False
    wishes: Wishes = NO_WISHES
    draw: str = ""
    card: str = ""
    attempts: Mapping[str, int] = field(default_factory=dict)


def prompt_of(stage: int, *, complete: bool = False) -> PromptFile:
    """The prompt file of a stage, 1 to 7; `complete`: for a character that a card describes, or no picture shows."""
    subject = "complete" if complete else NAMES[stage - 1]
    return read_prompt(PROMPTS / f"{stage}_{subject}.md")


async def core(llm: LLM, subject: Subject) -> Core:
    brief, location = subject.wishes.brief, subject.wishes.location
    ask = partial(_ask, complete=True, card=subject.card) if subject.card else partial(_ask, draw=subject.draw)
    return await ask(llm, subject, 1, Core, sees=True, brief=brief, location=location)


async def strategy(llm: LLM, subject: Subject, core: Core) -> Strategy:
    return await _ask(llm, subject, 2, Strategy, core=core)


async def examples(llm: LLM, subject: Subject, core: Core, strategy: Strategy) -> Examples:
    return await _ask(
        llm,
        subject,
        3,
        Examples,
        check=partial(check_examples, strategy),
        core=core,
        strategy=strategy.model_dump_json(),
    )


async def network(llm: LLM, subject: Subject, core: Core) -> Network:
    return await _ask(llm, subject, 4, Network, check=partial(check_network, core), core=core)


async def voice(llm: LLM, subject: Subject, core: Core) -> Voice:
    return await _ask(llm, subject, 5, Voice, core=core)


async def visual(llm: LLM, subject: Subject, core: Core) -> Visual:
    return await _ask(
        llm,
        subject,
        6,
        Visual,
        sees=True,
        complete=subject.picture is None,
        check=partial(check_visual, core),
        core=core,
    )


async def knowledge(llm: LLM, subject: Subject, core: Core) -> Knowledge:
    return await _ask(llm, subject, 7, Knowledge, core=core)


# -- what a reply must agree with: sentences for the model, none when all is well ------------------------


def check_examples(strategy: Strategy, examples: Examples) -> list[str]:
    """Every example post is of a content type that the strategy has."""
    known = {kind.name.casefold() for kind in strategy.content_types}
    unknown = {post.content_type for post in examples.posts if post.content_type.casefold() not in known}
    names = ", ".join(kind.name for kind in strategy.content_types)
    return [f"{name!r} is no content type of the strategy; use one of: {names}" for name in sorted(unknown)]


def check_network(core: Core, network: Network) -> list[str]:
    """Everybody on the fact sheet is there; a fuller or a shorter form of the name will do."""
    there = [contact.name.casefold() for contact in network.people]
    missing = [
        known.name
        for known in core.facts.people
        if not any(known.name.casefold() in name or name in known.name.casefold() for name in there)
    ]
    return [f"people lacks {name!r}, who is in facts.people; add this person first" for name in missing]


def check_visual(core: Core, visual: Visual) -> list[str]:
    """The appearance sentence names nobody: a painter would letter the name into the picture.

    Case counts, and the first word of the sentence is passed over for a part of the name: ash is also a colour.
    """
    name, text = core.facts.name, visual.appearance
    parts = [part for part in name.split() if len(part) > 2]
    if name in text or any(re.search(rf"(?<=\W){re.escape(part)}(?!\w)", text) for part in parts):
        return [f"appearance contains the name {name!r}; describe what is seen, without the name"]
    return []


async def _ask(
    llm: LLM,
    subject: Subject,
    stage: int,
    answer: type[A],
    *,
    sees: bool = False,
    complete: bool = False,
    core: Core | None = None,
    check: Callable[[A], Sequence[str]] = nothing_wrong,
    **values: str,
) -> A:
    told = values if core is None else {"core": _sheet(core), **values}
    following = (_FOLLOWING_EAGER if subject.eager else _FOLLOWING)[stage - 1]
    question = Question(
        purpose=PURPOSES[stage - 1],
        item=f"{subject.name}: stage {stage}",
        prompt=prompt_of(stage, complete=complete).fill(language=subject.language, **told),
        answer=answer,
        pictures=(subject.picture,) if sees and subject.picture else (),
        attempt=subject.attempts.get(NAMES[stage - 1], 0),
        rank=(-following, -_SECONDS[stage - 1], subject.index),
        check=check,
        doubt=partial(_doubts, core, subject.language),
    )
    return await llm.ask(question)


def _doubts(core: Core | None, language: str, reply: Answer) -> list[str]:
    """What in a reply contradicts stage 1; in stage 1 itself, its own fact sheet."""
    rests_on = reply if core is None else core
    return doubts(rests_on, reply, language) if isinstance(rests_on, Core) else []


def _sheet(core: Core) -> str:
    """What the other stages are told of stage 1."""
    return core.model_dump_json(exclude={"reading"})
