"""The stages of a persona: one question each.

Says what is asked, of whom, and what a reply must agree with. Which stages there are is in schema/stage_table.py.
Does not know the order in which stages run, where a persona is kept, or how a question reaches a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from errors import ItemFailed
from llm.client import LLM, Picture, Question, nothing_wrong
from llm.prompts import PromptFile, read_prompt
from persona.facts.check import doubts
from persona.schema.answers import Core, Examples, Network, Strategy, Visual
from persona.schema.fields import Answer
from persona.schema.persona import answer_of
from persona.schema.stage_table import STAGES, Stage, following
from sentences import sentence

PROMPTS: Final = Path(__file__).parent / "prompts"

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


def prompt_of(stage: Stage, *, complete: bool = False, folder: Path = PROMPTS) -> PromptFile:
    """The prompt file of a stage; `complete`: for a character that a card describes, or no picture shows."""
    return read_prompt(folder / f"{stage.number}_{'complete' if complete else stage.name}.md")


async def ask_core(llm: LLM, subject: Subject) -> Core:
    """Stage 1, from the portrait and lots, or from a card."""
    values = {"brief": subject.wishes.brief, "location": subject.wishes.location}
    values |= {"card": subject.card} if subject.card else {"draw": subject.draw}
    return await _ask(llm, subject, STAGES[0], Core, values, complete=bool(subject.card))


async def ask(llm: LLM, subject: Subject, stage: Stage, told: Mapping[str, Answer]) -> Answer:
    """A later stage. `told`: the answers that are there. ItemFailed when one that it needs is not among them."""
    for needed in stage.needs:
        if needed not in told:
            names = {"persona": subject.name, "needed": needed, "stage": stage.name}
            told_why = sentence("{persona} has no {needed}, and {stage} needs it.", **names)
            raise ItemFailed(told_why, sentence("Make it with --complete."))
    values = {name: _said(told[name]) for name in stage.needs}
    complete = stage.sees and subject.picture is None
    return await _ask(llm, subject, stage, answer_of(stage.name), values, complete=complete, told=told)


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


# By stage: the earlier answer that a reply must agree with, and how. A stage that has no such rule is not named.
_CHECKS: Final[Mapping[str, tuple[str, Callable[[Any, Any], Sequence[str]]]]] = MappingProxyType(
    {
        "examples": ("strategy", check_examples),
        "network": ("core", check_network),
        "visual": ("core", check_visual),
    }
)


async def _ask(
    llm: LLM,
    subject: Subject,
    stage: Stage,
    answer: type[A],
    values: Mapping[str, str],
    *,
    complete: bool,
    told: Mapping[str, Answer] = MappingProxyType({}),
) -> A:
    question = Question(
        purpose=stage.purpose,
        item=f"{subject.name}: stage {stage.number}",
        prompt=prompt_of(stage, complete=complete).fill(language=subject.language, **values),
        answer=answer,
        pictures=(subject.picture,) if stage.sees and subject.picture else (),
        attempt=subject.attempts.get(stage.name, 0),
        rank=(-following(stage, eager=subject.eager), -stage.seconds, subject.index),
        check=_check(stage, told),
        doubt=partial(_doubts, told.get("core"), subject.language),
    )
    return await llm.ask(question)


def _check(stage: Stage, told: Mapping[str, Answer]) -> Callable[[Any], Sequence[str]]:
    if stage.name not in _CHECKS:
        return nothing_wrong
    other, check = _CHECKS[stage.name]
    return partial(check, told[other])


def _doubts(core: Answer | None, language: str, reply: Answer) -> list[str]:
    """What in a reply contradicts stage 1; in stage 1 itself, its own fact sheet."""
    rests_on = reply if core is None else core
    return doubts(rests_on, reply, language) if isinstance(rests_on, Core) else []


def _said(answer: Answer) -> str:
    """What a later stage is told of an answer: of stage 1 all but its reading of the picture."""
    return answer.model_dump_json(exclude={"reading"} if isinstance(answer, Core) else None)
