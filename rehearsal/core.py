"""The rehearsed answer to stage 1: a character for a portrait, as a plain dict. It hangs on the picture's bytes alone:
they draw the name, the home, the job and the temper, and their colours are the looks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from rehearsal.bank import Bank, Draw, Filling, Words
from rehearsal.cast import Asked, Character, with_article
from rehearsal.names import full_name, names_for, parts, spoken
from rehearsal.portrait import SeenPortrait, see


def core(asked: Asked) -> dict[str, Any]:
    """Stage 1: a character for this portrait."""
    bank, seen = asked.bank, see(asked.picture)
    draw = Draw(hashlib.sha256(asked.picture or asked.text.encode()).hexdigest())
    home = draw.one("home", bank.names["home"])
    job = _job(bank, asked, draw)
    temper = draw.one("temper", bank.persona["temper"])
    name, pronouns = full_name(bank, home, draw)
    looks = looks_of(bank, seen, job, draw)
    facts = _facts(bank, home, job, temper, draw, name) | {"pronouns": pronouns, "looks": looks}
    somebody = Character(bank, name, {"facts": facts}, job, temper, home, tuple(_named(facts)))
    filling = somebody.filling(
        draw,
        hair=looks["hair"],
        background=seen.ground,
        a_clothing=with_article(looks["clothing"]),
        a_background=with_article(seen.ground),
    )
    sentences = bank.persona["core"]
    return {
        "reading": {
            "proves": filling.fill(sentences["blank" if seen.blank else "proves"]),
            "suggests": filling.fill(sentences["suggests"]),
            "kind": "unclear" if seen.blank else "drawing",
        },
        "facts": facts,
        "wants": job["want"],
        "obstacle": job["setback"],
        "contradictions": draw.some("contradictions", temper["contradictions"], 2),
        "competence": filling.fill(sentences["competence"]),
        "sore_point": job["sore"],
        "notices_first": job["notice"],
        "speech": _speech(temper, filling),
        "description": filling.fill(sentences["description"]),
    }


def _job(bank: Bank, asked: Asked, draw: Draw) -> Words:
    """By the first sound of the name that the lot gives: a small cast shares none, so it shares no job either."""
    sound = str(asked.block("draw").get("name_begins_with") or "")
    if not sound:
        return draw.one("job", bank.jobs)
    return bank.jobs[sum(map(ord, sound.upper())) % len(bank.jobs)]


def looks_of(bank: Bank, seen: SeenPortrait, job: Words, draw: Draw) -> dict[str, str]:
    """The character feature by feature, from what is seen; a build and marks are drawn."""
    body = bank.looks["body"]
    return {
        "hair": f"{draw.one('hair', body['hair'])} {seen.hair}",
        "eyes": seen.eyes or draw.one("eyes", body["eyes"]),
        "skin": seen.skin,
        "build": draw.one("build", body["builds"]),
        "marks": draw.one("marks", body["marks"]),
        "clothing": f"{seen.clothing} {job['outfit']}",
    }


def month_day(draw: Draw, what: str) -> str:
    return (date(2001, 1, 1) + timedelta(days=draw.number(what, 365))).strftime("%m-%d")


def _facts(bank: Bank, home: Words, job: Words, temper: Words, draw: Draw, name: str) -> dict[str, Any]:
    roles = draw.some("people", bank.persona["person"], 2 + draw.number("how many people", 3))
    names = names_for(bank, home, draw, name, {*name.split(), parts(bank, name)[0]}, roles)
    people = [{"name": one, "relation": role["relation"]} for one, role in zip(names, roles, strict=True)]
    words = bank.persona["core"]
    filling = Filling(
        {"thing": draw.one("thing", job["things"]), "place": draw.one("place", job["places"])[0]},
        {"folk": draw.mixed("folk", job["folk"])},
    )
    return {
        "name": name,
        "name_spoken": spoken(bank, home, name),
        "age": 21 + draw.number("age", 58),
        "birthday": month_day(draw, "birthday"),
        "home": {key: home[key] for key in ("place", "country_code", "time_zone")},
        "languages": [*home["languages"], *bank.names.get("also", [])],
        "work": job["work"],
        "people": people,
        "likes": [*draw.some("likes", temper["likes"], 2), filling.fill(draw.one("like", words["likes"]))],
        "dislikes": [
            *draw.some("dislikes", temper["dislikes"], 2),
            filling.fill(draw.one("dislike", words["dislikes"])),
        ],
        "limits": [filling.fill(limit) for limit in draw.some("limits", words["limits"], 2)],
        "never_says": list(temper["never"]),
    }


def _speech(temper: Words, filling: Filling) -> dict[str, Any]:
    return {
        "sentences": temper["sentences"],
        "constructions": [filling.fill(turn) for turn in temper["constructions"]],
        "fillers": list(temper["fillers"]),
        "swears_by": temper["swears_by"],
        "punctuation": temper["punctuation"],
        "emoji": temper["emoji"],
        "when_tired": temper["tired"],
        "when_proud": temper["proud"],
        "when_afraid": temper["afraid"],
    }


def _named(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in facts["people"]:
        yield one["name"], one["relation"]
