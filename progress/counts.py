"""How far one kind of item has come, how fast, and how long it will take. Pure; draws nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from progress.translate import translated

PACE_SECONDS = 60.0  # the pace is that of the last minute


@dataclass(slots=True)
class Count:
    """One kind of item ("personas", "posts", "pictures") in this run."""

    total: int = 0
    made: int = 0
    before: int = 0  # finished by an earlier run
    holes: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def settled(self) -> int:
        return self.made + self.before + self.holes

    def sample(self, now: float, interval: float) -> None:
        """Remember how far it is; called once in `interval` seconds."""
        if not self._samples:
            self._samples.append((now - interval, 0))
        self._samples.append((now, self.made + self.holes))
        while self._samples[1][0] <= now - PACE_SECONDS:
            self._samples.popleft()

    @property
    def pace(self) -> float:
        """Items a second, those of earlier runs left out; 0 while there is none to tell it from."""
        if not self._samples:
            return 0.0
        (then, before), (now, done) = self._samples[0], self._samples[-1]
        return (done - before) / (now - then) if now > then else 0.0

    @property
    def outlook(self) -> str:
        """The pace and the time left, for people: "4.2/min, 3 min 05 s left". Empty when nothing is known."""
        if not self.pace or self.settled >= self.total:
            return ""
        left = translated(f"{duration((self.total - self.settled) / self.pace)} left")
        return f"{per_time(self.pace)}, {left}"


def per_time(pace: float) -> str:
    """Items per second, per minute or per hour: the first that gives a number above one."""
    for seconds, unit in ((1, "s"), (60, "min")):
        if pace * seconds >= 1:
            return f"{pace * seconds:.1f}/{unit}"
    return f"{pace * 3600:.1f}/h"


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 4.2 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
