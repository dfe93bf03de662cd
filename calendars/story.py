"""Story lines over days: which planned posts tell of one matter, from a plan over a setback to its outcome.

Lays the parts out over the days; what a line is about comes from the model. Knows no model and no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from typing import Literal

from calendars.schema import Calendar, Day, PlannedPost, StoryPart
from calendars.times import one_in_each_part
from files import digest

MONTH = 31  # days that a line runs over at most
MOST_LINES = 3  # in a month
FEWEST_PARTS, MOST_PARTS = 3, 7  # of a line
FEWEST_POSTS = 5  # of a month with a line: some must be left for ordinary days


def with_story_parts(calendar: Calendar) -> Calendar:
    """`calendar` with new story lines laid over its posts that have neither a theme nor a part.

    About half of the posts get a part, the parts of one line on different days. The same calendar is given the
    same lines, whenever it is asked. New lines are counted from the last of `story_lines` on.
    """
    open_posts = [post for post in calendar.posts() if not post.theme and post.story is None]
    lines = len(calendar.story_lines)
    parts: dict[str, StoryPart] = {}
    for month in _months(open_posts):
        for line in _lines(month, Random(int(digest("story", calendar.persona, month[0].id, length=16), 16))):
            lines += 1
            names = _part_names(len(line))
            parts |= {post.id: StoryPart(line=lines, part=part) for post, part in zip(line, names, strict=True)}
    days = tuple(_with_parts(day, parts) for day in calendar.days)
    return calendar.model_copy(update={"days": days}) if parts else calendar


def _months(posts: Sequence[PlannedPost]) -> Iterator[list[PlannedPost]]:
    """`posts` in stretches of at most a month."""
    month: list[PlannedPost] = []
    for post in posts:
        if month and (post.day - month[0].day).days >= MONTH:
            yield month
            month = []
        month.append(post)
    if month:
        yield month


def _lines(month: Sequence[PlannedPost], random: Random) -> list[list[PlannedPost]]:
    """The posts of each line, in order of time. The lines run beside each other from the first days to the last."""
    days = [random.choice(list(posts)) for _, posts in groupby(month, key=lambda post: post.day)]
    told = min(max(FEWEST_PARTS, len(month) // 2), len(days), MOST_LINES * MOST_PARTS)
    if len(month) < FEWEST_POSTS or told < FEWEST_PARTS:
        return []
    lines: list[list[PlannedPost]] = [[] for _ in range(min(MOST_LINES, told // FEWEST_PARTS))]
    turn: list[int] = []
    for index in one_in_each_part(len(days), told, random):
        turn = turn or random.sample(range(len(lines)), len(lines))
        lines[turn.pop()].append(days[index])
    return lines


def _part_names(number: int) -> list[Literal["plan", "progress", "setback", "outcome"]]:
    """The parts of a line that `number` posts tell, in order."""
    names: list[Literal["plan", "progress", "setback", "outcome"]] = ["progress"] * number
    names[0], names[number // 2], names[-1] = "plan", "setback", "outcome"
    return names


def _with_parts(day: Day, parts: dict[str, StoryPart]) -> Day:
    if not any(post.id in parts for post in day.posts):
        return day
    posts = tuple(post.model_copy(update={"story": parts.get(post.id, post.story)}) for post in day.posts)
    return day.model_copy(update={"posts": posts})
