"""What a JSON value of a card is turned into where the specifications want another kind. Pure, and never fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

POSITIONS = ("before_char", "after_char")


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(text(item) for item in value)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part for part in (part.strip() for part in value.split(",")) if part]
    return [text(item) for item in value if item is not None] if isinstance(value, list) else []


def json_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def yes(value: Any) -> bool:
    """True unless it says no: an entry without the field is meant to be used."""
    return str(value).strip().lower() not in {"false", "0", "no", "off"}


def flag(value: Any) -> bool | None:
    return None if value is None else yes(value)


def number(value: Any, otherwise: int | None = None) -> int | float | None:
    if isinstance(value, bool):
        return otherwise
    if isinstance(value, int | float):
        return value
    try:
        number = float(str(value))
    except ValueError:
        return otherwise
    return int(number) if number.is_integer() else number if abs(number) < 1e300 else otherwise


def moment(value: Any) -> int | float | None:
    """Seconds since 1970; a date in words is turned into them."""
    seconds = number(value)
    if seconds is not None or not isinstance(value, str):
        return seconds
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def assets(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, list):
        return None
    keys = ("type", "uri", "name", "ext")
    return [
        asset for asset in value if isinstance(asset, dict) and all(isinstance(asset.get(key), str) for key in keys)
    ]


def optional_text(value: Any) -> str | None:
    return None if value is None else text(value)


def place(value: Any) -> str | None:
    return value if value in POSITIONS else None


def kind(value: Any) -> str:
    """What a JSON value is, for people."""
    names = {bool: "true or false", str: "text", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")
