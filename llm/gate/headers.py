"""What a reply's headers say about the pace: how long to wait, and which rate is announced.

Nothing is believed blindly: what is negative, not a number or absurd counts as not said. Pure; decides nothing.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?"
)
_UNITS = (86400.0, 3600.0, 60.0, 1.0, 0.001)
_EPOCH = 1e9  # a reset beyond this is a moment in seconds, beyond 1e12 one in milliseconds, never a delay
_LONGEST_RESET = 7 * 86400.0
_LARGEST_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Announcement:
    """`limit` calls a minute (or a day), `remaining` of them now, all back after `reset` seconds."""

    limit: float
    remaining: float
    reset: float | None = None

    @property
    def rate(self) -> float:
        """Calls per second. The reset tells limits per minute from limits per day."""
        rate = self.limit / 60
        if self.reset and self.remaining < self.limit:
            rate = min(rate, (self.limit - self.remaining) / self.reset)
        return rate


def announcement(headers: Mapping[str, str]) -> Announcement | None:
    """The rate that the server announces, if it does. Header names are in lower case, or case does not matter."""
    form = "x-ratelimit-{}-requests"
    limit = headers.get("x-ratelimit-limit-requests")
    if limit is None:
        form = "x-ratelimit-{}"
        limit = headers.get("x-ratelimit-limit")
        if limit is None:
            return None
    allowed, left = _number(limit), _number(headers.get(form.format("remaining")))
    if allowed is None or left is None or not 1 <= allowed <= _LARGEST_LIMIT or not 0 <= left <= allowed:
        return None
    return Announcement(allowed, left, reset_seconds(headers.get(form.format("reset"))))


def wait_seconds(headers: Mapping[str, str], longest: float) -> float | None:
    """How long the server asks to wait, at most `longest`; None if it does not say."""
    wait = _number(headers.get("retry-after-ms"))
    if wait is not None and wait >= 0:
        return min(wait / 1000, longest)
    text = headers.get("retry-after")
    wait = _number(text)
    if wait is None and text is not None:
        wait = _until(text, headers.get("date"))
    return None if wait is None or wait < 0 else min(wait, longest)


def reset_seconds(text: str | None) -> float | None:
    """Seconds until the allowance is whole again: "12ms", "6m0s", "1.5", or a moment since 1970."""
    number = _number(text)
    if number is None:
        match = _DURATION.fullmatch(text.strip().lower()) if text and len(text) < 40 else None
        if match is None or not any(match.groups()):
            return None
        parts = [_number(part) if part else 0.0 for part in match.groups()]
        number = sum(unit * part if part is not None else math.nan for unit, part in zip(_UNITS, parts, strict=True))
    elif number >= _EPOCH:
        number = (number / 1000 if number >= 1000 * _EPOCH else number) - time.time()
    return number if 0 <= number <= _LONGEST_RESET else None


def _number(text: str | None) -> float | None:
    """A finite number, or None."""
    if text is None:
        return None
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _until(text: str, today: str | None) -> float | None:
    """Seconds until an HTTP date, by the server's own clock if the reply tells it."""
    then, now = _moment(text), _moment(today)
    if then is None:
        return None
    return max(0.0, then - (time.time() if now is None else now))


def _moment(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
