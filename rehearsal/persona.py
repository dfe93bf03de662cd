"""Rehearsed answers to the later stages of a persona, as plain dicts, from the name and the facts that stage 1 gave.

A stage without a function here is answered from the bank alone: by its table `[stage.NAME]`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rehearsal.bank import Bank, Draw, Filling, Words, capital
from rehearsal.cast import Asked, character, part, with_article
from rehearsal.core import looks_of, month_day
from rehearsal.names import handle, names_for, parts
from rehearsal.portrait import see
from rehearsal.posts import example, opening
from values import WEEKDAYS

EXAMPLE_FORMS = ("one-liner", "story", "question", "list", "complaint", "overheard", "callback", "late thought")


def strategy(asked: Asked) -> dict[str, Any]:
    """Stage 2: six to nine kinds of post, and a week with a quiet day."""
    who = character(asked)
    draw, words = who.draw, who.bank.persona["strategy"]
    shares = draw.one("shares", words["shares"])
    kinds = [
        {
            "name": kind["name"],
            "purpose": kind["purpose"],
            "share": share,
            "form": kind["page"],
            "trigger": who.filling(Draw(f"{who.name} {kind['name']}")).fill(kind["trigger"]),
        }
        for kind, share in zip(draw.mixed("kinds", who.bank.persona["kind"]), shares, strict=False)
    ]
    quiet = draw.some("quiet days", WEEKDAYS, 1 + draw.number("how quiet", 2))
    hours, whys, quiet_whys = (
        words[who.job["clock"]],
        draw.mixed("why", words["why"]),
        draw.mixed("rest", words["quiet"]),
    )
    rhythm = [
        {
            "weekday": day,
            "hours": [] if day in quiet else draw.one(f"hours {day}", hours),
            "why": who.filling(Draw(f"{who.name} {day}")).fill(
                quiet_whys[quiet.index(day)] if day in quiet else whys[number]
            ),
        }
        for number, day in enumerate(WEEKDAYS)
    ]
    return {
        "topics": draw.mixed("topics", who.job["topics"]),
        "tone": who.temper["tone"],
        "content_types": kinds,
        "rhythm": rhythm,
        "picture_share": draw.one("pictures", [1.0, 0.9, 0.8, 0.7]),
        "hashtags": {"most": draw.one("most", [0, 1, 1, 2]), "favourites": draw.mixed("tags", who.job["tags"])},
    }


def examples(asked: Asked) -> dict[str, Any]:
    """Stage 3: eight posts in eight forms, no two of which begin with the same word."""
    who = character(asked)
    given = [kind for kind in asked.block("strategy").get("content_types") or () if isinstance(kind, dict)]
    forms = {kind["name"]: kind["form"] for kind in who.bank.persona["kind"]}
    names = [str(kind.get("name") or "") for kind in given] or list(forms)
    posts: list[dict[str, str]] = []
    begun: set[str] = set()
    for number, form in enumerate(EXAMPLE_FORMS):
        fitting = [name for name in names if forms.get(name) == form]
        texts = (example(who, form, f"example {form} {attempt}") for attempt in range(8))
        text = next((one for one in texts if opening(one) not in begun), "") or example(who, form, "example")
        begun.add(opening(text))
        posts.append(
            {"content_type": (fitting or names)[0 if fitting else number % len(names)], "form": form, "text": text}
        )
    return {"posts": posts}


def network(asked: Asked) -> dict[str, Any]:
    """Stage 4: everybody from the fact sheet, and others up to five to eight."""
    who = character(asked)
    draw, roles = who.draw, who.bank.persona["person"]
    by_relation = {role["relation"]: role for role in roles}
    known = {relation for _, relation in who.people}
    others = [role for role in draw.mixed("roles", roles) if role["relation"] not in known]
    count = max(5, len(who.people) + 1) + draw.number("how many", 3)
    taken = {who.given, *(parts(who.bank, name)[0] for name, _ in who.people)}
    others = others[: min(8, count) - len(who.people)]
    added = names_for(who.bank, who.home, draw, who.name, taken, others)
    rows = [
        (name, by_relation.get(relation) or {**draw.one(name, roles), "relation": relation})
        for name, relation in who.people
    ]
    rows += list(zip(added, others, strict=True))
    wanted = ("relation", "called", "wants", "open_matter", "writes")
    return {
        "people": [
            {
                "name": name,
                "handle": handle(who.bank, name, draw),
                **{field: role[field] or role["called"] for field in wanted},
            }
            for name, role in rows
        ]
    }


def voice(asked: Asked) -> dict[str, Any]:
    """Stage 5: how the voice varies, and its first words."""
    who = character(asked)
    draw, temper, words = who.draw, who.temper, who.bank.persona["voice"]
    filling = who.filling(Draw(f"{who.name} voice"))
    return {
        "moods": [{"name": name, "shows": shows} for name, shows in temper["moods"]],
        "running_jokes": [{"joke": temper["joke"], "worn_out": temper["worn"]}],
        "small_errors": [temper["error"]],
        "silences": [
            {"when": filling.fill(when), "why": filling.fill(why)}
            for when, why in draw.some("silences", words["silence"], 2)
        ],
        "changed_minds": [dict(zip(("at_first", "later", "because"), map(filling.fill, temper["mind"]), strict=True))],
        "greeting": filling.fill(draw.one("greeting", words["greeting"])),
        "exchanges": [
            {"user": filling.fill(asks), "character": filling.fill(says)}
            for asks, says in draw.some("exchanges", words["exchange"], 4)
        ],
    }


def visual(asked: Asked) -> dict[str, Any]:
    """Stage 6: what the portrait fixes, in English. The fact sheet's own words win over what is seen here."""
    who = character(asked)
    bank, draw, seen = who.bank, who.draw, see(asked.picture)
    looks = looks_of(bank, seen, who.job, draw) | {name: str(text) for name, text in part(who.facts, "looks").items()}
    body, scene = bank.looks["body"], bank.looks["scene"]
    medium, signature = draw.one("medium", body["media"]), who.job["signature"]
    spare, feast, home = (
        draw.one(kind, body[kind]).format(colour=draw.one(f"{kind} colour", list(bank.looks["colours"])))
        for kind in ("spare", "feast", "home")
    )
    places = dict(who.job["places"])
    sentence = (
        f"{capital(medium)} of {with_article(looks['build'])} character with {looks['hair']} hair "
        f"and {looks['eyes']} eyes, wearing {with_article(looks['clothing'])}, carrying {signature}"
    )
    if looks["marks"] and len(f"{sentence}, {looks['marks']}".split()) <= 50:
        sentence = sentence.replace(" eyes, wearing", f" eyes, {looks['marks']}, wearing")
    return {
        "medium": medium,
        "invariants": {
            "face": draw.one("face", body["faces"]),
            **{name: looks[name] for name in ("hair", "eyes", "build", "marks")},
            "signature": signature,
        },
        "wardrobe": [
            {"occasion": occasion, "clothes": clothes}
            for occasion, clothes in zip(body["occasions"], (looks["clothing"], spare, feast, home), strict=True)
        ],
        "places": [
            {
                "name": place,
                "looks": f"{with_article(word)}, with {scene['objects'][draw.one(place, who.job['objects'])]}",
            }
            for place, word in places.items()
        ],
        "palette": list(seen.palette),
        "light": draw.one("light", body["light"]),
        "framing": draw.one("framing", body["framing"]),
        "appearance": " ".join(sentence.split()[:49]) + ".",
    }


