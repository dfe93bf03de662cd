"""Homes in another country or city than the fact sheet's, and time zones that no clock there shows.

A city is known when it stands in words/cities.toml. A greeting from elsewhere may be a trip: it is only suspected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from persona.facts.sheet import Contradiction, Sheet, Text, cited, words
from persona.schema.answers import Home

_OFFSET = re.compile(r"\b(?:UTC|GMT)\s?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
_HERE = re.compile(r"\b(?:my|our|local|here|home)\b|我|这里|当地|私|僕|ここ|現地", re.IGNORECASE)


def homes(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """Statements of a home that is not the sheet's."""
    home = sheet.facts.home
    elsewhere = dict.fromkeys(match[0] for match in anywhere().finditer(text.own))
    for place in elsewhere:
        if place in sheet.told or not _is_elsewhere(place, home):
            continue
        for pattern, sure in _statements(sheet, place):
            for match in re.finditer(pattern, text.own):
                where = cited(text.own, match.start(), match.end())
                told = f'"{home.place}" ({home.country_code})'
                yield Contradiction(f"{text.field} says {where}, but the home is {told}: keep to this home", sure)


def offsets(sheet: Sheet, text: Text) -> Iterator[Contradiction]:
    """A distance from Greenwich that the home's clocks do not have."""
    for match in _OFFSET.finditer(text.own):
        shown = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        shown = shown if match["sign"] == "+" else -shown
        if shown not in _offsets(sheet.facts.home.time_zone):
            sure = bool(_HERE.search(text.own[max(0, match.start() - 24) : match.end() + 12]))
            where = cited(text.own, match.start(), match.end())
            zone = sheet.facts.home.time_zone
            yield Contradiction(f"{text.field} says {where}, but the home's clocks keep {zone}: keep to it", sure)


def home_in_itself(home: Home) -> Iterator[Contradiction]:
    """A sheet whose home, country and time zone do not belong together."""
    zones = _zones().get(home.country_code, ())
    if zones and not any(_offsets(zone) & _offsets(home.time_zone) for zone in zones):
        yield Contradiction(
            f"facts.home.time_zone is {home.time_zone}, which no clock in {home.country_code} keeps: write the time "
            f"zone of {home.place} in that country, such as {zones[0]}, or mend country_code"
        )
    cities = _countries_of(home.place.split(",")[0].strip())
    if cities and home.country_code not in cities:
        yield Contradiction(
            f'facts.home.place is "{home.place}", which does not lie in {home.country_code}: mend place or country_code'
        )


def is_place(word: str) -> bool:
    """Whether this is the name of a well-known city or country."""
    return word in _cities() or word in _lands()


def _is_elsewhere(place: str, home: Home) -> bool:
    """Whether a well-known place lies in another country, or is another well-known city than the home."""
    if home.country_code not in _countries_of(place):
        return True
    at_home = home.place.split(",")[0].strip()
    return place in _cities() and at_home in _cities() and place != at_home and place.isascii() == at_home.isascii()


def _statements(sheet: Sheet, place: str) -> Iterator[tuple[str, bool]]:
    """How this place would be called a home, and whether that is sure."""
    bank = words("homes")[sheet.tongue if sheet.tongue in {"zh", "ja"} else "en"]
    name = "|".join(re.escape(part) for part in (sheet.facts.name, sheet.facts.name.split()[0]))
    for sure in ("sure", "likely"):
        for expression in bank[sure]:
            yield (
                expression.replace("{name}", name).replace("{place}", re.escape(place) + bank["after"]),
                sure == "sure",
            )


@cache
def anywhere() -> re.Pattern[str]:
    """Finds every well-known place."""
    places = sorted({*_cities(), *_lands()}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, places)))


@cache
def _cities() -> dict[str, frozenset[str]]:
    return _by_name("cities")


@cache
def _lands() -> dict[str, frozenset[str]]:
    return _by_name("countries")


def _by_name(table: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, names in words("cities")[table].items():
        for name in names:
            found[name] = found.get(name, frozenset()) | {code}
    return found


def _countries_of(place: str) -> frozenset[str]:
    return _cities().get(place, frozenset()) | _lands().get(place, frozenset())


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """Country -> its time zones, the main one first."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            zones[code] = (*zones.get(code, ()), zone)
    return zones


@cache
def _offsets(zone: str) -> frozenset[timedelta]:
    """What a zone's clocks are off Greenwich in winter and in summer."""
    moments = (datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)) for month in (1, 7))
    return frozenset(moment.utcoffset() or timedelta() for moment in moments)
