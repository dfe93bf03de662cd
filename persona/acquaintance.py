"""Members of one cast come to know each other: who knows whom, and what each holds of the other.

Who is paired with whom hangs on their names and the run's seed; what is asked about a pair, on these two alone.
Knows no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from pydantic import Field

from errors import BadInput
from files import compact, digest
from llm.client import LLM, Question
from llm.prompts import read_prompt
from persona.schema.answers import Contact, Core, Network
from persona.schema.fields import Answer, Line
from persona.schema.persona import Persona
from persona.stages import PROMPTS

PROMPT = PROMPTS / "acquaintance.md"
PURPOSE = "persona_acquaintance"


class Bond(Answer):
    """How one of the two sees the other one."""

    relation: Line = Field(description="What the other one is to it, and where they met.")
    called: Line = Field(description="What it calls the other one.")
    wants: Line = Field(description="What the other one wants from it.")
    open_matter: Line = Field(description="What is unsettled between them, as it sees it.")
    writes: Line = Field(description="How the other one writes to it.")


class Acquaintance(Answer):
    """What is between two members of a cast, from both sides."""

    first: Bond
    second: Bond


def pairs(names: Iterable[str], seed: int) -> list[tuple[str, str]]:
    """Who comes to know whom: a ring drawn by lot, so each knows two others; two members know each other."""
    ring = sorted(set(names), key=lambda name: digest("ring", seed, name))
    if len(ring) > 2:
        ring.append(ring[0])
    return [(min(pair), max(pair)) for pair in pairwise(ring)]


def member(persona: Persona) -> tuple[Core, Network]:
    """What it takes to know somebody. BadInput for a persona that cannot be introduced to anybody."""
    if persona.core is None or persona.network is None:
        raise BadInput(f"{persona.name} has no stage 1 or no stage 4.", "Make them with --complete.")
    return persona.core, persona.network


def knows(persona: Persona, other: Persona) -> bool:
    """Whether `other` stands in the persona's network as who it is now."""
    handles = {contact.handle for contact in persona.network.people} if persona.network else set()
    return persona.acquaintances.get(other.name) == other.handle and other.handle in handles


async def acquaint(llm: LLM, first: Persona, second: Persona, index: int = 0) -> Acquaintance:
    """What is between the two. Raises BadAnswer or ItemFailed when no answer comes."""
    question = Question(
        purpose=PURPOSE,
        item=f"{first.name} and {second.name}",
        prompt=read_prompt(PROMPT).fill(first=_sheet(first), second=_sheet(second)),
        answer=Acquaintance,
        rank=(0, index),
    )
    return await llm.ask(question)


def introduce(persona: Persona, other: Persona, bond: Bond) -> Persona:
    """The persona with `other` in its network, in place of whom `other` was before."""
    _, network = member(persona)
    former = {persona.acquaintances.get(other.name), other.handle}
    contact = Contact(name=other.character, handle=other.handle, **bond.model_dump())
    people = (*(one for one in network.people if one.handle not in former), contact)
    return persona.model_copy(
        update={
            "network": network.model_copy(update={"people": people}),
            "acquaintances": persona.acquaintances | {other.name: other.handle},
            "kept": True,
        }
    )


def _sheet(persona: Persona) -> str:
    """What the question is told of one of the two, as compact JSON."""
    core, _ = member(persona)
    facts = {"name", "age", "pronouns", "home", "languages", "work", "likes", "dislikes", "limits"}
    inner = {"wants", "obstacle", "contradictions", "sore_point", "speech", "description"}
    sheet = {
        "language": persona.language,
        "handle": persona.handle,
        "facts": core.facts.model_dump(mode="json", include=facts),
        **core.model_dump(mode="json", include=inner),
    }
    return compact(sheet)