def knowledge(asked: Asked) -> dict[str, Any]:
    """Stage 7: what one has to know, with the days that return every year."""
    who = character(asked)
    draw = who.draw
    day = month_day(draw, "anniversary")
    birthday = str(who.facts.get("birthday") or month_day(draw, "birthday"))
    filling = who.filling(Draw(f"{who.name} knowledge"), signature_key=who.job["signature"].rpartition(" ")[2])
    entries = who.bank.persona["knowledge"]["entries"]
    return {
        "entries": [
            {
                "name": filling.fill(entry["name"]),
                "keys": [filling.fill(key) for key in entry["keys"]],
                "content": filling.fill(entry["content"]),
                "date": {"anniversary": day, "birthday": birthday}.get(entry["date"]),
            }
            for entry in entries
        ]
    }


ANSWERS: Mapping[str, Callable[[Asked], dict[str, Any]]] = {
    "persona_strategy": strategy,
    "persona_examples": examples,
    "persona_network": network,
    "persona_voice": voice,
    "persona_visual": visual,
    "persona_knowledge": knowledge,
}


def in_bank(bank: Bank) -> dict[str, Callable[[Asked], dict[str, Any]]]:
    """The stages whose answer the bank has as a whole, by purpose. Each string in it is a sentence to be filled."""
    return {f"persona_{name}": partial(_from_bank, name, table) for name, table in part(bank.persona, "stage").items()}


def _from_bank(stage: str, table: Words, asked: Asked) -> dict[str, Any]:
    who = character(asked)
    filling = who.filling(Draw(f"{who.name} {stage}"))
    return {name: _filled(value, filling) for name, value in table.items()}


def _filled(value: Any, filling: Filling) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, filling) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, filling) for one in value]
    return filling.fill(value) if isinstance(value, str) else value


def named_by_fields(asked: Asked) -> str:
    """The purpose of a question that names all fields of a stage in the bank; "" if it names none's."""
    stages = part(asked.bank.persona, "stage").items()
    return next((f"persona_{name}" for name, table in stages if all(field in asked.text for field in table)), "")
