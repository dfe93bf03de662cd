"""Rehearsed themes for a block of days, and the story lines behind them, as a plain dict."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rehearsal.bank import Draw, Filling, Words, capital
from rehearsal.cast import Asked, Character, character, part

_TABLES = {"plan": "seed", "setback": "turn", "outcome": "payoff"}


def themes(asked: Asked) -> dict[str, Any]:
    """What happened, for each planned post in the block, and a sentence for each story line that has none."""
    who = character(asked)
    planned = [
        post
        for day in asked.blocks.get("days") or ()
        if isinstance(day, dict)
        for post in day.get("posts") or ()
        if isinstance(post, dict)
    ]
    happenings = who.draw.mixed("did", who.job["did"])
    first = _ordinal(str(planned[0].get("id"))) if planned else 0
    written = []
    for number, post in enumerate(planned):
        id_, story = str(post.get("id")), part(post, "story")
        draw = Draw(f"{who.name} theme {id_} {asked.again}")
        sentences = _telling(who, story) or [happenings[(first + number) % len(happenings)]]
        written.append({"id": id_, "theme": _filling(who, draw, story).fill(draw.one("sentence", sentences))})
    return {"story_lines": _lines(who, asked), "themes": written}


def _telling(who: Character, story: Words) -> list[str]:
    """Sentences for a part of a story line; none for progress, which is told as any other day.

    The first line alone is about what the character wants.
    """
    bank = who.bank.persona["calendar"]
    table = _TABLES.get(str(story.get("part") or ""), "")
    if story.get("line") == 1 or not table:
        return list(bank.get(table, ()))
    if table == "payoff":
        return list(bank["settled"])
    return [sentence for sentence in bank[table] if "{want}" not in sentence and "{setback}" not in sentence]


def _lines(who: Character, asked: Asked) -> list[str]:
    """The first line of all is what the character wants; the others are drawn, no two alike."""
    bank = who.bank.persona["calendar"]["lines"]
    others = who.draw.mixed("lines", bank[1:])
    lines = [line for line in asked.blocks.get("story_lines") or () if isinstance(line, dict)]
    open_lines = [int(line["line"]) for line in lines if not line.get("about")]
    return [
        capital(
            _filling(who, Draw(f"{who.name} line {number}"), {"line": number}).fill(
                bank[0] if number == 1 else others[(number - 2) % len(others)]
            )
        )
        for number in open_lines
    ]


def _filling(who: Character, draw: Draw, story: Words) -> Filling:
    """All parts of a line are about one thing and one friend."""
    words = who.words(Draw(f"{who.name} line {story['line']}") if story.get("line") else draw)
    return Filling(words, {"folk": draw.mixed("folk", who.job["folk"])})


def _ordinal(id_: str) -> int:
    day = re.match(r"\d{4}-\d{2}-\d{2}", id_)
    return date.fromisoformat(day[0]).toordinal() if day else 0
