"""Themes for planned posts, asked from the model in blocks of days, and the calendar file that a persona keeps.

A calendar's dates, times and ids are settled before the model is asked and never change afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from calendars.plan import extend_calendar, first_day, from_day, plan_calendar
from calendars.saved import read_calendar, write_calendar
from calendars.schema import Calendar, Day, PlannedPost, Themes
from errors import BadInput
from files import Folders, compact, slug
from llm.client import LLM, Question
from llm.prompts import read_prompt
from persona.schema import WEEKDAYS, AILabel, Persona

PROMPT = Path(__file__).parent / "prompts" / "plan.md"
BLOCK_DAYS = 15
BLOCK_POSTS = 40  # more themes than this in one answer come back cut off


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
        calendar = extend_calendar(there, persona, posts=posts, days=days, start=start, seed=seed)
        if calendar is not there:
            say(f"{persona.name}: {_number(calendar) - _number(there)} posts were added to {path}.")
    else:
        there = None
        begin = start or first_day(persona, clock)
        calendar = plan_calendar(persona, posts=posts, days=days, start=begin, seed=seed)
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

    Blocks are asked one after the other: each is told the story lines of the block before.
    """
    blocks = _blocks([post for post in calendar.posts() if not post.theme])
    lines = calendar.story_lines
    before = lines[-3:]
    themes: dict[str, str] = {}
    material = planner_material(persona)
    for number, block in enumerate(blocks):
        prompt = read_prompt(PROMPT).fill(
            language=persona.language,
            brief=brief,
            persona=material,
            story_lines=compact(list(before)),
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
            )
        )
        before = answer.story_lines
        lines += before
        themes |= {theme.id: theme.theme for theme in answer.themes}
    return calendar.model_copy(
        update={
            "planned_by": "model",
            "story_lines": tuple(dict.fromkeys(lines)),
            "days": tuple(_with_themes(day, themes) for day in calendar.days),
            "ai": AILabel.by(llm, clock()),
        }
    )


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


def _block_days(calendar: Calendar, block: Sequence[PlannedPost]) -> list[dict[str, object]]:
    """The days from the block's first to its last, quiet ones too, with the posts that a theme is asked for."""
    known = {day.date: day for day in calendar.days}
    listed: list[dict[str, object]] = []
    for number in range((block[-1].day - block[0].day).days + 1):
        day = block[0].day + timedelta(days=number)
        if day in known:
            posts = [
                {"id": post.id, "time": post.time, "content_type": post.content_type}
                for post in block
                if post.day == day
            ]
            listed.append(
                {
                    "date": day.isoformat(),
                    "weekday": WEEKDAYS[day.weekday()],
                    "holidays": known[day].holidays,
                    "posts": posts,
                }
            )
    return listed


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


def _with_themes(day: Day, themes: dict[str, str]) -> Day:
    posts = tuple(
        post.model_copy(update={"theme": themes[post.id]}) if post.id in themes else post for post in day.posts
    )
    return day.model_copy(update={"posts": posts})


def _number(calendar: Calendar) -> int:
    return sum(len(day.posts) for day in calendar.days)
