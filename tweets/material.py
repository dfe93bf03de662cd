"""What a writer is given: the character, the same for all of its posts, and the slot of one planned post.

Pure: the same persona, calendar and seed give the same material, whatever was written before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from calendars.schema import Calendar, Day, PlannedPost
from files import compact, digest
from persona.schema.answers import Core
from persona.schema.persona import Persona
from values import WEEKDAYS

THEMES_BEFORE = 3
REMEMBERED = 2
EACH_PART = "60 to 240 for each part"
_GOLDEN = 0.6180339887498949  # steps of this part of a circle never pile up
FEWEST_PARTS, MOST_PARTS = 2, 8
_PARTS = (2, 4)  # of a thread whose strategy names no number
_THREAD = re.compile(
    r"\bthreads?\b|\bhilos?\b|推文串|帖子串|串文|连推|連推|连发|連投|スレッド|ツリー|스레드|타래", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?<!\d)\d(?!\d)|\b(?:two|three|four|five|six|seven|eight)\b|[两二三四五六七八](?=[条則则个個つ本连連])"
)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        ("two 二 两", "three 三", "four 四", "five 五", "six 六", "seven 七", "eight 八"), start=2
    )
    for word in words.split()
}
_LENGTHS = ((0.2, "under 60"), (0.7, "60 to 180"), (1.0, "180 to 260"))


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned post with what surrounds it. `number` counts from the calendar's first post.

    `story_line` is what its part belongs to, "" for none, and `so_far` what earlier posts told of it.
    """

    post: PlannedPost
    day: Day
    number: int
    before: tuple[str, ...]
    season: str = ""
    story_line: str = ""
    so_far: tuple[str, ...] = ()

    @property
    def special(self) -> dict[str, tuple[str, ...]]:
        """What is special about its day, by kind."""
        day = self.day
        also = {"observances": day.observances, "own_dates": day.own_dates}
        return {"holidays": day.holidays, **{kind: names for kind, names in also.items() if names}}

    @property
    def told(self) -> Iterator[str]:
        """What the calendar says of the post and its day. A post may repeat it: its writer did not make it up."""
        yield self.post.theme
        for names in self.special.values():
            yield from names
        yield from self.before
        yield self.story_line
        yield from self.so_far


def slots_of(calendar: Calendar) -> Iterator[Slot]:
    """Every planned post in order of time."""
    themes: tuple[str, ...] = ()
    told: dict[int, tuple[str, ...]] = {}
    number = 0
    for day in calendar.days:
        season = calendar.season(day.date)
        for post in day.posts:
            line = post.story.line if post.story and post.theme else 0
            story = calendar.story_lines[line - 1] if line else ""
            yield Slot(post, day, number, themes, season, story, told.get(line, ()))
            if line:
                told[line] = (*told.get(line, ()), post.theme)
            number += 1
        themes = (themes + tuple(post.theme for post in day.posts if post.theme))[-THEMES_BEFORE:]


def persona_material(persona: Persona) -> str:
    """The character as compact JSON: what somebody who writes as it needs to know, and nothing about its looks."""
    material: dict[str, object] = {"name": persona.character, "description": persona.description}
    if persona.given is not None:
        given = persona.given
        material |= {
            "personality": given.personality,
            "scenario": given.scenario,
            "first_message": given.first_message,
            "example_messages": given.example_messages,
        }
    if persona.core is not None:
        material |= _core(persona.core)
    material["tone"] = persona.mix.tone
    if persona.examples is not None:
        material["examples"] = [post.text for post in persona.examples.posts]
    if persona.network is not None:
        material["network"] = [one.model_dump(mode="json") for one in persona.network.people]
    if persona.voice is not None:
        material["voice"] = persona.voice.model_dump(
            mode="json", include={"moods", "running_jokes", "small_errors", "changed_minds"}
        )
    material["hashtags"] = persona.mix.hashtags.model_dump(mode="json")
    return compact({name: value for name, value in material.items() if value})


def slot_material(slot: Slot, persona: Persona, seed: int) -> str:
    """One planned post as compact JSON."""
    post, day, strategy = slot.post, slot.day, persona.mix
    kinds = {kind.name: kind for kind in strategy.content_types}
    kind: dict[str, str] = {"name": post.content_type}
    if post.content_type in kinds:
        kind |= kinds[post.content_type].model_dump(include={"purpose", "form", "trigger"})
    material: dict[str, object] = {
        "id": post.id,
        "date": day.date.isoformat(),
        "weekday": WEEKDAYS[day.date.weekday()],
        "time": post.time,
        "season": slot.season,
        **slot.special,
        "content_type": kind,
        "theme": post.theme,
    }
    if post.story and post.theme:
        material["story"] = {"about": slot.story_line, "part": post.story.part, "so_far": slot.so_far}
    if not post.theme:
        material["topic"] = strategy.topics[_drawn(len(strategy.topics), "topic", seed, persona.name, post.id)]
    material |= {
        "remember": _remembered(slot, persona, seed),
        "before": slot.before,
        "picture": post.picture,
        "wanted_length": wanted_length(slot, persona, seed),
    }
    if parts := thread_parts(post, persona):
        material |= {"parts": "{} to {}".format(*parts), "wanted_length": EACH_PART}
    return compact(material)


def thread_parts(post: PlannedPost, persona: Persona) -> tuple[int, int] | None:
    """The fewest and the most parts of a post that the strategy wants as a thread; None for a single post.

    Wanted is what the form of its content type calls a thread, with the numbers that stand there.
    """
    kind = next((kind for kind in persona.mix.content_types if kind.name == post.content_type), None)
    if kind is None or not _THREAD.search(f"{kind.name} {kind.form}"):
        return None
    numbers = [_NUMBERS.get(word) or int(word) for word in _NUMBER.findall(kind.form.casefold())]
    wanted = [number for number in numbers if FEWEST_PARTS <= number <= MOST_PARTS] or _PARTS
    return min(wanted), max(wanted)


def wanted_length(slot: Slot, persona: Persona, seed: int) -> str:
    """The class of length for a post, in weighted characters: a fifth short, half middling, the rest long.

    Steps around a circle from a drawn start spread the three over few posts as evenly as over many.
    """
    start = _drawn(1000, "length", seed, persona.name) / 1000
    place = (start + slot.number * _GOLDEN) % 1
    return next(words for end, words in _LENGTHS if place < end)


def _core(core: Core) -> dict[str, object]:
    return {
        "facts": core.facts.model_dump(mode="json", exclude={"looks"}),
        "wants": core.wants,
        "obstacle": core.obstacle,
        "contradictions": core.contradictions,
        "competence": core.competence,
        "sore_point": core.sore_point,
        "notices_first": core.notices_first,
        "speech": core.speech.model_dump(mode="json"),
    }


def _remembered(slot: Slot, persona: Persona, seed: int) -> list[str]:
    """Entries of the character book that the theme or the day calls up; one drawn entry where there is no theme."""
    entries = persona.lore
    if not entries:
        return []
    theme = slot.post.theme.casefold()
    called = [
        lore.content
        for lore in entries
        if lore.date == f"{slot.day.date:%m-%d}" or any(key.casefold() in theme for key in lore.keys)
    ]
    if not called and not theme:
        called = [entries[_drawn(len(entries), "lore", seed, persona.name, slot.post.id)].content]
    return called[:REMEMBERED]


def _drawn(number: int, *parts: object) -> int:
    return int(digest(*parts, length=8), 16) % number
