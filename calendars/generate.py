"""Themes for planned posts, asked from the model in blocks of days, and the calendar file that a persona keeps.

A calendar's dates, times and ids are settled before the model is asked and never change afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from calendars.calendar_file import read_calendar, write_calendar
from calendars.plan import extend_calendar, first_day, from_day, plan_calendar
from calendars.schema import Calendar, Day, PlannedPost, Themes
from calendars.story import with_story_parts
from calendars.times import QuietHours, is_quiet
from errors import BadInput
from files import Folders, compact, slug
from labels.ai_label import AILabel
from llm.client import LLM, Question
from llm.prompts import read_prompt
from persona.schema.persona import Persona
from values import WEEKDAYS

PROMPT = Path(__file__).parent / "prompts" / "plan.md"
BLOCK_DAYS = 15
BLOCK_POSTS = 40  # more themes than this in one answer come back cut off
LINES_BEFORE = 3  # story lines of earlier days that a block is told of


async def calendar_for(
    persona: Persona,
    llm: LLM,
    folders: Folders,
    *,
    generate: bool,
    brief: str = "",
    posts: int,
    days: int,
    start: date | None,
    quiet: QuietHours | None = None,
    seed: int,
    index: int,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
) -> Calendar:
    """The persona's calendar from `start` on, with at least `posts` posts; saved in the calendars folder.

    A calendar that is there keeps its dates; days are added when it holds too few posts. `generate`: posts
    that have no theme get one from the model. `index` is the character's place in the run.
    """
    path = folders.calendars / f"{persona.name}.json"
    if path.exists():
        there = read_calendar(path)
        if there.persona and slug(there.persona) not in {persona.name, slug(persona.character)}:
            raise BadInput(
                f"{path} is the calendar of {there.persona}, not of {persona.name}.",
                "Move it away, or rename it, and run the same command again.",
            )
        calendar = extend_calendar(there, persona, posts=posts, days=days, start=start, seed=seed, quiet=quiet)
        if calendar is not there:
            say(f"{persona.name}: {_number(calendar) - _number(there)} posts were added to {path}.")
        if quiet and (early := sum(is_quiet(post.minute, quiet) for post in there.posts())):
            say(f"{path} keeps its times: those within the quiet hours are {early}. Move it away to plan anew.")
    else:
        there = None
        begin = start or first_day(persona, clock)
        calendar = plan_calendar(persona, posts=posts, days=days, start=begin, seed=seed, quiet=quiet)
    if calendar is not there:
        write_calendar(path, calendar)
    if generate and calendar.planned_by != "hand" and any(not post.theme for post in calendar.posts()):
        calendar = await add_themes(calendar, persona, llm, brief=brief, index=index, clock=clock)
        write_calendar(path, calendar)
    return from_day(calendar, start)


async def add_themes(
    calendar: Calendar, persona: Persona, llm: LLM, *, brief: str = "", index: int, clock: Callable[[], datetime]
) -> Calendar:
    """The calendar with a theme for every post that has none, and the story lines that hold them together.

    Blocks are asked one after the other: each is told the story lines that run on, with what was told of them.
    """
    calendar = with_story_parts(calendar)
    blocks = _blocks([post for post in calendar.posts() if not post.theme])
    material = planner_material(persona)
    for number, block in enumerate(blocks):
        lines = _lines_of(calendar, block)
        opened = [line["line"] for line in lines if not line["about"]]
        prompt = read_prompt(PROMPT).fill(
            language=persona.language,
            brief=brief,
            persona=material,
            story_lines=compact(lines),
            days=compact(_block_days(calendar, block)),
        )
        answer = await llm.ask(
            Question(
                purpose="calendar_plan",
                item=f"{persona.name}: calendar, {block[0].day} to {block[-1].day}",
                prompt=prompt,
                answer=Themes,
                rank=(number - len(blocks), index),
                check=partial(_theme_objections, ids=[post.id for post in block]),
                doubt=partial(_line_doubts, opened=opened),
            )
        )
        themes = {theme.id: theme.theme for theme in answer.themes}
        calendar = calendar.model_copy(
            update={
                "story_lines": _told_lines(calendar.story_lines, opened, answer.story_lines),
                "days": tuple(_with_themes(day, themes) for day in calendar.days),
            }
        )
    return calendar.model_copy(update={"planned_by": "model", "ai": AILabel.by(llm, clock())})


def planner_material(persona: Persona) -> str:
    """What a planner needs to know about the character, as compact JSON. The same for all of its questions."""
    material: dict[str, object] = {"name": persona.character, "description": persona.description}
    if persona.given is not None:
        material |= {"personality": persona.given.personality, "scenario": persona.given.scenario}
    if persona.core is not None:
        core = persona.core
        material |= {
            "facts": core.facts.model_dump(mode="json", exclude={"looks", "never_says", "name_spoken"}),
            "wants": core.wants,
            "obstacle": core.obstacle,
            "contradictions": core.contradictions,
            "sore_point": core.sore_point,
        }
    strategy = persona.mix
    material["topics"] = strategy.topics
    material["content_types"] = [
        {"name": kind.name, "purpose": kind.purpose, "trigger": kind.trigger} for kind in strategy.content_types
    ]
    material["rhythm"] = {day.weekday: day.why for day in strategy.rhythm}
    if persona.network is not None:
        material["network"] = [
            {"name": one.name, "relation": one.relation, "wants": one.wants, "open_matter": one.open_matter}
            for one in persona.network.people
        ]
    if persona.voice is not None:
        material["running_jokes"] = [joke.joke for joke in persona.voice.running_jokes]
        material["silences"] = [silence.model_dump() for silence in persona.voice.silences]
        material["changed_minds"] = [change.model_dump() for change in persona.voice.changed_minds]
    if persona.lore:
        material["knowledge"] = [
            {"name": lore.name, "content": lore.content, "date": lore.date} for lore in persona.lore
        ]
    return compact({name: value for name, value in material.items() if value})


def _blocks(posts: Sequence[PlannedPost]) -> list[list[PlannedPost]]:
    """`posts` in stretches of at most BLOCK_DAYS days and BLOCK_POSTS posts."""
    blocks: list[list[PlannedPost]] = []
    for post in posts:
        if not blocks or len(blocks[-1]) == BLOCK_POSTS or (post.day - blocks[-1][0].day).days >= BLOCK_DAYS:
            blocks.append([])
        blocks[-1].append(post)
    return blocks


def _lines_of(calendar: Calendar, block: Sequence[PlannedPost]) -> list[dict[str, Any]]:
    """The story lines that the block tells of, and the last ones before it, each with what was told of it so far."""
    known = len(calendar.story_lines)
    here = {post.story.line for post in block if post.story}
    opened = set(range(known + 1, max(here, default=0) + 1))  # in order, whichever of them comes first
    before = set(range(max(1, known - LINES_BEFORE + 1), known + 1))
    told: dict[int, list[str]] = {}
    for post in calendar.posts():
        if post.story and post.theme:
            told.setdefault(post.story.line, []).append(post.theme)
    return [
        {"line": line, "about": "" if line > known else calendar.story_lines[line - 1], "so_far": told.get(line, [])}
        for line in sorted(here | opened | before)
    ]


def _block_days(calendar: Calendar, block: Sequence[PlannedPost]) -> list[dict[str, object]]:
    """The days from the block's first to its last, quiet ones too, with the posts that a theme is asked for."""
    asked = {post.id for post in block}
    listed: list[dict[str, object]] = []
    for day in calendar.days:
        if block[0].day <= day.date <= block[-1].day:
            named = {"observances": day.observances, "own_dates": day.own_dates}
            listed.append(
                {
                    "date": day.date.isoformat(),
                    "weekday": WEEKDAYS[day.date.weekday()],
                    "season": calendar.season(day.date),
                    "holidays": day.holidays,
                    **{name: names for name, names in named.items() if names},
                    "posts": [_planned(post) for post in day.posts if post.id in asked],
                }
            )
    return listed


