"""What pages are made from: a character with everything that is there of it, and what the wall says about it.

Knows no files but those it names, and no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calendars.schema import Calendar
from persona.schema.persona import Persona
from tweets.schema import TweetBatch

# What can be wrong with a post, and with a character: the word that marks it, and what people read.
PROBLEMS: Mapping[str, str] = {
    "text": "text missing",
    "picture": "picture missing",
    "note": "contradiction noted",
    "redo": "sent back",
    "drop": "dropped",
    "persona": "persona missing",
}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as it lies on disk. `painting`: the digest of the painting it shows, "" where it does not say; `told`:
    what else it says of how it was made."""

    file: Path
    model: str = ""
    painting: str = ""
    told: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A thumbnail by its address in the gallery, with its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch of posts with its pictures, and why some are missing, by post id."""

    posts: TweetBatch
    file: Path
    pictures: Mapping[str, ShownPicture] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownCharacter:
    """One character. `batches`: the newest first; `persona` is None when its file is gone and only posts are left."""

    name: str
    persona: Persona | None = None
    portrait: Path | None = None
    calendar: Calendar | None = None
    batches: tuple[ShownBatch, ...] = ()

    @property
    def title(self) -> str:
        """The character's name, for people."""
        if self.persona is not None:
            return self.persona.character
        return self.batches[0].posts.character if self.batches else self.name

    @property
    def handle(self) -> str:
        return self.persona.handle if self.persona else self.name

    @property
    def language(self) -> str:
        if self.persona is not None:
            return self.persona.language
        return self.batches[0].posts.language if self.batches else ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the wall says about a character."""

    name: str
    title: str
    line: str
    language: str
    portrait: Shown | None
    posts: int
    pictures: int
    problems: tuple[str, ...]
