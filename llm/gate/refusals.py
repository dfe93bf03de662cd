"""What do refusals mean? A limit on calls in flight and a limit on calls per second both answer 429.

Refusals of calls that were sent under one picture of things are one burst. Two bursts at the same number in flight
but at different rates mean places; at different numbers in flight they mean a rate. Changes no limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from llm.gate.queued_call import QueuedCall

SAME_HELD = 0.1  # two numbers in flight that differ by no more (or by 1) are the same
SAME_RATE = 0.15
STILL_PLACES = 0.75  # known places: fewer by no more than this, and they are still places
SHORTEST_CREEP, LONGEST_CREEP = 1.0, 8.0  # seconds
DEEPEST_CUT = 0.7  # of a pace, by one burst


class Meaning(Enum):
    UNKNOWN = auto()
    OUTAGE = auto()  # nothing was accepted since the burst before
    PLACES = auto()
    RATE = auto()


@dataclass(slots=True)
class Burst:
    """Refusals of calls that were sent before the first of them came back."""

    sent: float  # when the first of them was sent
    accepted: int  # calls accepted until then, over all
    held: int  # the least that was in flight while they came: what the server took and did not refuse
    places: int  # as known before, 0: none
    pace: float  # as held before, 0: none
    answers: int = 0  # that have come since
    rate: float = 0.0  # calls accepted per second since an earlier burst
    creep: float = 1.0  # seconds


@dataclass(slots=True)
class Refusals:
    """`epoch` counts the bursts, `barren` those in a row between which nothing was accepted."""

    total: int = 0
    epoch: int = 0
    barren: int = 0
    _burst: Burst | None = None
    _previous: Burst | None = None
    _barren_before: int = 0
    _anchor: Burst | None = None  # the burst from which accepted calls per second are counted

    def answered(self) -> bool:
        """A call was accepted and answered. True if that ends an outage."""
        if self._burst is not None:
            self._burst.answers += 1
        if not self.barren:
            return False
        self.barren = 0
        self._burst = self._previous = self._anchor = None
        return True

    def add(
        self, queued: QueuedCall, sent: int, in_flight: int, wait: float, places: int, pace: float
    ) -> tuple[Burst, bool]:
        """The burst that the refusal of `ticket` belongs to, and whether it opens it. `sent`: calls, over all."""
        self.total += 1
        burst = self._burst
        opens = burst is None or queued.epoch == self.epoch
        if burst is None or opens:
            self.epoch += 1
            if burst is not None and (self._anchor is None or burst.rate):
                self._anchor = burst
            self._barren_before = self.barren
            self._previous, self._burst = burst, Burst(queued.sent, sent, in_flight, places, pace)
            burst = self._burst
        # Calls overtake each other on their way: only the last refusal of a burst shows what was accepted before it.
        burst.accepted = min(burst.accepted, sent - self.total)
        burst.held = min(burst.held, in_flight + burst.answers)
        anchor = self._anchor
        accepted = burst.accepted - (anchor.accepted if anchor is not None else 0)
        previous = self._previous
        if previous is None or burst.sent - previous.sent >= 0.9 * wait:
            since = burst.accepted - (previous.accepted if previous is not None else 0)
            self.barren = self._barren_before + 1 if since <= 0 else 0
        if anchor is not None and burst.sent - anchor.sent >= 1.25 * wait:
            # A shorter span would mostly count what a bucket had saved up.
            burst.rate = max(0.0, accepted / (burst.sent - anchor.sent))
        return burst, opens

    def meaning(self) -> Meaning:
        """Of the present burst. May change while the burst lasts."""
        burst, previous = self._burst, self._previous
        if burst is None:
            return Meaning.UNKNOWN
        if self.barren:
            return Meaning.OUTAGE
        held_before = burst.places or (previous.held if previous is not None else 0)
        same_held = held_before > 0 and abs(burst.held - held_before) <= max(1.0, SAME_HELD * held_before)
        rate_before = previous.rate if previous is not None else 0.0
        same_rate = _close(burst.rate, rate_before)
        no_more = bool(burst.places) and STILL_PLACES * burst.places <= burst.held <= burst.places
        if no_more or (same_held and not (same_rate and burst.pace)):
            return Meaning.PLACES
        return Meaning.RATE if self.pace() > 0 else Meaning.UNKNOWN

    def creep_every(self) -> float:
        """Seconds between two steps up from that rate: longer each time it proves right."""
        burst, previous = self._burst, self._previous
        if burst is None or previous is None or not _close(burst.rate, previous.rate):
            return SHORTEST_CREEP
        burst.creep = min(LONGEST_CREEP, 2 * previous.creep)
        return burst.creep

    def pace(self) -> float:
        """The rate that the present burst tells, 0 if none."""
        burst = self._burst
        if burst is None or not burst.pace:
            return burst.rate if burst is not None else 0.0
        return min(burst.pace, max(burst.rate, DEEPEST_CUT * burst.pace)) if burst.rate else 0.85 * burst.pace


def _close(rate: float, other: float) -> bool:
    return min(rate, other) > 0 and abs(rate / other - 1) <= SAME_RATE
