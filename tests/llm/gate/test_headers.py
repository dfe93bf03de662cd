"""What is read from the headers of a reply, and what is not believed."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from llm.gate.headers import Announcement, announcement, reset_seconds, wait_seconds
from llm.gate.learned import Learned

GARBAGE = ["", " ", "soon", "nan", "-nan", "inf", "-1", "1e400", "0x10", "12 parsecs", "\x00", "9" * 400, "--5", "1,5"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "40"}, 0.04),
        ({"retry-after-ms": "40", "retry-after": "9"}, 0.04),
        ({"retry-after-ms": "later", "retry-after": "9"}, 9.0),
        ({"retry-after": "1e12"}, 120.0),
        ({"retry-after-ms": "1e12"}, 120.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 120.0),
        ({"retry-after": "Mon, 01 Jan 1990 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 32 Foo 2026 99:99:99 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_seconds(headers, 120.0) == seconds


def test_a_date_is_counted_by_the_servers_own_clock() -> None:
    wrong = time.time() + 86400
    headers = {"retry-after": formatdate(wrong + 7, usegmt=True), "date": formatdate(wrong, usegmt=True)}
    assert wait_seconds(headers, 120.0) == pytest.approx(7, abs=1.1)


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_counts_as_not_said(text: str) -> None:
    assert wait_seconds({"retry-after": text, "retry-after-ms": text}, 120.0) is None
    assert reset_seconds(text) is None
    for name in ("limit", "remaining"):
        good = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "3"}
        assert announcement({**good, f"x-ratelimit-{name}-requests": text}) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012),
        ("6m0s", 360.0),
        ("1s", 1.0),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723.0),
        ("1.5", 1.5),
        ("1d", 86400.0),
    ],
)
def test_resets_are_durations(text: str, seconds: float) -> None:
    assert reset_seconds(text) == pytest.approx(seconds)


def test_a_reset_may_be_a_moment_in_seconds_or_milliseconds() -> None:
    assert reset_seconds(f"{time.time() + 30:.0f}") == pytest.approx(30, abs=2)
    assert reset_seconds(f"{(time.time() + 30) * 1000:.0f}") == pytest.approx(30, abs=2)
    assert reset_seconds("1000000000") is None, "a moment that has passed"


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "rate"),
    [
        ("1200", "5", "750ms", 20.0),  # a minute's worth, with a small bucket
        ("500", "499", "120ms", 500 / 60),  # OpenAI
        ("14400", "14370", "2m59.56s", 1 / 6),  # a day's worth
        ("60", "60", None, 1.0),
    ],
)
def test_the_reset_tells_a_limit_per_minute_from_one_per_day(
    limit: str, remaining: str, reset: str | None, rate: float
) -> None:
    headers = {"x-ratelimit-limit-requests": limit, "x-ratelimit-remaining-requests": remaining}
    if reset is not None:
        headers["x-ratelimit-reset-requests"] = reset
    said = announcement(headers)
    assert said is not None
    assert said.rate == pytest.approx(rate, rel=0.01)


def test_names_without_requests_are_understood_too() -> None:
    headers = {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "10"}
    assert announcement(headers) == Announcement(20, 0, 10)


@pytest.mark.parametrize(("limit", "remaining"), [("0", "-1"), ("-1", "-1"), ("0", "0"), ("60", "61"), ("1e12", "5")])
def test_an_impossible_announcement_is_none(limit: str, remaining: str) -> None:
    headers = {"x-ratelimit-limit-requests": limit, "x-ratelimit-remaining-requests": remaining}
    assert announcement(headers) is None


@pytest.mark.parametrize("value", [None, [], "x", {"limit": "9", "rate": float("nan"), "seconds": {"a": -1, "b": "c"}}])
def test_a_spoilt_memory_of_the_last_run_is_no_memory(value: object) -> None:
    assert Learned.read(value) == Learned()