def _planned(post: PlannedPost) -> dict[str, object]:
    planned: dict[str, object] = {"id": post.id, "time": post.time, "content_type": post.content_type}
    return planned | ({"story": {"line": post.story.line, "part": post.story.part}} if post.story else {})


def _theme_objections(answer: Themes, ids: Sequence[str]) -> list[str]:
    """What is wrong with the themes for the planned posts `ids`."""
    given = [theme.id for theme in answer.themes]
    wrong = {
        "themes are missing for": [id_ for id_ in ids if id_ not in given],
        "these ids are not in <days>": [id_ for id_ in given if id_ not in ids],
        "more than one theme is given for": sorted({id_ for id_ in given if given.count(id_) > 1}),
    }
    return [
        f"{what}: {', '.join(found[:10])}{f' and {len(found) - 10} more' if len(found) > 10 else ''}; "
        "write every id of <days> exactly once"
        for what, found in wrong.items()
        if found
    ]


def _line_doubts(answer: Themes, opened: Sequence[int]) -> list[str]:
    """Story lines that were left without a sentence: worth one more question, but not a month of posts."""
    if len(answer.story_lines) >= len(opened):
        return []
    return [
        f"story_lines has {len(answer.story_lines)} of {len(opened)} sentences; write one for each line "
        f'of <story_lines> whose "about" is empty, in order: {", ".join(map(str, opened))}'
    ]


def _told_lines(known: Sequence[str], opened: Sequence[int], sentences: Sequence[str]) -> tuple[str, ...]:
    """`known` with the sentences of the lines `opened`; "" for one that got none: a later block asks for it."""
    lines = [*known, *([""] * (max(opened, default=0) - len(known)))]
    for line, sentence in zip(opened, sentences, strict=False):
        lines[line - 1] = sentence
    return tuple(lines)


def _with_themes(day: Day, themes: dict[str, str]) -> Day:
    posts = tuple(
        post.model_copy(update={"theme": themes[post.id]}) if post.id in themes else post for post in day.posts
    )
    return day.model_copy(update={"posts": posts})


def _number(calendar: Calendar) -> int:
    return sum(len(day.posts) for day in calendar.days)
