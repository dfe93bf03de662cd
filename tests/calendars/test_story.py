"""Story lines: parts laid over days by code, the same whenever it is asked."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from calendars.plan import extend_calendar, plan_calendar
from calendars.schema import Calendar, PlannedPost, StoryPart
from calendars.story import with_story_parts
from tests import answers

PERSONA = answers.persona()


def plan(posts: int, days: int = 31, seed: int = 0) -> Calendar:
    return plan_calendar(PERSONA, posts=posts, days=days, start=date(2026, 12, 1), seed=seed)


def lines_of(calendar: Calendar) -> dict[int, list[tuple[PlannedPost, StoryPart]]]:
    lines: dict[int, list[tuple[PlannedPost, StoryPart]]] = defaultdict(list)
    for post in calendar.posts():
        if post.story:
            lines[post.story.line].append((post, post.story))
    return lines


@pytest.mark.parametrize(("posts", "number"), [(10, 1), (12, 2), (30, 3), (300, 3)])
def test_a_line_goes_from_a_plan_over_one_setback_to_its_outcome_on_different_days(posts: int, number: int) -> None:
    for seed in range(5):
        lines = lines_of(with_story_parts(plan(posts, seed=seed)))
        assert sorted(lines) == list(range(1, number + 1))
        for line in lines.values():
            parts = [story.part for _, story in line]
            assert parts[0] == "plan"
            assert parts[-1] == "outcome"
            assert parts.count("setback") == 1
            assert set(parts[1:-1]) <= {"progress", "setback"}
            assert len({post.day for post, _ in line}) == len(line)


@pytest.mark.parametrize("posts", [10, 20, 30])
def test_about_half_of_the_posts_are_left_for_ordinary_days(posts: int) -> None:
    told = sum(len(line) for line in lines_of(with_story_parts(plan(posts))).values())
    assert 0.4 * posts <= told <= 0.5 * posts


@pytest.mark.parametrize(("posts", "days"), [(1, 15), (4, 15), (50, 1), (50, 2)])
def test_too_few_posts_or_days_have_no_line(posts: int, days: int) -> None:
    assert with_story_parts(plan(posts, days)) == plan(posts, days)


def test_a_quarter_of_a_year_has_lines_in_each_month() -> None:
    lines = lines_of(with_story_parts(plan(90, 92)))
    assert len(lines) >= 7
    for line in lines.values():
        assert (line[-1][0].day - line[0][0].day).days < 31


def test_nothing_but_parts_is_added_and_the_same_calendar_has_the_same_lines() -> None:
    calendar = plan(30)
    told = with_story_parts(calendar)
    assert with_story_parts(calendar) == told
    assert [post.model_copy(update={"story": None}) for post in told.posts()] == list(calendar.posts())


def test_days_added_later_get_lines_of_their_own() -> None:
    told = with_story_parts(plan(10, 15))
    themed = told.model_copy(
        update={
            "story_lines": ("The bell is cast.",),
            "days": tuple(
                day.model_copy(update={"posts": tuple(post.model_copy(update={"theme": "x"}) for post in day.posts)})
                for day in told.days
            ),
        }
    )
    longer = with_story_parts(extend_calendar(themed, PERSONA, posts=20, days=15, start=None, seed=0))
    assert longer.days[:15] == themed.days
    assert set(lines_of(longer)) == {1, 2}
    assert min(post.day for post, _ in lines_of(longer)[2]) > themed.days[-1].date
