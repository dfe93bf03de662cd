"""One thing that --check has looked at, and what to do about it. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    GOOD = "✓"
    NOTE = "·"  # worth knowing; nothing fails for it
    BAD = "✗"  # a run would fail


@dataclass(frozen=True, slots=True)
class Finding:
    """`about`: the part of the machinery it belongs to. Whatever is bad has a remedy."""

    about: str
    state: State
    what: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.state is State.BAD and not self.remedy:
            raise ValueError(f"a bad finding without a remedy: {self.what}")


def good(about: str, what: str) -> Finding:
    return Finding(about, State.GOOD, what)


def note(about: str, what: str, remedy: str = "") -> Finding:
    return Finding(about, State.NOTE, what, remedy)


def bad(about: str, what: str, remedy: str) -> Finding:
    return Finding(about, State.BAD, what, remedy)
