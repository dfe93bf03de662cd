"""Does the server queue instead of refusing? More calls in flight then bring latency and nothing else.

Latency is counted in units of what a call of its kind took when few were in flight. When it has doubled, the limit
is cut to what the server seems to work on at once, as a trial: if latency does not fall with the cut, the server was
merely slow, and the cut is taken back. Knows nothing of refusals, rates or time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from llm.ticket import Ticket

FIRST = 16  # calls of a kind, the first ones sent, that tell how long it takes
WEIGHT = 1 / 16  # of one answer in the running means
STRAINED = 2.0  # latency, in units of the first, at which a cut is tried
NOTICEABLE = 0.1  # seconds; below it this program's own work may be the queue
ROOM = 1.25  # the limit over what the server seems to work on at once
BLOCK = 64  # calls, sent one after another, over which a server that became faster is noticed
MOST_KINDS = 100


@dataclass(slots=True)
class Kind:
    """How long the first calls of a kind took."""

    sent: int = 0
    done: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        return self.seconds / self.done

    @property
    def is_known(self) -> bool:
        return self.done >= 0.75 * FIRST and self.seconds > 0


@dataclass(slots=True)
class Answers:
    """Sums over some answers."""

    done: int = 0
    units: float = 0.0
    in_flight: int = 0

    def add(self, ticket: Ticket, units: float) -> None:
        self.done += 1
        self.units += units
        self.in_flight += ticket.ahead

    @property
    def latency(self) -> float:
        return self.units / self.done

    @property
    def ahead(self) -> float:
        return self.in_flight / self.done


@dataclass(slots=True)
class Trial:
    """A cut of the limit whose effect is awaited: in the first `need` calls sent after call number `after`."""

    before: float
    latency: float  # before the cut
    ahead: float
    after: int
    need: int
    old: Answers = field(default_factory=Answers)  # to as many calls that were sent just before the cut
    new: Answers = field(default_factory=Answers)

    def add(self, ticket: Ticket, units: float) -> None:
        if self.after < ticket.count <= self.after + self.need:
            self.new.add(ticket, units)
        elif self.after - self.need < ticket.count <= self.after:
            self.old.add(ticket, units)

    @property
    def helped(self) -> bool:
        """In a queue latency falls as the limit does; elsewhere it stays. Half-way, on a scale of ratios, decides."""
        latency, ahead = (self.old.latency, self.old.ahead) if self.old.done else (self.latency, self.ahead)
        return self.new.latency <= latency * math.sqrt(min(1.0, self.new.ahead / ahead))

    @property
    def limit(self) -> float:
        """What the calls since the cut show to be enough."""
        return max(1.0, ROOM * self.new.ahead / max(1.0, self.new.latency))


@dataclass(slots=True)
class Strain:
    """Running means over answers: `latency` in units, `ahead` the calls in flight when they were sent."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    latency: float = 1.0
    ahead: float = 0.0
    trial: Trial | None = None
    _unit: float = 1.0  # grows when a server has become slower for good
    _excess: float = 0.0  # seconds above what the calls took at first
    _fresh: int = 0  # answers since the last change
    _block: Answers = field(default_factory=Answers)
    _block_after: int = 0  # the block begins after this call

    @classmethod
    def knowing(cls, seconds: Mapping[str, float]) -> Strain:
        """With what an earlier run found."""
        return cls({kind: Kind(FIRST, FIRST, FIRST * spent) for kind, spent in seconds.items()})

    def seconds(self) -> dict[str, float]:
        """How long a call of each kind takes while few are in flight, where that is known."""
        return {kind: known.mean * self._unit for kind, known in self.kinds.items() if known.is_known}

    def sent(self, kind: str) -> bool:
        """Whether this call is one of the first of its kind."""
        known = self.kinds.get(kind)
        if known is None:
            if len(self.kinds) >= MOST_KINDS:
                return False
            known = self.kinds[kind] = Kind()
        known.sent += 1
        return known.sent <= FIRST

    def answered(self, ticket: Ticket, seconds: float) -> float | None:
        """The call was accepted and took so long. That in units, if it can be told."""
        known = self.kinds.get(ticket.kind)
        if known is None:  # one kind too many
            return None
        if ticket.first:
            known.done += 1
            known.seconds += seconds
        if not known.is_known:
            return None
        usual = known.mean * self._unit
        units = seconds / usual
        self._fresh += 1
        weight = max(WEIGHT, 1 / self._fresh)
        self.latency += weight * (units - self.latency)
        self.ahead += weight * (ticket.ahead - self.ahead)
        self._excess += weight * (seconds - usual - self._excess)
        if self.trial is not None:
            self.trial.add(ticket, units)
        self._notice_faster(ticket, units)
        return units

    def try_cut(self, limit: float, total: int) -> float | None:
        """A lower limit to try after `total` calls were sent, if the server seems to queue."""
        if self.latency < STRAINED or self._excess < NOTICEABLE or self._fresh < FIRST:
            return None
        cut = max(1.0, ROOM * self.ahead / self.latency)
        if cut >= 0.75 * limit:
            return None
        self.trial = Trial(limit, self.latency, self.ahead, after=total, need=max(FIRST, int(cut)))
        return cut

    def judge(self) -> Trial | None:
        """The trial, if it has just ended."""
        trial = self.trial
        if trial is None or trial.new.done < 0.9 * trial.need:
            return None
        self.trial = None
        self._fresh = 0
        if not trial.helped:
            self._unit *= trial.new.latency
        return trial

    def _notice_faster(self, ticket: Ticket, units: float) -> None:
        # By the order of sending: among the first to be answered the short calls would prevail.
        if self._block_after < ticket.count <= self._block_after + BLOCK:
            self._block.add(ticket, units)
        if self._block.done >= 0.9 * BLOCK:
            if self._block.latency < 0.8:
                self._unit *= self._block.latency
            self._block, self._block_after = Answers(), max(ticket.count, self._block_after + BLOCK)
