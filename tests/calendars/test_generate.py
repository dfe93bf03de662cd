"""Themes from the model, and the calendar file that a persona keeps."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from calendars.calendar_file import read_calendar, write_calendar
from calendars.generate import BLOCK_DAYS, BLOCK_POSTS, add_themes, calendar_for, planner_material
from calendars.plan import plan_calendar
from calendars.schema import Calendar, Theme, Themes
from errors import BadAnswer, BadInput
from files import Folders
from llm.client import LLM, Question
from persona.schema.persona import Given, Persona
from tests import answers

PERSONA = answers.persona()
TUESDAY = date(2026, 12, 1)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def part(prompt: str, name: str) -> Any:
    match = re.search(rf"<{name}>(.*?)</{name}>", prompt, re.DOTALL)
    assert match
    return json.loads(match[1])


Days = list[dict[str, Any]]
Lines = list[dict[str, Any]]


def good(days: Days, lines: Lines) -> Themes:
    ids = [post["id"] for day in days for post in day["posts"]]
    themes = tuple(Theme(id=id_, theme=f"What happened at {id_}.") for id_ in ids)
    opened = tuple(f"Story line {line['line']}." for line in lines if not line["about"])
    return Themes(story_lines=opened, themes=themes)


@dataclass
class Planner:
    """Stands in for the model: answers with `reply`, checks it as the client would."""

    reply: Callable[[Days, Lines], Themes] = good
    asked: list[Question[Themes]] = field(default_factory=list)
    text_model: str = "planner-1"
    vision_model: str = "planner-1"
    provider: str = "loopback"

    async def ask(self, question: Question[Themes]) -> Themes:
        self.asked.append(question)
        answer = self.reply(part(question.prompt.user, "days"), part(question.prompt.user, "story_lines"))
        await asyncio.sleep(0)
        objections = question.check(answer)
        if objections:
            raise BadAnswer("; ".join(objections))
        return answer

    def as_llm(self) -> LLM:
        return cast(LLM, self)


def clock() -> datetime:
    return NOW


def a_plan(posts: int = 10, days: int = 15) -> Calendar:
    return plan_calendar(PERSONA, posts=posts, days=days, start=TUESDAY, seed=0)


def keep(folder: Path, planner: Planner, said: list[str] | None = None, **changes: Any) -> Calendar:
    """Ask for the calendar of PERSONA with the usual flags, and `changes`; `said` gets the lines for people."""
    said = [] if said is None else said
    flags: dict[str, Any] = {"generate": True, "posts": 10, "days": 15, "start": None, "seed": 0, "index": 0}
    flags |= changes
    return asyncio.run(calendar_for(PERSONA, planner.as_llm(), Folders(folder), clock=clock, say=said.append, **flags))


def bones(calendar: Calendar) -> list[tuple[str, str, str]]:
    return [(post.id, post.time, post.content_type) for post in calendar.posts()]


async def test_every_post_gets_its_theme_and_nothing_else_changes() -> None:
    planner = Planner()
    themed = await add_themes(a_plan(), PERSONA, planner.as_llm(), index=3, clock=clock)
    assert bones(themed) == bones(a_plan())
    assert all(post.theme == f"What happened at {post.id}." for post in themed.posts())
    assert themed.planned_by == "model"
    assert themed.ai is not None
    assert (themed.ai.model, themed.ai.provider, themed.ai.fiction) == ("planner-1", "loopback", True)
    assert [question.purpose for question in planner.asked] == ["calendar_plan"]


async def test_blocks_are_bounded_and_come_in_order() -> None:
    planner = Planner()
    themed = await add_themes(a_plan(150, 31), PERSONA, planner.as_llm(), index=0, clock=clock)
    blocks = [part(question.prompt.user, "days") for question in planner.asked]
    ids = [post["id"] for block in blocks for day in block for post in day["posts"]]
    assert ids == [post.id for post in themed.posts()]
    assert len(blocks) >= 4
    for block in blocks:
        assert sum(len(day["posts"]) for day in block) <= BLOCK_POSTS
        assert date.fromisoformat(block[-1]["date"]) - date.fromisoformat(block[0]["date"]) < timedelta(BLOCK_DAYS)
    assert [question.rank[0] for question in planner.asked] == list(range(-len(blocks), 0))


async def test_each_block_hears_of_the_story_lines_that_run_on_and_what_was_told_of_them() -> None:
    planner = Planner()
    themed = await add_themes(a_plan(150, 31), PERSONA, planner.as_llm(), index=0, clock=clock)
    assert themed.story_lines == ("Story line 1.", "Story line 2.", "Story line 3.")
    told: dict[int, list[str]] = {}
    for question in planner.asked:
        lines = {line["line"]: line for line in part(question.prompt.user, "story_lines")}
        posts = [post for day in part(question.prompt.user, "days") for post in day["posts"]]
        assert {post["story"]["line"] for post in posts if "story" in post} <= lines.keys()
        for number, line in lines.items():
            assert line["so_far"] == told.get(number, [])
            assert line["about"] == ("" if question is planner.asked[0] else f"Story line {number}.")
        for post in posts:
            if "story" in post:
                told.setdefault(post["story"]["line"], []).append(f"What happened at {post['id']}.")
    parts = [post.story.part for post in themed.posts() if post.story and post.story.line == 2]
    assert (parts[0], parts[-1], parts.count("setback")) == ("plan", "outcome", 1)


async def test_a_story_line_without_a_sentence_is_doubted_and_asked_for_with_its_next_part() -> None:
    def fewer(days: Days, lines: Lines) -> Themes:
        answer = good(days, lines)
        return answer.model_copy(update={"story_lines": answer.story_lines[: 3 - len(planner.asked)]})

    planner = Planner(fewer)
    themed = await add_themes(a_plan(150, 31), PERSONA, planner.as_llm(), index=0, clock=clock)
    doubts = [question.doubt(good([], [])) for question in planner.asked]
    assert ["in order: 1, 2, 3" in doubts[0][0], "in order: 3" in doubts[1][0]] == [True, True]
    assert doubts[2:] == [[]] * (len(doubts) - 2)
    assert themed.story_lines == ("Story line 1.", "Story line 2.", "Story line 3.")
    assert Calendar.model_validate_json(themed.model_dump_json()) == themed


async def test_a_story_line_that_never_gets_a_sentence_costs_no_post_and_surplus_ones_are_dropped() -> None:
    def none(days: Days, lines: Lines) -> Themes:
        return good(days, lines).model_copy(update={"story_lines": ()})

    def more(days: Days, lines: Lines) -> Themes:
        return good(days, lines).model_copy(update={"story_lines": ("One.", "Two.", "Three.")})

    untold = await add_themes(a_plan(), PERSONA, Planner(none).as_llm(), index=0, clock=clock)
    assert untold.story_lines == ("",)
    assert Calendar.model_validate_json(untold.model_dump_json()) == untold
    assert all(post.theme for post in untold.posts())
    themed = await add_themes(a_plan(), PERSONA, Planner(more).as_llm(), index=0, clock=clock)
    assert themed.story_lines == ("One.",)


async def test_a_day_is_shown_with_its_season_and_what_it_is_to_the_character() -> None:
    planner = Planner()
    plan = plan_calendar(PERSONA, posts=60, days=31, start=date(2026, 8, 1), seed=0)
    await add_themes(plan, PERSONA, planner.as_llm(), index=0, clock=clock)
    days = {day["date"]: day for question in planner.asked for day in part(question.prompt.user, "days")}
    assert days["2026-08-09"]["own_dates"] == ["harbour feast"]
    assert "own_dates" not in days["2026-08-10"]
    assert {day["season"] for day in days.values()} == {"summer"}


async def test_quiet_days_and_holidays_are_shown_to_the_planner() -> None:
    planner = Planner()
    await add_themes(a_plan(100, 31), PERSONA, planner.as_llm(), index=0, clock=clock)
    days = [day for question in planner.asked for day in part(question.prompt.user, "days")]
    assert {day["weekday"] for day in days if not day["posts"]} >= {"sunday"}
    assert any(day["date"] == "2026-12-25" and day["holidays"] for day in days)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda themes: themes[1:], "themes are missing for: 2026-12-0"),
        (lambda themes: (*themes, Theme(id="2031-01-01-1", theme="x")), "not in <days>: 2031-01-01-1"),
        (lambda themes: (*themes, themes[0]), "more than one theme is given for: 2026-12-0"),
    ],
)
async def test_ids_that_do_not_fit_are_objected_to(spoil: Callable[[Any], Any], sentence: str) -> None:
    def reply(days: Days, lines: Lines) -> Themes:
        answer = good(days, lines)
        return answer.model_copy(update={"themes": spoil(answer.themes)})

    with pytest.raises(BadAnswer, match=sentence):
        await add_themes(a_plan(), PERSONA, Planner(reply).as_llm(), index=0, clock=clock)


def test_the_planner_is_told_of_wants_and_open_matters_and_nothing_of_looks() -> None:
    told = planner_material(PERSONA)
    for word in (answers.CORE.wants, "two unpaid bells", "Every ninth of August", "night hum"):
        assert word in told
    assert "copper hair" not in told
    assert told == planner_material(answers.persona())
    card = Persona(name="guest", given=Given(name="Guest", description="a stranger", scenario="a station"))
    assert {"Guest", "a stranger", "a station"} <= set(re.findall(r'"([^"]*)"', planner_material(card)))


def test_a_calendar_is_planned_once_and_keeps_its_dates(tmp_path: Path) -> None:
    planner = Planner()
    first = keep(tmp_path, planner)
    assert first.days[0].date == TUESDAY
    assert read_calendar(tmp_path / "calendars" / "marra.json") == first
    again = asyncio.run(
        calendar_for(
            PERSONA,
            planner.as_llm(),
            Folders(tmp_path),
            generate=True,
            posts=10,
            days=15,
            start=None,
            seed=0,
            index=0,
            clock=lambda: NOW + timedelta(days=40),
            say=print,
        )
    )
    assert again == first
    assert len(planner.asked) == 1


def test_without_generate_nothing_is_asked_and_themes_come_later(tmp_path: Path) -> None:
    planner = Planner()
    plain = keep(tmp_path, planner, generate=False)
    assert plain.planned_by == "mix"
    assert not planner.asked
    themed = keep(tmp_path, planner)
    assert bones(themed) == bones(plain)
    assert themed.planned_by == "model"
    assert all(post.theme for post in themed.posts())


def test_more_posts_are_added_and_only_they_get_themes(tmp_path: Path) -> None:
    planner = Planner()
    first = keep(tmp_path, planner)
    longer = keep(tmp_path, planner, posts=20)
    assert longer.days[:15] == first.days
    asked = [post["id"] for day in part(planner.asked[1].prompt.user, "days") for post in day["posts"]]
    assert asked == [post.id for post in longer.posts()][10:]
    before, opened = part(planner.asked[1].prompt.user, "story_lines")
    assert before["about"] == first.story_lines[0]
    assert before["so_far"] == [post.theme for post in first.posts() if post.story]
    assert (opened["line"], opened["about"]) == (2, "")


def test_a_later_start_returns_the_posts_from_there_on(tmp_path: Path) -> None:
    planner = Planner()
    first = keep(tmp_path, planner)
    later = keep(tmp_path, planner, start=date(2027, 3, 1))
    assert {post.day.month for post in later.posts()} == {3}
    assert len(bones(later)) == 10
    assert read_calendar(tmp_path / "calendars" / "marra.json").days[:15] == first.days


def test_quiet_hours_leave_a_calendar_that_exists_as_it_is_and_say_so(tmp_path: Path) -> None:
    said: list[str] = []
    first = keep(tmp_path, Planner(), generate=False, said=said, quiet=(0, 20 * 60))
    assert not said
    assert keep(tmp_path, Planner(), generate=False, said=said, quiet=(20 * 60, 24 * 60)) == first
    assert said == [
        f"{tmp_path}/calendars/marra.json keeps its times: those within the quiet hours are 10. "
        "Move it away to plan anew."
    ]


def test_a_failed_plan_keeps_its_dates_for_the_next_run(tmp_path: Path) -> None:
    def nothing(days: Days, lines: Lines) -> Themes:
        return good(days, lines).model_copy(update={"themes": ()})

    with pytest.raises(BadAnswer):
        keep(tmp_path, Planner(nothing))
    kept = read_calendar(tmp_path / "calendars" / "marra.json")
    assert kept.planned_by == "mix"
    assert bones(keep(tmp_path, Planner())) == bones(kept)


def test_a_calendar_made_by_hand_gets_no_themes_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calendars" / "marra.json"
    post = {"id": "2026-12-01-1", "time": "09:30", "content_type": "shanty", "note": "mine"}
    path.parent.mkdir()
    path.write_text(json.dumps({"days": [{"date": "2026-12-01", "posts": [post]}]}), encoding="utf-8")
    planner = Planner()
    calendar = keep(tmp_path, planner, posts=3)
    assert not planner.asked
    assert len(bones(calendar)) == 3
    assert json.loads(path.read_text(encoding="utf-8"))["days"][0]["posts"][0]["note"] == "mine"


def test_the_calendar_of_somebody_else_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "calendars" / "marra.json"
    write_calendar(path, a_plan(3).model_copy(update={"persona": "somebody-else"}))
    before = path.read_bytes()
    with pytest.raises(BadInput, match="is the calendar of somebody-else, not of marra"):
        keep(tmp_path, Planner())
    assert path.read_bytes() == before
