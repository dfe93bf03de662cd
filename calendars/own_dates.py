"""The days of the year that are a character's own: its birthday and what its character book remembers."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

from persona.schema.persona import Persona

BIRTHDAY = "birthday"


def own_dates_of(persona: Persona, days: Sequence[date]) -> dict[date, tuple[str, ...]]:
    """Day -> what returns on it every year, for those of `days` that have something.

    What falls on 29 February returns on the 28th in years that have no 29th.
    """
    yearly: dict[str, list[str]] = {}
    if persona.core is not None:
        yearly[persona.core.facts.birthday] = [BIRTHDAY]
    for lore in persona.lore:
        if lore.date is not None:
            yearly.setdefault(lore.date, []).append(lore.name)
    found: dict[date, tuple[str, ...]] = {}
    for day in days:
        names = list(yearly.get(f"{day:%m-%d}", ()))
        if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
            names += yearly.get("02-29", ())
        if names:
            found[day] = tuple(dict.fromkeys(names))
    return found
