"""How long a worker may be silent before it is taken for hung. Pure: the clock is passed in.

A load and the first picture of a kind may take long, since kernels are chosen and compiled then. After that the
measured steps decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_KEPT = 100  # silences remembered for each group


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Limits in seconds. Once steps were measured: `times` the 95th percentile of them, but at least `least`."""

    load: float = 1800.0
    first: float = 300.0
    least: float = 30.0
    times: float = 5.0


@dataclass(slots=True)
class Heartbeat:
    """The signs of life of one worker."""

    patience: Patience
    clock: Callable[[], float]
    loading: bool = True
    _last: float = 0.0
    _allowed: float = 0.0  # what the worker itself asked for, until its next sign
    _group: str = ""
    _silences: dict[str, deque[float]] = field(default_factory=dict)

    def start(self) -> None:
        """A new process: nothing of it is measured yet."""
        self.loading, self._group, self._silences = True, "", {}
        self.sign()

    def sign(self, allowed: float = 0.0) -> None:
        """Something was heard; `allowed`: for how long nothing else may be."""
        self._last, self._allowed = self.clock(), allowed

    def begin(self, group: str) -> None:
        self._group = group

    def measured(self, silence: float) -> None:
        """The longest silence of the batch that was begun last and is off the device now."""
        self._silences.setdefault(self._group, deque(maxlen=_KEPT)).append(silence)
        self._group = ""

    @property
    def limit(self) -> float:
        """The seconds of silence that are borne now."""
        if self.loading:
            limit = self.patience.load
        elif silences := sorted(self._silences.get(self._group, ())):
            percentile = silences[min(len(silences) - 1, int(0.95 * len(silences)))]
            limit = max(self.patience.least, self.patience.times * percentile)
        else:
            limit = self.patience.first
        return max(limit, self._allowed)

    @property
    def is_overdue(self) -> bool:
        return self.clock() - self._last > self.limit
