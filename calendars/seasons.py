"""The season of a day where a time zone's clocks hang. Knows nothing of calendars and personas.

The latitude of a zone's city stands in zone.tab of the time zone database, which comes with `tzdata`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

_NORTH = ("winter", "spring", "summer", "autumn")  # from December on, three months each
TROPIC = 23.4  # degrees: between the tropics a year has no four seasons


def season_of(time_zone: str, day: date) -> str:
    """winter, spring, summer or autumn, by whole months as weather services count; "" where a year has none.

    Also "" for a zone that belongs to no place, such as UTC.
    """
    latitude = _latitudes().get(time_zone, 0.0)
    if abs(latitude) <= TROPIC:
        return ""
    quarter = day.month % 12 // 3
    return _NORTH[quarter if latitude > 0 else (quarter + 2) % 4]


@cache
def _latitudes() -> dict[str, float]:
    """Zone -> degrees north of the equator, also under the zone's older names."""
    found = dict(_listed())
    for line in _lines("tzdata.zi"):
        if line.startswith("L "):
            _, zone, alias = line.split()
            if zone in found:
                found.setdefault(alias, found[zone])
    return found


def _listed() -> Iterator[tuple[str, float]]:
    """Rows of zone.tab: country, ±DDMM or ±DDMMSS with the longitude behind it, zone, comments."""
    for line in _lines("zone.tab"):
        if not line.startswith("#"):
            _, place, zone, *_ = line.split("\t")
            degrees = int(place[1:3]) + int(place[3:5]) / 60
            yield zone, degrees if place.startswith("+") else -degrees


def _lines(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8").splitlines()
