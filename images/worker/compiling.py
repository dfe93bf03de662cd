"""Whether compiling the painter pays, and which worker does it first. Pure but for one small file of experience.

Compiling costs seconds once and saves a part of every later picture. Both are measured where it is done, and kept;
until then an assumption serves. One worker compiles first and leaves its kernels in torch's cache on disk; the
others go on painting meanwhile and find them there. Imports no torch.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from errors import StopRun
from files import digest, write_json

COLD_SECONDS = 30.0  # assumed: the first time on this machine; regional compiling took 7-10 s in others' reports
WARM_SECONDS = 8.0  # assumed: where another process has left its kernels
GAIN = 0.2  # assumed: the part of a picture's time that is saved
GIVEN_UP = 900.0  # seconds after which whoever began to compile is taken for dead


@dataclass(frozen=True, slots=True)
class Experience:
    """What compiling cost and saved here, in seconds a picture; `compiled` 0: it was tried and failed."""

    seconds: float
    eager: float
    compiled: float

    @property
    def gain(self) -> float:
        return 1 - self.compiled / self.eager if self.eager and self.compiled else 0.0


class Compiling:
    """The decision of one worker. `mode`: "auto", "on" or "off"; `kind`: the device, the painter and the versions."""

    def __init__(self, mode: str, folder: Path | None, kind: str, clock: Callable[[], float] = time.time) -> None:
        self._mode = mode
        self._file = folder / f"compiling-{digest(kind, length=16)}.json" if folder else None
        self._clock = clock

    def is_due(self, left: int, eager: float) -> bool:
        """Whether to compile now, with `left` pictures to come on this device that take `eager` seconds each.

        With True the caller has the turn, and says `done` afterwards.
        """
        if self._mode != "auto":
            return self._mode == "on"
        known = self.experience()
        gain = GAIN if known is None else known.gain
        cost = COLD_SECONDS if known is None else min(known.seconds, WARM_SECONDS)
        return left * eager * gain > cost and (known is not None or self._take_turn())

    @property
    def may_undo(self) -> bool:
        """Whether what gained nothing may be undone: not where the user wants it."""
        return self._mode == "auto"

    def done(self, experience: Experience) -> None:
        """Keep what was measured, for the others and for later runs. That it cannot be kept is no reason to stop."""
        if self._file is not None:
            with contextlib.suppress(StopRun):
                write_json(self._file, asdict(experience))
            self._turn.unlink(missing_ok=True)

    def experience(self) -> Experience | None:
        """What was measured here before, by any worker; None: nothing yet."""
        if self._file is None:
            return None
        try:
            return Experience(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def _turn(self) -> Path:
        return Path(f"{self._file}.turn")

    def _take_turn(self) -> bool:
        """The file is made by one process alone; the others find it there."""
        if self._file is None:
            return True
        with contextlib.suppress(OSError):
            if self._clock() - self._turn.stat().st_mtime > GIVEN_UP:
                self._turn.unlink()
        try:
            self._turn.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._turn, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except OSError:
            return False
        return True
