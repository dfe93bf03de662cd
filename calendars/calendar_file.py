"""Calendars on disk: reading with a clear error, writing, and which calendar belongs to which persona."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from calendars.schema import FORMAT, Calendar
from errors import BadInput
from files import read_json, slug, write_json
from persona.schema.persona import Persona
from values import MOST_A_DAY


def read_calendar(path: Path) -> Calendar:
    """The calendar in `path`. BadInput names the file, and the day and field that cannot be used."""
    value = read_json(path, "calendar")
    if not isinstance(value, dict) or "days" not in value:
        raise BadInput(f"{path} is {_other(value)}, not a calendar.", "A calendar holds a list of days under 'days'.")
    written = value.get("format", FORMAT)
    if isinstance(written, int) and written != FORMAT:
        remedy = "Use the version that wrote it, or a newer one." if written > FORMAT else "Plan it anew."
        raise BadInput(f"{path} has format {written}; this version reads calendars of format {FORMAT}.", remedy)
    try:
        calendar = Calendar.model_validate(value)
    except ValidationError as error:
        raise BadInput(_sentence(path, value, error), "Mend the file; nothing in it was changed.") from error
    if not any(day.posts for day in calendar.days):
        raise BadInput(f"{path} plans no post on any day.", "Add one, or plan a new one with --generate-calendar.")
    return calendar


def write_calendar(path: Path, calendar: Calendar) -> None:
    """Write `calendar` to `path`, all or nothing."""
    write_json(path, calendar.model_dump(mode="json"))


def pair_calendars(
    personas: Sequence[tuple[Path, Persona]], calendars: Sequence[tuple[Path, Calendar]]
) -> dict[Path, Calendar]:
    """The path of each persona -> its calendar: the one that names it, or else the one with its file stem.

    A calendar that names somebody else is never taken for its stem; one that nobody needs is left over. One persona
    and one calendar that names nobody belong together whatever they are called.
    """
    paired = {}
    for path, persona in personas:
        names = {persona.name, slug(path.stem), slug(persona.character)}
        found = [
            (place, calendar) for place, calendar in calendars if calendar.persona and slug(calendar.persona) in names
        ]
        if len(personas) == len(calendars) == 1 and not found:
            found = [_nobodys(*calendars[0], path)]
        found = found or [
            (place, calendar)
            for place, calendar in calendars
            if not calendar.persona and slug(place.stem) in {persona.name, slug(path.stem)}
        ]
        if not found:
            raise BadInput(
                f"{path} has no calendar among the {len(calendars)} given with --calendars.",
                f'Either add one that is named {persona.name}.json or says "persona": "{persona.name}", '
                "or leave --calendars out and let --generate-calendar plan one.",
            )
        if len(found) > 1:
            places = " and ".join(str(place) for place, _ in found)
            raise BadInput(f"{path} has more than one calendar: {places}.", "Give only one of them to --calendars.")
        paired[path] = found[0][1]
    return paired


def left_over(paired: Mapping[Path, Calendar], calendars: Sequence[tuple[Path, Calendar]]) -> list[str]:
    """A sentence for each calendar that none of the personas needs."""
    needed = {id(calendar) for calendar in paired.values()}
    return [
        f"{place} is left aside: no persona of this command is {calendar.persona or place.stem!r}."
        for place, calendar in calendars
        if id(calendar) not in needed
    ]


def _nobodys(place: Path, calendar: Calendar, persona: Path) -> tuple[Path, Calendar]:
    if calendar.persona:
        raise BadInput(
            f"{place} is the calendar of {calendar.persona!r}, who is not the persona of {persona}.",
            'Give the calendar of this persona, or take "persona" out of the file.',
        )
    return place, calendar


def _other(value: Any) -> str:
    """What a JSON value is, when it is no calendar."""
    keys = set(value) if isinstance(value, dict) else set()
    if keys & {"spec", "core", "given", "first_mes"}:
        return "a persona"
    if "posts" in keys and "key" in keys:
        return "a batch of posts"
    if "entries" in keys:
        return "a character book"
    return "some other JSON file"


def _sentence(path: Path, value: Any, error: ValidationError) -> str:
    """The first thing that is wrong, in words, with the day and the field where it stands."""
    first, *others = error.errors(include_url=False)
    place = _place(value, first["loc"])
    in_words = {"missing": "it is missing", "too_short": "it is empty", "tuple_type": "a list is expected"}
    in_words["too_long"] = f"there are {_length(first['input'])}; at most {MOST_A_DAY} fit in a day"
    wrong = in_words.get(first["type"], first["msg"].removeprefix("Value error, "))
    if "date" in first["loc"] and first["type"] != "missing":
        wrong = f"{first['input']!r} is no date: write a day that exists as YYYY-MM-DD"
    more = f" (and {len(others)} more)" if others else ""
    return f"{path}{f', {place}' if place else ''}: {wrong}{more}."


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _place(value: Any, steps: Sequence[int | str]) -> str:
    """Where in a calendar `steps` lead, as a person would say it: day 4 (2026-12-04), post 2 (2026-12-04-2), time."""
    words = []
    name = {"days": ("day", "date"), "posts": ("post", "id")}
    listed: tuple[str, str] = ("item", "")
    for number, step in enumerate(steps, 1):
        if isinstance(step, str):
            listed = name.get(step, (step, ""))
            value = value.get(step) if isinstance(value, dict) else None
            if step not in name or number == len(steps):
                words.append(step)
            continue
        value = value[step] if isinstance(value, list) and step < len(value) else None
        label = value.get(listed[1]) if isinstance(value, dict) else None
        words.append(f"{listed[0]} {step + 1}" + (f" ({label})" if isinstance(label, str) else ""))
    return ", ".join(words)
