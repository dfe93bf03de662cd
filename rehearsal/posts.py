"""Rehearsed posts, as plain dicts: sentences of the character's job and temper, put together anew for
each planned post. Scene and alt text show the place that the post is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rehearsal.bank import Draw, Filling, Words, capital, lowered
from rehearsal.cast import Asked, Character, character, part
from rehearsal.scenes import daytime_of, scene_of

LONGEST = 280
DRAFTS = 32  # tries at a text before the nearest one is taken
SHORT = (1, 60)
MEDIUM = (60, 180)
LONG = (180, 260)
_FORM_TABLES = {"late thought": "thought", "one-liner": "short"}
_SIGNS = (  # what a form is called on cards that were not made here
    ("question", "question"),
    ("list", "list"),
    ("complain", "complaint"),
    ("overheard", "overheard"),
    ("quot", "overheard"),
    ("earlier", "callback"),
    ("thought", "late thought"),
)


@dataclass(frozen=True, slots=True)
class RehearsedSlot:
    """One planned post, as far as a text depends on it."""

    id: str
    form: str
    length: tuple[int, int]
    day: date | None = None
    hour: int = 12
    minute: int = 0
    holiday: str = ""
    theme: str = ""
    parts: int = 1
    turn: int = 0  # which text for this slot: a later part of a thread, or one more draft

    @property
    def step(self) -> int:
        """Where the post stands in its character's days: neighbours take different pieces."""
        return self._date + 5 * self._nth + 3 * self.turn

    @property
    def rank(self) -> int:
        """Another number for each post of many days, up to three a day: leads go round by it."""
        return 3 * self._date + self._nth + 17 * self.turn

    @property
    def _date(self) -> int:
        return self.day.toordinal() if self.day else 0

    @property
    def _nth(self) -> int:
        number = re.search(r"-(\d+)$", self.id)
        return int(number[1]) - 1 if number else 0


def post(asked: Asked) -> dict[str, Any]:
    """One post or thread, its hashtags, what its picture shows, and the alt text. A draft gets another answer."""
    who = character(asked)
    slot = _slot(asked, who)
    before = str(asked.block("draft").get("draft") or "")
    draw = Draw(f"{who.name} {slot.id} {asked.again}{before}")
    if before:
        slot = replace(slot, turn=1 + draw.number("turn", 4))
    words = who.words(draw)
    parts = [_text(who, slot, draw, dict(words))]
    for number in range(1, slot.parts):
        later = replace(slot, theme="", holiday="", form="story", length=MEDIUM, turn=slot.turn + number)
        parts.append(_text(who, later, Draw(f"{draw.key} part {number}"), dict(words)))
    policy = part(asked.block("persona"), "hashtags")
    tags = [str(tag) for tag in policy.get("favourites") or who.job["tags"]]
    most = policy.get("most", 1)
    tagged = tags and isinstance(most, int) and most > 0 and draw.chance("tagged", 30)
    chosen = [draw.one("tag", tags)] if tagged else []
    if weighted(" #".join([parts[0], *chosen])) > LONGEST:
        chosen = []
    scene, alt_text = scene_of(who, slot.day, slot.hour, draw, words["place"])
    said: dict[str, Any] = {"parts": parts} if slot.parts > 1 else {"text": parts[0]}
    return said | {"hashtags": chosen, "scene": scene, "alt_text": alt_text}


def example(who: Character, form: str, id_: str) -> str:
    """A post without a plan, to show the voice."""
    lengths = {"one-liner": SHORT, "story": LONG}
    draw = Draw(f"{who.name} {id_}")
    day = date(2001, 1, 1 + draw.number("day", 28))
    slot = RehearsedSlot(id_, form, lengths.get(form, MEDIUM), day=day, hour=7 + draw.number("hour", 16))
    return _text(who, slot, draw, who.words(draw))


def opening(text: str) -> str:
    """What a text begins with: its first word, or two characters where no spaces part the words."""
    found = re.match(r"\W*([\u3040-\u30ff\u4e00-\u9fff]{1,2}|\S+)", text)
    return found[1] if found else text


def weighted(text: str) -> int:
    """Length as X counts it, near enough: letters of most alphabets 1, everything else 2."""
    if text.isascii():
        return len(text)
    return sum(1 if ord(c) < 4352 or 8192 <= ord(c) <= 8205 or 8208 <= ord(c) <= 8223 else 2 for c in text)


def _slot(asked: Asked, who: Character) -> RehearsedSlot:
    given = asked.block("slot")
    hour, minute = [*re.findall(r"\d+", str(given.get("time") or "")), "12", "0"][:2]
    holidays = given.get("holidays")
    form = _form(part(given, "content_type"), who)
    return RehearsedSlot(
        id=str(given.get("id") or "post"),
        form=form,
        length=_length(str(given.get("wanted_length") or given.get("length") or ""), form),
        day=_day(str(given.get("date") or "")),
        hour=int(hour) % 24,
        minute=int(minute) % 60,
        holiday=str(holidays[0]) if isinstance(holidays, list) and holidays else "",
        theme=str(given.get("theme") or "").strip(),
        parts=int((re.findall(r"\d+", str(given.get("parts") or "")) or ["1"])[0]),
    )


