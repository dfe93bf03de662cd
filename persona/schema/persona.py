"""What a persona is: the answers of its stages, and the whole. Other stages read it through this file.

Knows no files and no prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

from pydantic import Field, model_validator

from files import slug
from labels.ai_label import AILabel
from persona.schema.answers import (
    ContentType,
    Core,
    DayRhythm,
    Examples,
    Hashtags,
    Knowledge,
    Lore,
    Network,
    Strategy,
    Visual,
    Voice,
)
from persona.schema.fields import Answer, FileName, Line
from values import WEEKDAYS

FORMAT: Literal[1] = 1


class PortraitRef(Answer):
    """Which picture a persona was made from."""

    file: str = Field(description="File name without a folder.")
    sha256: str


class Given(Answer):
    """What a card from elsewhere says about its character, in its own words."""

    name: Line
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_message: str = ""
    example_messages: str = ""
    lore: tuple[Lore, ...] = Field(default=(), description="The entries of its character book.")


class Lora(Answer):
    """Weights that somebody trained on this character, for one family of painters. Put into the card by hand."""

    file: Line = Field(description="A .safetensors file; a relative path starts at the card's own folder.")
    strength: float = Field(default=1.0, ge=-4.0, le=4.0, description="1: as trained.")
    trigger_words: str = Field(default="", description="Words that it was trained with; they open every prompt.")


class Persona(Answer):
    """One character. A card from elsewhere has `given` and lacks the stages that nobody has asked for."""

    format: Literal[1] = FORMAT
    name: FileName = Field(description="The slug that all of its files are named after.")
    language: str = "en"
    portrait: PortraitRef | None = None
    made_from: str = Field(default="", description="A digest of everything this persona was made from.")
    given: Given | None = None
    core: Core | None = None
    strategy: Strategy | None = None
    examples: Examples | None = None
    network: Network | None = None
    voice: Voice | None = None
    visual: Visual | None = None
    knowledge: Knowledge | None = None
    notes: tuple[str, ...] = Field(default=(), description="What a check still objects to.")
    redone: dict[str, int] = Field(default_factory=dict, description="How often each stage was made again.")
    acquaintances: dict[FileName, Line] = Field(
        default_factory=dict, description="Members of the cast in its network: file name, and handle there."
    )
    kept: bool = Field(default=False, description="Somebody has worked on it: it is never made anew by itself.")
    lora: Lora | None = None
    ai: AILabel | None = None
    carried: dict[str, Any] = Field(
        default_factory=dict, exclude=True, repr=False, description="What its card says that is not ours, as it was."
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.core is None and self.given is None:
            raise ValueError("neither a core persona nor a card's own description is there")
        return self

    @property
    def character(self) -> str:
        """The character's name, for people. Never part of a path."""
        if self.core is not None:
            return self.core.facts.name
        return self.given.name if self.given else self.name

    @property
    def handle(self) -> str:
        """Its own name in the feed, without '@'."""
        return slug(self.character).replace("-", "_")

    @property
    def description(self) -> str:
        if self.core is not None:
            return self.core.description
        return self.given.description if self.given else ""

    @property
    def time_zone(self) -> str:
        return self.core.facts.home.time_zone if self.core else "UTC"

    @property
    def country(self) -> str:
        """Two letters, or "" where nothing is known."""
        return self.core.facts.home.country_code if self.core else ""

    @property
    def appearance(self) -> str:
        """The fixed sentence at the start of every picture prompt."""
        if self.visual is not None:
            return self.visual.appearance
        return " ".join(self.description.split()[:50]) or self.character

    @property
    def lore(self) -> tuple[Lore, ...]:
        """Places, habits and past events that can come up in a post."""
        return (*(self.knowledge.entries if self.knowledge else ()), *(self.given.lore if self.given else ()))

    @property
    def mix(self) -> Strategy:
        """The strategy, or a plain one where there is none."""
        return self.strategy or PLAIN_STRATEGY


def answer_of(stage: str) -> type[Answer]:
    """The type of the answer of the stage with this name."""
    kind: type[Answer] = get_args(Persona.model_fields[stage].annotation)[0]
    return kind


def _plain_types(rows: Sequence[tuple[str, float, str, str, str]]) -> tuple[ContentType, ...]:
    return tuple(ContentType(name=n, share=s, purpose=p, form=f, trigger=t) for n, s, p, f, t in rows)


PLAIN_STRATEGY = Strategy(
    topics=("daily life",),
    tone="the character's own",
    content_types=_plain_types(
        (
            (
                "daily scene",
                0.4,
                "show an ordinary moment",
                "two or three short sentences",
                "something happened",
            ),
            ("thought", 0.25, "let the mind wander", "one sentence", "a quiet minute"),
            (
                "small story",
                0.2,
                "tell what went wrong or right",
                "a beginning and an end",
                "a day worth telling",
            ),
            (
                "question",
                0.15,
                "ask what it really wants to know",
                "one question",
                "something it cannot settle",
            ),
        )
    ),
    rhythm=tuple(DayRhythm(weekday=day, hours=(8, 13, 20), why="between tasks") for day in WEEKDAYS),
    picture_share=1.0,
    hashtags=Hashtags(most=1, favourites=()),
)
