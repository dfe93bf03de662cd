"""What the text of a flag or a setting may look like, and the value it stands for.

Each function raises ValueError with words that follow the text: "-3: it must be 1 or more". Knows no names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from datetime import date

CARD_FORMS = ("card", "v3", "charx", "eliza")
PICTURE_FORMS = ("png", "jpeg", "webp")
POST_FORMS = ("jsonl", "csv", "postiz", "x-api", "ayrshare", "ics", "hf")
MOST_A_DAY = 1000  # posts of one character
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def text(value: str) -> str:
    return value.strip()


def count(value: str) -> int:
    if not re.fullmatch(r"\s*\d{1,9}\s*", value) or int(value) < 1:
        raise ValueError("it must be a number of 1 or more")
    return int(value)


def port(value: str) -> int:
    """A TCP port; 0 for any that is free."""
    if not re.fullmatch(r"\s*\d{1,5}\s*", value) or int(value) > 65535:
        raise ValueError("it must be a port from 0 to 65535")
    return int(value)


def ceiling(value: str) -> int | None:
    """A number of calls or of pictures; None for "auto"."""
    return None if value.strip().casefold() == "auto" else count(value)


def rate(value: str) -> float:
    """Posts a day, on average; less than 1 is fine."""
    number = _number(value)
    if not 0 < number <= MOST_A_DAY:
        raise ValueError(f"it must be a number above 0 and at most {MOST_A_DAY}, such as 3 or 0.5")
    return number


def quiet_hours(value: str) -> tuple[int, int]:
    """Two times of day as minutes; the span may pass midnight: 23-7, 22:30-06:00."""
    match = re.fullmatch(r"\s*(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?\s*", value)
    if match is None:
        raise ValueError("write two times of day, as 23-7 or 22:30-06:00")
    hours, minutes = (int(match[1]), int(match[3])), (int(match[2] or 0), int(match[4] or 0))
    if max(hours) > 24 or max(minutes) > 59 or any(60 * h + m > 24 * 60 for h, m in zip(hours, minutes, strict=True)):
        raise ValueError("a day has the times 0:00 to 24:00")
    begin, end = (60 * h + m for h, m in zip(hours, minutes, strict=True))
    if (end - begin) % (24 * 60) == 0:
        raise ValueError("it leaves no time for a post")
    return begin % (24 * 60), end


def seconds(value: str) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError("it must be more than 0 seconds")
    return number


def price(value: str) -> float:
    """Dollars, 0 for a model that costs nothing."""
    number = _number(value)
    if number < 0:
        raise ValueError("it must be 0 or more dollars")
    return number


def cap(value: str) -> float:
    """Dollars above 0."""
    number = _number(value)
    if number <= 0:
        raise ValueError("it must be more than 0 dollars")
    return number


def size(value: str) -> tuple[int, int]:
    """WIDTHxHEIGHT in pixels; one number means a square. (0, 0) stands for the painter's own size."""
    if not value.strip():
        return (0, 0)
    match = re.fullmatch(r"\s*(\d{1,5})(?:\s*[x×*]\s*(\d{1,5}))?\s*", value.lower())
    if match is None:
        raise ValueError("write it as 1024x1024")
    width, height = int(match[1]), int(match[2] or match[1])
    near = "x".join(str(min(max(round(side / 16), 1), 512) * 16) for side in (width, height))
    if near != f"{width}x{height}":
        raise ValueError(f"both sides must be multiples of 16 between 16 and 8192; the nearest is {near}")
    return width, height


def aspect(value: str) -> float:
    """WIDTH:HEIGHT, or a name for one, as width / height."""
    names = {"square": "1:1", "portrait": "3:4", "landscape": "4:3", "wide": "16:9", "tall": "9:16"}
    word = value.strip().lower()
    match = re.fullmatch(r"(\d{1,4}):(\d{1,4})", names.get(word, word))
    if match is None or not (int(match[1]) and int(match[2]) and 1 / 4 <= int(match[1]) / int(match[2]) <= 4):
        raise ValueError(f"write it as 3:4, between 1:4 and 4:1, or as {', '.join(names)}")
    return int(match[1]) / int(match[2])


def score(value: str) -> float:
    """What a judge gives: above 0, at most 10."""
    number = _number(value)
    if not 0 < number <= 10:
        raise ValueError("it must be more than 0 and at most 10")
    return number


def picture_form(value: str) -> str:
    """The form of picture files."""
    form = value.strip().casefold().replace("jpg", "jpeg")
    if form not in PICTURE_FORMS:
        raise ValueError(f"it must be {', '.join(PICTURE_FORMS[:-1])} or {PICTURE_FORMS[-1]}")
    return form


def url(value: str) -> str:
    address = value.strip().rstrip("/")
    if address and not re.match(r"https?://[^/\s:]", address):
        raise ValueError("it must begin with http:// or https:// and name a host")
    return address


def spoken(value: str) -> str:
    """A language in which the program speaks; "" for that of the locale."""
    code = value.strip().casefold()[:2]
    if code not in {"", "en", "zh"}:
        raise ValueError("messages are there in en and zh")
    return code


def language(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("write a language code such as en, ja or zh-Hans")
    return value


def exports(value: str) -> tuple[str, ...]:
    """Forms of card and of post, by name, each once."""
    known = (*CARD_FORMS, *POST_FORMS)
    names = tuple(dict.fromkeys(name for name in re.split(r"[\s,]+", value.casefold()) if name))
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{unknown[0]!r} is none of {','.join(known)}")
    if not names:
        raise ValueError(f"write one or more of {','.join(known)}, with commas between them")
    return names


def day(value: str) -> date:
    from datetime import date

    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("write a date that exists, as 2026-12-01") from None


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError("it must be a number") from None
    if number != number or number in {float("inf"), float("-inf")}:
        raise ValueError("it must be a number")
    return number
