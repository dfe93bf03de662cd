"""The seven stages of a persona: one short function each, one question each.

Says what is asked, of whom, and what a reply must agree with. Does not know the order in which stages run,
where a persona is kept, or how a question reaches a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from llm.client import LLM, Picture, Question, nothing_wrong
from llm.prompts import PromptFile, read_prompt
from persona.schema import Answer, Core, Examples, Knowledge, Network, Strategy, Visual, Voice

PROMPTS: Final = Path(__file__).parent / "prompts"
PURPOSES: Final = (
    "persona_core",
    "persona_strategy",
    "persona_examples",
    "persona_network",
    "persona_voice",
    "persona_visual",
    "persona_knowledge",
)
ANSWERS: Final[tuple[type[Answer], ...]] = (Core, Strategy, Examples, Network, Voice, Visual, Knowledge)

# How many calls must still follow each stage: of the persona, and then a calendar and a post.
_FOLLOWING: Final = (5, 4, 3, 2, 2, 2, 2)
_FOLLOWING_EAGER: Final = (4, 3, 2, 2, 2, 2, 2)

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitter:
    """Whom the stages are asked about. `index`: the place among the portraits of this run."""

    name: str
    language: str
    index: int
    picture: Picture
    eager: bool = False


def prompt_of(stage: int) -> PromptFile:
    """The prompt file of a stage, 1 to 7."""
    return read_prompt(PROMPTS / f"{stage}_{PURPOSES[stage - 1].removeprefix('persona_')}.md")


async def core(llm: LLM, sitter: Sitter) -> Core:
    return await _ask(llm, sitter, 1, Core, sees=True)


async def strategy(llm: LLM, sitter: Sitter, core: Core) -> Strategy:
    return await _ask(llm, sitter, 2, Strategy, core=_sheet(core))


async def examples(llm: LLM, sitter: Sitter, core: Core, strategy: Strategy) -> Examples:
    return await _ask(
        llm,
        sitter,
        3,
        Examples,
        check=partial(check_examples, strategy),
        core=_sheet(core),
        strategy=strategy.model_dump_json(),
    )


async def network(llm: LLM, sitter: Sitter, core: Core) -> Network:
    return await _ask(llm, sitter, 4, Network, check=partial(check_network, core), core=_sheet(core))


async def voice(llm: LLM, sitter: Sitter, core: Core) -> Voice:
    return await _ask(llm, sitter, 5, Voice, core=_sheet(core))


async def visual(llm: LLM, sitter: Sitter, core: Core) -> Visual:
    return await _ask(llm, sitter, 6, Visual, sees=True, check=partial(check_visual, core), core=_sheet(core))


async def knowledge(llm: LLM, sitter: Sitter, core: Core) -> Knowledge:
    return await _ask(llm, sitter, 7, Knowledge, core=_sheet(core))


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
    sitter: Sitter,
    stage: int,
    answer: type[A],
    *,
    sees: bool = False,
    check: Callable[[A], Sequence[str]] = nothing_wrong,
    **values: str,
) -> A:
    following = (_FOLLOWING_EAGER if sitter.eager else _FOLLOWING)[stage - 1]
    question = Question(
        purpose=PURPOSES[stage - 1],
        item=f"{sitter.name}: stage {stage}",
        prompt=prompt_of(stage).fill(language=sitter.language, **values),
        answer=answer,
        pictures=(sitter.picture,) if sees else (),
        rank=(-following, sitter.index),
        check=check,
    )
    return await llm.ask(question)


def _sheet(core: Core) -> str:
    """What the other stages are told of stage 1."""
    return core.model_dump_json(exclude={"reading"})