def _form(kind: Words, who: Character) -> str:
    name = str(kind.get("name") or "")
    for known in who.bank.persona["kind"]:
        if known["name"] == name:
            return str(known["form"])
    text = f"{name} {kind.get('form') or ''}".casefold()
    return next((form for sign, form in _SIGNS if sign in text), "story")


def _length(wanted: str, form: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", wanted)]
    if len(numbers) >= 2:
        return numbers[0], min(numbers[1], LONGEST)
    if numbers:
        return (1, min(numbers[0], LONGEST))
    return {"short": SHORT, "long": LONG}.get(wanted.strip(), SHORT if form == "one-liner" else MEDIUM)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(who: Character, slot: RehearsedSlot, draw: Draw, words: dict[str, str]) -> str:
    """The first of many drafts that has the wanted length; else the one that comes nearest."""
    low, high = slot.length
    nearest, miss = "", LONGEST * 10
    for draft in _drafts(who, slot, draw, words):
        length = weighted(draft)
        off = low - length if length < low else length - high
        if off <= 0:
            return draft
        if off < miss and length <= LONGEST:
            nearest, miss = draft, off
    return nearest or capital(words["thing"]) + who.bank.posts["words"]["stop"]


def _drafts(who: Character, slot: RehearsedSlot, draw: Draw, words: dict[str, str]) -> Iterator[str]:
    bank, low = who.bank.posts, slot.length[0]
    gap = bank["words"]["gap"]
    frames = _frames(bank, slot)
    leads = who.draw.mixed("leads", bank["holiday" if slot.holiday else "leads"])
    words |= _time_words(bank["words"], slot)
    for thing in who.job["things"]:
        if thing in slot.theme:
            words["thing"] = thing
    pieces = _pieces(who, slot, draw)
    for attempt in range(DRAFTS):
        now = Draw(f"{draw.key} draft {attempt}")
        filling = Filling(words, _next(pieces, attempt, bool(slot.theme)))
        plain = slot.theme and attempt >= DRAFTS // 2  # a long theme leaves room for nothing else
        sentences = [filling.fill("{did}" if plain else now.one("frame", frames))]
        if low >= MEDIUM[0] and now.chance("lead", 40) and not plain:
            sentences.insert(0, filling.fill(leads[slot.rank % len(leads)]))
        for more in now.mixed("more", bank["more"]):
            if weighted(gap.join(sentences)) >= low:
                break
            sentences.append(filling.fill(more))
        if sentences[0].endswith(":"):
            sentences[1] = lowered(sentences[1])
        yield gap.join(sentences)


def _frames(bank: Words, slot: RehearsedSlot) -> list[str]:
    """The frames of the slot's form; those that tell its theme where it has one."""
    if slot.length[1] <= SHORT[1]:
        return list(bank["short"])
    table = _FORM_TABLES.get(slot.form, slot.form)
    frames: list[str] = bank["story" if table == "short" else table]
    telling = [frame for frame in frames if "{did" in frame]
    chosen = telling if slot.theme and weighted(slot.theme) < slot.length[1] - 10 else frames
    others = [frame for frame in chosen if not frame.startswith("{did")]
    return others if slot.turn and others else chosen


def _pieces(who: Character, slot: RehearsedSlot, draw: Draw) -> dict[str, list[str]]:
    """The pieces of a post, in an order that differs from day to day; what the theme tells already comes last."""
    job, step = who.job, slot.step

    def turned(name: str, items: list[str]) -> list[str]:
        order = who.draw.mixed(name, items)
        first = (step if name == "did" else step + step // len(job["did"])) % len(order)
        return order[first:] + order[:first]

    return {
        "did": [slot.theme] if slot.theme else turned("did", job["did"]),
        "aside": turned("aside", who.temper["asides"]),
        "truth": turned("truth", job["truths"]),
        "said": turned("said", job["said"]),
        "woe": turned("woe", job["woes"]),
        "ask": turned("ask", job["asks"]),
        "goods": draw.mixed("goods", job["goods"]),
        "link": draw.mixed("link", who.bank.posts["links"]),
        "folk": sorted(draw.mixed("folk", job["folk"]), key=lambda one: one in slot.theme),
    }


def _next(pieces: dict[str, list[str]], attempt: int, theme: bool) -> dict[str, list[str]]:
    """The pieces for a further draft: each list begins `attempt` later."""
    return {
        name: items if name == "folk" and theme else items[attempt % len(items) :] + items[: attempt % len(items)]
        for name, items in pieces.items()
    }


def _time_words(names: Words, slot: RehearsedSlot) -> dict[str, str]:
    weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        "weekday": names[weekdays[slot.day.weekday() if slot.day else 0]],
        "daytime": names[daytime_of(slot.hour)],
        "clock": f"{slot.hour:02}:{slot.minute:02}",
        "clock_later": f"{(slot.hour + 2) % 24:02}:00",
        "holiday": slot.holiday,
    }
