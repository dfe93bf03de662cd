"""What can go wrong, each with its exit code and its remedy.

    DramatisError            what happened + what to do                    exit 1
    ├── BadInput             a flag, picture or file of the user's              2
    ├── ItemFailed           one item has no result: note it, go on             3
    │   ├── BadAnswer        one reply was unusable, also after asking again    3
    │   └── BadPicture       one picture could not be made                      3
    ├── StopRun              nothing more can be done in this run
    │   ├── Misconfigured    a setting, a key, a model name, an address         4
    │   ├── Unreachable      the endpoint does not answer                       4
    │   ├── WorkersGone      no picture worker is left                          3
    │   ├── DiskFull         nothing more can be saved                          1
    │   └── CapReached       the spend cap would be passed                      5
    └── Interrupted          the user asked to stop; finished work is kept    130

An `ItemFailed` costs its item and nothing else. A `StopRun` ends the run; what is finished stays.
This module knows nothing of stages, and nothing here prints.
"""

from __future__ import annotations

from typing import ClassVar

DONE = 0
USAGE = 2
HOLES = 3


class DramatisError(Exception):
    """Something a person should read: what happened, and what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class BadInput(DramatisError):
    """A flag, a picture or a file that the user gave cannot be used."""

    exit_code = USAGE


class ItemFailed(DramatisError):
    """One item has no result. The others go on."""

    exit_code = HOLES


class BadAnswer(ItemFailed):
    """The model's reply could not be used, even after it was told what was wrong.

    `cause` is one word for the report ("length", "refusal", "blank", "invalid", ...); `reply` the raw text.
    """

    def __init__(self, what: str, remedy: str = "", *, cause: str = "invalid", reply: str = "") -> None:
        super().__init__(what, remedy)
        self.cause = cause
        self.reply = reply


class BadPicture(ItemFailed):
    """One picture could not be painted or saved."""


class StopRun(DramatisError):
    """Nothing more can be done in this run; what is finished stays."""


class Misconfigured(StopRun):
    """A setting, a key, a model's name or an address is wrong or missing."""

    exit_code = 4


class Unreachable(StopRun):
    """The endpoint does not answer."""

    exit_code = 4


class WorkersGone(StopRun):
    """No picture worker is left to paint."""

    exit_code = HOLES


class DiskFull(StopRun):
    """The disk is full or a folder cannot be written."""


class CapReached(StopRun):
    """The next call could pass the spend cap."""

    exit_code = 5


class Interrupted(StopRun):
    """The user asked to stop. Finished work is kept; the same command goes on from there."""

    exit_code = 130
