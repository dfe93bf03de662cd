"""What a calendar is: days, their holidays, and the posts planned on them, in the character's own time zone.

Ids are made here once and never change. Knows nothing of texts, prompts and files.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from persona.schema import AILabel, Answer, Line, TimeZone

FORMAT: Literal[1] = 1
MOST_POSTS_A_DAY = 1000


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write it as 09:30")
    return text


def _post_id(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}-[1-9]\d{0,3}", text):
        raise ValueError(f"{text!r} is no post id; write the day and a number, such as 2026-12-01-1")
    return text


ClockTime = Annotated[str, AfterValidator(_clock_time)]
PostId = Annotated[str, AfterValidator(_post_id)]


class Theme(Answer):
    """What the model adds to one planned post."""

    id: str = Field(description="The id of the planned post, copied.")
    theme: Line = Field(description="What happened to the character, in one concrete sentence.")


class Themes(Answer):
    """The model's answer for a block of days."""

    story_lines: tuple[Line, ...] = Field(
        description="The one to three story lines of these days: want, setback, outcome."
    )
    themes: tuple[Theme, ...]


class PlannedPost(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    id: PostId
    time: ClockTime = Field(description="Local time of the character.")
    content_type: Line
    theme: str = ""
    picture: bool = True

    @property
    def day(self) -> date:
        return date.fromisoformat(self.id[:10])

    def at(self, time_zone: str) -> datetime:
        """The moment of the post, with its offset. A time that a clock change skips moves to after the change."""
        local = datetime.combine(self.day, time.fromisoformat(self.time), ZoneInfo(time_zone))
        return local.astimezone(UTC).astimezone(ZoneInfo(time_zone))


class Day(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    date: date
    holidays: tuple[str, ...] = ()
    posts: tuple[PlannedPost, ...] = ()

    @model_validator(mode="after")
    def _posts_belong_here(self) -> Self:
        if len(self.posts) > MOST_POSTS_A_DAY:
            raise ValueError(f"{self.date} has {len(self.posts)} posts; at most {MOST_POSTS_A_DAY} fit in a day")
        for post in self.posts:
            if post.id[:10] != self.date.isoformat():
                raise ValueError(f"post {post.id} stands under {self.date}; move it to its own day")
        times = [post.time for post in self.posts]
        if times != sorted(times):
            raise ValueError(f"the posts of {self.date} are not in order of time")
        return self


class Calendar(BaseModel):
    """A persona's planned posts. `planned_by` says who chose the themes.

    Fields of other tools stay: a calendar that was made by hand is written again when days are added to it.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    format: Literal[1] = FORMAT
    persona: str = Field(default="", description="The name of the persona's file, without its ending.")
    time_zone: TimeZone = "UTC"
    country: str = ""
    language: str = "en"
    planned_by: Literal["model", "mix", "hand"] = "hand"
    story_lines: tuple[str, ...] = ()
    days: tuple[Day, ...] = Field(min_length=1)
    ai: AILabel | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        dates = [day.date for day in self.days]
        for earlier, later in itertools.pairwise(dates):
            if later <= earlier:
                raise ValueError(f"the days are not in order: {later} follows {earlier}")
        seen: set[str] = set()
        for post in self.posts():
            if post.id in seen:
                raise ValueError(f"the id {post.id} is used twice; ids must differ")
            seen.add(post.id)
        return self

    def posts(self) -> Iterator[PlannedPost]:
        """All planned posts in order of time."""
        for day in self.days:
            yield from day.posts
