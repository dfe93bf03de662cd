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

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from calendars.seasons import season_of
from labels.ai_label import AILabel
from persona.schema.fields import Answer, Line, TimeZone
from values import MOST_A_DAY

FORMAT: Literal[1] = 1


_CLOCK_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_POST_ID = r"\d{4}-\d{2}-\d{2}-[1-9]\d{0,3}"


def _clock_time(text: str) -> str:
    if not re.fullmatch(_CLOCK_TIME, text):
        raise ValueError(f"{text!r} is no time of day; write it as 09:30")
    return text


def _post_id(text: str) -> str:
    if not re.fullmatch(_POST_ID, text):
        raise ValueError(f"{text!r} is no post id; write the day and a number, such as 2026-12-01-1")
    return text


def _written_as(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


ClockTime = Annotated[str, AfterValidator(_clock_time), _written_as(_CLOCK_TIME)]
PostId = Annotated[str, AfterValidator(_post_id), _written_as(_POST_ID)]


class Theme(Answer):
    """What the model adds to one planned post."""

    id: str = Field(description="The id of the planned post, copied.")
    theme: Line = Field(description="What happened to the character, in one concrete sentence.")


class Themes(Answer):
    """The model's answer for a block of days."""

    story_lines: tuple[Line, ...] = Field(
        description="One sentence for each story line that has none yet, in order: want, setback, outcome. Often empty."
    )
    themes: tuple[Theme, ...]


class StoryPart(BaseModel):
    """A post's part in a story line that runs over days."""

    model_config = ConfigDict(frozen=True, extra="allow")

    line: int = Field(ge=1, description="Which line, counted from 1, in the calendar's story_lines.")
    part: Literal["plan", "progress", "setback", "outcome"]


class PlannedPost(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    id: PostId = Field(description="The post's day and a number, such as 2026-12-01-1. It never changes.")
    time: ClockTime = Field(description="Local time of the character.")
    content_type: Line = Field(description="One of the persona's content types, or a word of your own.")
    theme: str = Field(default="", description="What happened to the character, in one concrete sentence.")
    story: StoryPart | None = None
    picture: bool = Field(default=True, description="Whether a picture is painted for it.")

    @property
    def day(self) -> date:
        return date.fromisoformat(self.id[:10])

    @property
    def minute(self) -> int:
        """Of the day."""
        return 60 * int(self.time[:2]) + int(self.time[3:])

    def at(self, time_zone: str) -> datetime:
        """The moment of the post, with its offset. A time that a clock change skips moves to after the change."""
        local = datetime.combine(self.day, time.fromisoformat(self.time), ZoneInfo(time_zone))
        return local.astimezone(UTC).astimezone(ZoneInfo(time_zone))


class Day(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    date: date
    holidays: tuple[str, ...] = Field(default=(), description="Public holidays of the day.")
    observances: tuple[str, ...] = Field(default=(), description="What else is kept on it, such as Mother's Day.")
    own_dates: tuple[str, ...] = Field(default=(), description="Its birthday and other days of the character's own.")
    posts: tuple[PlannedPost, ...] = Field(
        default=(), max_length=MOST_A_DAY, description="In order of time. None: a quiet day."
    )

    @model_validator(mode="after")
    def _posts_belong_here(self) -> Self:
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
    time_zone: TimeZone = Field(default="UTC", description="IANA name of the zone that all times are told in.")
    country: str = Field(default="", description="Two letters: whose holidays these are. Empty: nobody's.")
    language: str = Field(default="en", description="The language of themes and names of days.")
    planned_by: Literal["model", "mix", "hand"] = Field(
        default="hand", description="Who chose the themes; a calendar by hand is given none by the model."
    )
    story_lines: tuple[str, ...] = Field(default=(), description="What runs over days: want, setback, outcome.")
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
            if post.story and post.story.line > len(self.story_lines):
                lines = len(self.story_lines)
                raise ValueError(f"post {post.id} is part of story line {post.story.line}, but story_lines has {lines}")
        return self

    def season(self, day: date) -> str:
        """The season of `day` where the character lives, "" where a year has none."""
        return season_of(self.time_zone, day)

    def posts(self) -> Iterator[PlannedPost]:
        """All planned posts in order of time."""
        for day in self.days:
            yield from day.posts
