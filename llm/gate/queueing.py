"""Does the server queue instead of refusing? More calls in flight then bring latency and nothing else.

Latency is counted in units of what a call of its kind took when few were in flight. When it has doubled, the limit
is cut to what the server seems to work on at once, as a trial: if latency does not fall with the cut, the server was
merely slow, and the cut is taken back. A server that is known to queue is tried again now and then, one step up or
down. Knows nothing of refusals, rates or time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from llm.gate.learned import MOST_KINDS, Learned
from llm.gate.queued_call import QueuedCall

FIRST = 16  # calls of a kind, the first ones sent, that tell how long it takes
WEIGHT = 1 / 16  # of one answer in the running means
STRAINED = 2.0  # latency, in units, at which a cut is tried
NOTICEABLE = 0.1  # seconds above the usual; less is nobody's queue
LAGS = 20  # of this program, a few more than there are in a call: if they explain the latency, the queue is here
ROOM, SMALL_ROOM = 1.5, 1.25  # the limit over what the server seems to work on at once, at first and when tried
STEP = 1.25  # up or down, once the server is known to queue
STEP_CALLS = 48  # that are looked at after such a step
PAUSE = 64  # answers between two steps, more each time that nothing better is found
LONGEST_PAUSE = 1024
FASTER = 64  # calls, sent one after another, over which a server that became faster is noticed


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
class LatencySums:
    """Sums over some answers."""

    done: int = 0
    relative_latency: float = 0.0
    in_flight: int = 0

    def add(self, queued: QueuedCall, relative_latency: float) -> None:
        self.done += 1
        self.relative_latency += relative_latency
        self.in_flight += queued.ahead

    @property
    def latency(self) -> float:
        return self.relative_latency / self.done

    @property
    def ahead(self) -> float:
        return self.in_flight / self.done


@dataclass(slots=True)
class Trial:
    """A changed limit whose effect is awaited: in the first `need` calls sent after call number `after`."""

    before: float
    after: int
    need: int
    share: float  # of the change, on a scale of ratios, that latency must follow to prove a queue
    old: LatencySums
    new: LatencySums = field(default_factory=LatencySums)
    later: int = 0  # answers to calls sent after these

    @property
    def is_over(self) -> bool:
        """All are answered, or so many later ones that the rest may be lost: the slow ones count too."""
        return self.new.done >= self.need or (self.later >= self.need and self.new.done > 0)

    def add(self, queued: QueuedCall, relative_latency: float) -> None:
        if self.after < queued.count <= self.after + self.need:
            self.new.add(queued, relative_latency)
        elif queued.count > self.after:
            self.later += 1
        elif queued.count > self.after - self.need:
            self.old.add(queued, relative_latency)

    @property
    def enough(self) -> float:
        """The limit that the new answers show to be enough."""
        return max(1.0, SMALL_ROOM * self.new.ahead / max(1.0, self.new.latency))

    @property
    def helped(self) -> bool:
        """A cut helps if latency falls with it, a rise if latency does not rise with it."""
        change = self.new.ahead / self.old.ahead
        return self.new.latency <= self.old.latency * math.pow(change, self.share)


@dataclass(slots=True)
class QueueDetector:
    """Running means over answers: `latency` in units, `ahead` the calls in flight when they were sent."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    latency: float = 1.0
    ahead: float = 0.0
    trial: Trial | None = None
    queues: bool = False  # a cut has helped
    _lag: float = 0.0  # seconds until a caller that may go on does so
    _unit: float = 1.0  # grows when a server has become slower for good
    _excess: float = 0.0  # seconds above what the calls took at first
    _fresh: int = 0  # answers since the last change
    _since: LatencySums = field(default_factory=LatencySums)  # to calls sent since the last change
    _since_call: int = 0
    _step: float = 1 / STEP
    _pause: int = PAUSE
    _block: LatencySums = field(default_factory=LatencySums)
    _block_after: int = 0

    @classmethod
    def knowing(cls, learned: Learned) -> QueueDetector:
        """With what an earlier run found."""
        kinds = {kind: Kind(FIRST, FIRST, FIRST * spent) for kind, spent in learned.seconds.items()}
        return cls(kinds, queues=learned.queues)

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

    def lagged(self, seconds: float) -> None:
        """A caller of this program went on only so much later than it could have."""
        self._lag += WEIGHT * (seconds - self._lag)

    def lost(self, queued: QueuedCall) -> None:
        """The call brought no answer; if it was one of the first, another one takes its part."""
        if queued.first:
            self.kinds[queued.kind].sent -= 1

    def answered(self, queued: QueuedCall, seconds: float) -> float | None:
        """The call was accepted and took so long. That in units, if it can be told."""
        known = self.kinds.get(queued.kind)
        if known is None:  # one kind too many
            return None
        if queued.first:
            known.done += 1
            known.seconds += seconds
        if not known.is_known:
            return None
        usual = known.mean * self._unit
        relative_latency = seconds / usual
        self._fresh += 1
        weight = max(WEIGHT, 1 / self._fresh)
        self.latency += weight * (relative_latency - self.latency)
        self.ahead += weight * (queued.ahead - self.ahead)
        self._excess += weight * (seconds - usual - self._excess)
        if self.trial is not None:
            self.trial.add(queued, relative_latency)
        elif queued.count > self._since_call:
            self._since.add(queued, relative_latency)
        self._notice_faster(queued, relative_latency)
        return relative_latency

    def try_limit(self, limit: float, total: int) -> float | None:
        """Another limit to try after `total` calls were sent, if the server seems to queue."""
        if self.queues:
            if self._since.done < self._pause:
                return None
            changed = max(limit + 1, limit * STEP) if self._step > 1 else max(1.0, limit / STEP)
            self.trial = Trial(limit, total, STEP_CALLS, 0.9, self._since)
        else:
            if self.latency < STRAINED or self._fresh < FIRST or self._excess < max(NOTICEABLE, LAGS * self._lag):
                return None
            changed = max(1.0, ROOM * self.ahead / self.latency)
            if changed > 0.9 * limit:
                return None
            # The old ones among the answers to come were sent into the full queue: they show it best.
            self.trial = Trial(limit, total, max(FIRST, int(changed)), 0.5, LatencySums())
            self.trial.old.done, self.trial.old.relative_latency, self.trial.old.in_flight = (
                1,
                self.latency,
                int(self.ahead),
            )
        return changed

    def judge(self, total: int) -> Trial | None:
        """The trial, if it has just ended, when `total` calls had been sent."""
        trial = self.trial
        if trial is None or not trial.is_over:
            return None
        self.trial = None
        self._fresh = 0
        self._since, self._since_call = LatencySums(), total
        if trial.helped:
            self.queues, self._pause = True, STEP_CALLS
        elif self.queues:
            self._step, self._pause = 1 / self._step, min(LONGEST_PAUSE, max(PAUSE, 2 * self._pause))
        else:
            self._unit *= trial.new.latency
        return trial

    def _notice_faster(self, queued: QueuedCall, relative_latency: float) -> None:
        # By the order of sending: among the first to be answered the short calls would prevail.
        if self._block_after < queued.count <= self._block_after + FASTER:
            self._block.add(queued, relative_latency)
        if self._block.done >= 0.9 * FASTER:
            if self._block.latency < 0.8:
                self._unit *= self._block.latency
            self._block, self._block_after = LatencySums(), max(queued.count, self._block_after + FASTER)
