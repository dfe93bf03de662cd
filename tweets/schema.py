"""What a post is, and a batch of them. Pictures and pages are made from this file's classes alone.

Knows nothing of prompts, endpoints and files.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calendars.schema import PostId
from persona.schema import AILabel, Answer, FileName, Line, TimeZone

FORMAT: Literal[1] = 1

BatchKey = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}$")]


class TweetAnswer(Answer):
    """The model's answer for one planned post, in the order in which a person would think."""

    text: Line = Field(description="The post as it will be read, without hashtags at its end.")
    hashtags: tuple[Line, ...] = Field(description="Hashtags to put behind the text, without '#'; often none.")
    scene: Line = Field(
        description="In English: what a camera sees in one instant: action, place, light and hour, framing, "
        "one or two objects; at most 60 words; nothing about hair, eyes or build."
    )
    alt_text: Line = Field(
        description="What is in the picture, for somebody who cannot see it, in the post's language."
    )


class Painting(BaseModel):
    """How the picture of a post is to be painted, whichever painter does it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    appearance: Line
    scene: Line
    seed: int = Field(ge=0)

    @property
    def prompt(self) -> str:
        """The fixed appearance first, then the scene."""
        return f"{self.appearance.rstrip('.')}. {self.scene}"


class Tweet(BaseModel):
    """One finished post."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: PostId
    at: str = Field(description="RFC 3339, with the offset of the character's time zone on that day.")
    content_type: str
    theme: str = ""
    text: Line
    weighted_length: int = Field(ge=1, description="As X counts it.")
    hashtags: tuple[str, ...] = ()
    alt_text: str = ""
    painting: Painting | None = Field(default=None, description="None: a post without a picture.")
    notes: tuple[str, ...] = Field(default=(), description="What contradicts the character, and was not mended.")
    ai: AILabel | None = None


class MissingTweet(BaseModel):
    """A planned post that has no text, and why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: PostId
    cause: str


class TweetBatch(BaseModel):
    """All posts of one persona in one job."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal[1] = FORMAT
    persona: FileName = Field(description="The slug of the persona's files.")
    character: str
    key: BatchKey = Field(description="Eight hex digits over what the batch was made from.")
    language: str = "en"
    time_zone: TimeZone = "UTC"
    seed: int = 0
    posts: tuple[Tweet, ...] = ()
    missing: tuple[MissingTweet, ...] = ()
    ai: AILabel | None = None
