"""What a post is, and a batch of them. Pictures and pages are made from this file's classes alone.

Knows nothing of prompts, endpoints and files.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calendars.schema import PostId
from files import digest
from labels.ai_label import AILabel
from persona.schema.fields import Answer, FileName, Line, TimeZone

FORMAT: Literal[1] = 1

BatchKey = Annotated[str, StringConstraints(pattern="^[0-9a-f]{8}$")]


Tags = Annotated[tuple[Line, ...], Field(description="Hashtags to put behind the text, without '#'; often none.")]
Scene = Annotated[
    Line,
    Field(
        description="In English: what a camera sees in one instant: action, place, light and hour, framing, "
        "one or two objects; at most 60 words; nothing about hair, eyes or build."
    ),
]
AltText = Annotated[
    Line, Field(description="What is in the picture, for somebody who cannot see it, in the post's language.")
]


class TweetAnswer(Answer):
    """The model's answer for one planned post, in the order in which a person would think."""

    text: Line = Field(description="The post as it will be read, without hashtags at its end.")
    hashtags: Tags
    scene: Scene
    alt_text: AltText

    @property
    def parts(self) -> tuple[str, ...]:
        """What is posted, one text after the other."""
        return (self.text,)


class ThreadAnswer(Answer):
    """The same for a thread: several posts, each the answer to the one before."""

    parts: tuple[Line, ...] = Field(
        description="The posts of the thread in order, as they will be read; no numbers, no hashtags at their ends."
    )
    hashtags: Tags
    scene: Scene
    alt_text: AltText


class Decision(BaseModel):
    """What a person has decided about a text or about a picture."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    act: Literal["keep", "redo", "drop"]
    wish: str = Field(default="", description="What a redo should do otherwise; may be empty.")


class Painting(BaseModel):
    """How the picture of a post is to be painted, whichever painter does it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    appearance: Line
    scene: Line
    seed: int = Field(ge=0)
    attempt: int = Field(default=0, ge=0, description="How often it was asked for again.")
    wish: str = Field(default="", description="What a person wanted otherwise, in English.")
    decision: Decision | None = Field(default=None, description="About the picture that this gives.")

    @property
    def prompt(self) -> str:
        """The fixed appearance first, then what is to be seen."""
        return f"{self.appearance.rstrip('.')}. {self.wished_scene}"

    @property
    def wished_scene(self) -> str:
        """What is to be seen, the wish first: what comes last may be cut off by a painter."""
        wish = self.wish.strip().rstrip(".")
        return f"{wish}. {self.scene}" if wish else self.scene

    @property
    def digest(self) -> str:
        """Twelve hex digits for what is painted. A picture bears them: so one can tell which painting it shows."""
        return digest(self.prompt, self.seed, length=12)


class Tweet(BaseModel):
    """One finished post."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: PostId
    at: str = Field(description="RFC 3339, with the offset of the character's time zone on that day.")
    content_type: str
    theme: str = ""
    text: Line
    thread: tuple[Line, ...] = Field(default=(), description="Of a thread: the posts that follow, in order.")
    weighted_length: int = Field(ge=1, description="Of the text, as X counts it.")
    hashtags: tuple[str, ...] = ()
    alt_text: str = ""
    painting: Painting | None = Field(default=None, description="None: a post without a picture.")
    notes: tuple[str, ...] = Field(default=(), description="What a check still objects to.")
    decision: Decision | None = Field(default=None, description="About the text. A redo waits for the next writing.")
    edited: bool = Field(default=False, description="A person has changed the text.")
    ai: AILabel | None = None

    @property
    def stands(self) -> bool:
        """Whether the post goes out: it is neither dropped nor waiting to be written again."""
        return self.decision is None or self.decision.act == "keep"

    @property
    def dropped(self) -> bool:
        return self.decision is not None and self.decision.act == "drop"

    @property
    def parts(self) -> tuple[str, ...]:
        """What is posted, one text after the other."""
        return (self.text, *self.thread)


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

    def painting_of(self, post: Tweet) -> Painting | None:
        """How the picture of `post` is to be painted now; None: it is to have none, or not yet."""
        painting = post.painting
        if painting is None or not post.stands:
            return None
        decision = painting.decision
        if decision is None or decision.act == "keep":
            return painting
        return self.painting_again(post, painting, decision.wish) if decision.act == "redo" else None

    def painting_again(self, post: Tweet, painting: Painting, wish: str = "") -> Painting:
        """The next attempt at a picture: another seed, and the wish."""
        attempt = painting.attempt + 1
        seed = post_seed(self.seed, self.persona, post.id, attempt)
        return painting.model_copy(update={"attempt": attempt, "seed": seed, "wish": wish, "decision": None})


def post_seed(seed: int, name: str, post_id: str, attempt: int = 0) -> int:
    """The seed of a post's picture, below 2**32; it depends on nothing that happened in a run."""
    return int(digest(seed, name, post_id, attempt, length=8), 16)
