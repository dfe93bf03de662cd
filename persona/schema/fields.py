"""The kinds of value that answers consist of, and what makes each of them valid.

A message of a failed check goes back to the model, so each one is a sentence it can act on.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from files import slug


def _not_blank(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("it must not be blank")
    return text


_time_zones = cache(available_timezones)  # it looks through the whole database on disk


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(f"{name!r} is no IANA time zone; write one such as Europe/Paris")
    return name


def _country(code: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", code):
        raise ValueError(f"{code!r} is no two-letter ISO 3166 country code, such as FR")
    return code.upper()


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"2000-{text}")
    except ValueError:
        raise ValueError(f"{text!r} is no day of the year; write month and day as MM-DD") from None
    return text


def _fifty_words(text: str) -> str:
    if len(text.split()) > 50:
        raise ValueError(f"it has {len(text.split())} words; at most 50 are allowed")
    return text


def _file_name(name: str) -> str:
    if name != slug(name):
        raise ValueError(f"{name!r} cannot stand in a file's name; write it as {slug(name)!r}")
    return name


def at_most(number: int) -> BeforeValidator:
    """Surplus items are dropped: asking again would be paid for, and the first ones are as good."""

    def cut(value: Any) -> Any:
        return value[:number] if isinstance(value, list | tuple) else value

    return BeforeValidator(cut)


FileName = Annotated[str, AfterValidator(_file_name)]
Line = Annotated[str, AfterValidator(_not_blank)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Country = Annotated[str, AfterValidator(_country)]
MonthDay = Annotated[str, AfterValidator(_month_day)]
Appearance = Annotated[Line, AfterValidator(_fifty_words)]


class Answer(BaseModel):
    """A reply of the model, checked. Unknown fields are dropped; a file of ours is read with them forbidden."""

    model_config = ConfigDict(frozen=True, extra="ignore")
