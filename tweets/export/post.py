"""One post on its way out: what a batch says of it, its moment, its picture's place and its AI mark.

Knows folders and addresses, but no form that it is written in.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from errors import BadInput
from files import PICTURE_ENDINGS, Folders
from labels.ai_label import AILabel
from settings import TOOL
from tweets.schema import Tweet, TweetBatch

FORMAT: Final = 1
UNKNOWN: Final = AILabel(model="unknown", provider="unknown", tool=TOOL, created="")  # of a batch made by hand


@dataclass(frozen=True, slots=True)
class ExportedPost:
    """A post and what stands around it. `place`: its picture as seen from the export folder, "" for none.

    `painted`: whether the picture stands there; `awaited`: a person has asked for another one.
    """

    batch: TweetBatch
    post: Tweet
    at: datetime  # in the character's time zone
    ai: AILabel
    picture: Path | None = None
    painted: bool = False
    place: str = ""
    url: str = ""  # where the picture will be found by others, "" where nobody has said it

    @property
    def awaited(self) -> bool:
        decision = self.post.painting.decision if self.post.painting else None
        return self.picture is not None and decision is not None and decision.act == "redo"

    @property
    def id(self) -> str:
        """Unique over all batches."""
        return f"{self.batch.persona}/{self.batch.key}/{self.post.id}"

    @property
    def address(self) -> str:
        """Where the picture is, as well as we know: its public address, else its place."""
        return self.url or self.place

    @property
    def media_type(self) -> str:
        """Of the picture, if there is one."""
        return next((f"image/{form}" for form, ending in PICTURE_ENDINGS.items() if self.place.endswith(ending)), "")

    @property
    def utc(self) -> str:
        return self.utc_later(0)

    def utc_later(self, minutes: int) -> str:
        """So many minutes after the post's moment."""
        return (self.at.astimezone(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def part_ids(self) -> list[str]:
        """The post's id, and of a thread those of the posts that follow."""
        return [self.id, *(f"{self.id}+{number}" for number, _ in enumerate(self.post.thread, start=1))]

    @property
    def mark(self) -> dict[str, Any]:
        """The AI label with the fields of GB 45438-2025."""
        return self.ai.model_dump() | {"aigc": self.ai.aigc(self.id)}

    def record(self) -> dict[str, Any]:
        """Everything that is known of the post: the canonical form."""
        batch, post, painting = self.batch, self.post, self.batch.painting_of(self.post)
        return {
            "format": FORMAT,
            "id": self.id,
            "persona": batch.persona,
            "character": batch.character,
            "batch": batch.key,
            "post": post.id,
            "language": batch.language,
            "scheduled_at": self.at.isoformat(timespec="seconds"),
            "scheduled_at_utc": self.utc,
            "timezone": batch.time_zone,
            "content_type": post.content_type,
            "theme": post.theme,
            "text": post.text,
            "thread": list(post.thread),
            "weighted_length": post.weighted_length,
            "hashtags": list(post.hashtags),
            "alt_text": post.alt_text if painting else "",
            "picture": self.place or None,
            "picture_exists": self.painted,
            "picture_url": self.url or None,
            "picture_prompt": painting.prompt if painting else None,
            "picture_seed": painting.seed if painting else None,
            "notes": list(post.notes),
            "edited": post.edited,
            "made_with_ai": True,
            "ai": self.mark,
        }


def exported_posts(batch: TweetBatch, folders: Folders, media_base_url: str = "") -> list[ExportedPost]:
    """The posts of `batch` that go out, in their order. BadInput when one of them has no moment."""
    zone = ZoneInfo(batch.time_zone)
    painted = _files_in(folders.picture(batch.persona, batch.key, "any").parent)
    posts = []
    for post in filter(lambda post: post.stands, batch.posts):
        at = _moment(batch, post).astimezone(zone)
        ai = post.ai or batch.ai or UNKNOWN
        painting = batch.painting_of(post)
        if painting is None:
            posts.append(ExportedPost(batch, post, at, ai))
            continue
        places = [folders.picture(batch.persona, batch.key, post.id, form) for form in PICTURE_ENDINGS]
        picture = next((place for place in places if place.name in painted), places[0])
        place = Path(os.path.relpath(picture, folders.exports)).as_posix()
        parts = picture.relative_to(folders.pictures).parts
        url = "/".join((media_base_url, *map(quote, parts))) if media_base_url else ""
        posts.append(ExportedPost(batch, post, at, ai, picture, picture.name in painted, place, url))
    return posts


def _moment(batch: TweetBatch, post: Tweet) -> datetime:
    try:
        at = datetime.fromisoformat(post.at)
        if at.tzinfo is None:
            raise ValueError("no offset")
        return at
    except ValueError as error:
        raise BadInput(
            f"The post {post.id} of {batch.persona} is set for {post.at!r}.",
            "Write its day, time and offset, as 2026-12-01T08:00:00+01:00.",
        ) from error


def _files_in(folder: Path) -> Collection[str]:
    """The names of the files in `folder` that hold something."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file() and entry.stat().st_size}
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise BadInput(f"{folder} cannot be read: {(error.strerror or str(error)).lower()}.") from error
