"""How many calls may be in flight, and when the next one may go. The only place that adapts.

It starts low enough to offend nobody, grows quickly until something gives, and then takes it for what it means: an
announced rate is paced to, refusals mean places or a rate, latency without refusals means a queue. Knows calls by
their tickets; waits for nobody.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping

from llm.gate.headers import announcement, wait_seconds
from llm.gate.learned import Learned
from llm.gate.queued_call import QueuedCall
from llm.gate.queueing import QueueDetector
from llm.gate.refusals import Burst, Meaning, Refusals
from llm.gate.token_bucket import Announced, Bucket, Inferred
from settings import MOST_CONCURRENT

REFUSED = frozenset({429, 503, 529})
START = 32
QUICK_GROWTH = 5.0  # added by each answer in the beginning
SOFT_GROWTH = 1 / 8  # added later by each answer: an eighth per round trip
EASY = 1.2  # latency, in units of the usual, up to which it grows
BLIND = 128.0  # as far as it grows before it is known how long a call takes
QUEUED = "more calls in flight brought latency and no throughput"
PATIENCE = 1.0  # seconds without any answer after which the beginning goes on growing
SHORTEST_WAIT, LONGEST_BACKOFF = 0.25, 4.0  # seconds after a refusal that does not say how long
LONGEST_PROBE_GAP = 60.0
LISTEN_EVERY = 0.005  # seconds between two answers whose announced rate is read; reading is slow
SELDOM = 8  # of so many answers one is looked at for an announced rate, if the first ones had none
ONE_MOMENT = 0.02  # seconds; of the changes within it the history keeps the last
WORTH_SAYING = 5.0  # seconds of waiting


class Limit:
    """`value` calls may be in flight; `why` says why that changed last."""

    def __init__(self, ceiling: int | None, learned: Learned, longest_wait: float, say: Callable[[str], None]) -> None:
        self.ceiling = MOST_CONCURRENT if ceiling is None else max(1, ceiling)
        self.value = float(min(self.ceiling, learned.limit or START))
        self.why = "what the last run found" if learned.limit else "the start"
        self.history: deque[tuple[float, int, str]] = deque(maxlen=10_000)
        self._longest_wait = longest_wait
        self._say = say
        self._learned = learned
        self._strain = QueueDetector.knowing(learned)
        self._refusals = Refusals()
        self._starting = not learned.limit
        self._places = int(self.value) if learned.places else 0
        self._announced: Announced | None = None
        self._listen_at = 0.0
        self._disbelieved = False  # an announced rate was shown to be wrong
        self._inferred: Bucket | None = None
        self._cool_until = 0.0
        self._refused_at = self._burst_at = -math.inf
        self._outage_at: float | None = None
        self._say_after = 0.0
        self._heard_at: float | None = None
        self._total = self._answers = 0
        self._probe_at, self._probe_gap, self._probe_step = 0.0, 1.0, 1

    def opens_at(self, now: float, in_flight: int) -> float:
        """When the next call may go; infinity: after an answer. Asked only while a call wants to go."""
        if in_flight >= int(self.value):
            stretch_at = self._stretch_at(now)
            if now < stretch_at:
                return stretch_at
            self._stretch(now)
        at = self._cool_until
        for bucket in (self._announced, self._inferred):
            if bucket is not None:
                at = max(at, bucket.ready_at(now))
        if at > now and isinstance(self._inferred, Inferred):
            self._inferred.creep(now)
        return at

    def sent(self, queued: QueuedCall, now: float, in_flight: int) -> None:
        """The call has just been sent, as one of `in_flight`."""
        if self._heard_at is None:
            self._begin(now)
        self._total += 1
        queued.sent, queued.epoch, queued.ahead, queued.count = now, self._refusals.epoch, in_flight, self._total
        queued.first = self._strain.sent(queued.kind)
        if self._announced is not None:
            queued.doubts = self._announced.doubts(now)
            self._announced.take(now)
        if self._inferred is not None:
            self._inferred.take(now)

    def resumed(self, queued: QueuedCall, now: float) -> None:
        """The caller goes on only now; it was let through when its call counted as sent."""
        self._strain.lagged(now - queued.sent)

    def answered(
        self,
        queued: QueuedCall,
        now: float,
        status: int | None,
        headers: Mapping[str, str],
        in_flight: int,
        wanted: bool,
    ) -> None:
        """The call is over; `in_flight` others are not. `wanted`: somebody waits for its place."""
        self._heard_at = now
        if status is None or not 200 <= status < 300:
            self._strain.lost(queued)
        if status in REFUSED:
            self._refuse(queued, now, headers, in_flight)
        elif status is not None and 200 <= status < 300:
            self._answers += 1
            if now >= self._listen_at and (self._announced or self._answers <= START or self._answers % SELDOM == 0):
                self._hear(queued, now, headers, refused=False)
            if self._refusals.answered():
                self._starting, self._outage_at = True, None
            self._weigh(queued, now, wanted)

    def learned(self) -> Learned:
        """For the next run. What was not needed to be found out stays unknown."""
        rate = self._announced.announced if self._announced else self._inferred.rate if self._inferred else 0.0
        burst = self._announced.most if self._announced else self._inferred.most if self._inferred else 0.0
        found = self._places or self._strain.queues or self.value > START or self.value >= self.ceiling
        limit = min(self._places or self.ceiling, int(self.value)) if found else 0
        return Learned(limit, bool(self._places), self._strain.queues, rate, int(burst), self._strain.seconds())

    def _begin(self, now: float) -> None:
        self._heard_at = self._probe_at = now
        self.history.append((now, int(self.value), self.why))
        if self._learned.rate and self._learned.burst:
            self._inferred = Inferred(self._learned.rate, self._learned.burst, now)
            self._inferred.fill(self._learned.burst, now)

    def _set(self, now: float, value: float, why: str) -> None:
        before = int(self.value)
        self.value = max(1.0, min(float(self.ceiling), value))
        if int(self.value) != before:
            self.why = why
            if self.history and now - self.history[-1][0] < ONE_MOMENT:
                self.history.pop()
            self.history.append((now, int(self.value), why))

    # Growing, and latency

    def _stretch_at(self, now: float) -> float:
        """When a full limit grows although nothing was answered."""
        if self.value >= self.ceiling or now < self._cool_until or self._heard_at is None:
            return math.inf
        if self._starting:
            return self._heard_at + PATIENCE
        return self._probe_at if self._places else math.inf

    def _stretch(self, now: float) -> None:
        if self._starting:
            self._heard_at = now
            self._set(now, min(2 * self.value, max(self.value, BLIND)), "growing: nothing refused, no answer yet")
            return
        self._set(now, self.value + self._probe_step, "trying whether there are more places")
        self._probe_step *= 2
        self._probe_at = now + self._probe_gap

    def _weigh(self, queued: QueuedCall, now: float, wanted: bool) -> None:
        """What the time that an accepted call took says about the limit."""
        strain = self._strain
        relative_latency = strain.answered(queued, now - queued.sent)
        ended = strain.judge(self._total)
        if ended is not None:
            if ended.helped:
                self._set(now, min(self.value, ended.enough) if self._starting else self.value, QUEUED)
                self._starting = False
            else:
                self._set(now, ended.before, "another limit was no better")
        elif wanted and strain.trial is None:
            changed = strain.try_limit(self.value, self._total)
            if changed is not None:
                more = changed > self.value
                self._set(now, changed, "trying more: the server may have room" if more else QUEUED)
            elif self.value < self.ceiling and queued.epoch == self._refusals.epoch:
                self._grow(now, relative_latency)

    def _grow(self, now: float, relative_latency: float | None) -> None:
        if self._starting:
            if relative_latency is None:
                self._set(now, min(self.value + QUICK_GROWTH, max(self.value, BLIND)), "growing: nothing refused")
            elif relative_latency <= EASY and self._strain.latency <= EASY:
                self._set(now, self.value + QUICK_GROWTH, "growing: nothing refused")
        elif not self._places and not self._strain.queues and self._strain.latency <= EASY:
            self._set(now, self.value + max(1 / self.value, SOFT_GROWTH), "growing gently")

    # Announced rates

    def _hear(self, queued: QueuedCall, now: float, headers: Mapping[str, str], *, refused: bool) -> bool:
        """Follow the rate that the headers announce. True if it explains a refusal."""
        if self._announced is not None and queued.doubts and not refused and not self._announced.confirmed:
            self._announced, self._disbelieved = None, True
        said = announcement(headers)
        explains = said is not None and refused and said.remaining < 1
        if said is None or (self._disbelieved and not explains):
            return False
        if self._announced is None:
            self._announced = Announced(said, now)
            self._disbelieved, self._starting, self._places, self._inferred = False, False, 0, None
            self._set(now, self.ceiling, f"the server announces {said.rate:.3g} calls a second")
        self._listen_at = now + LISTEN_EVERY
        self._announced.hear(said, sent=queued.sent, count=queued.count, total=self._total, now=now)
        if explains:
            self._announced.refuse(now, late=queued.sent <= self._refused_at)
            self._refused_at = now
        return explains

    # Refusals

    def _refuse(self, queued: QueuedCall, now: float, headers: Mapping[str, str], in_flight: int) -> None:
        wait = wait_seconds(headers, self._longest_wait)
        if not wait:
            wait = min(LONGEST_BACKOFF, SHORTEST_WAIT * 2**self._refusals.barren)
        queued.not_before = now + wait
        if self._hear(queued, now, headers, refused=True):
            self._refusals.total += 1
            self._cool(now, wait)
            return
        pace = self._inferred.rate if self._inferred is not None else 0.0
        burst, opens = self._refusals.add(queued, self._total, in_flight, wait, self._places, pace)
        if opens:
            self._starting = False
            self._burst_at = now
        meaning = self._refusals.meaning()
        if meaning is Meaning.PLACES:
            self._keep_places(burst, now, wait, opens)
            return
        self._places = 0
        self._cool(self._burst_at, wait)  # each call waits from its own refusal, the others from the first
        if meaning is Meaning.RATE:
            pace = self._refusals.pace()
            self._inferred = Inferred(pace, pace * wait, now, creep_every=self._refusals.creep_every())
            self._set(now, self.ceiling, f"refusals tell a rate of {pace:.3g} calls a second")
        else:
            self._inferred = None
            held = burst.held
            if meaning is Meaning.OUTAGE:
                held = 1
                self._endure(now)
            self._set(now, min(self.value, held), "the server refuses calls")

    def _keep_places(self, burst: Burst, now: float, wait: float, opens: bool) -> None:
        """The others need not wait: only calls above the number of places are refused."""
        self._inferred = None
        self._cool_until = min(self._cool_until, now)
        self._places = max(burst.places, burst.held)
        self._set(now, burst.held, f"the server has {burst.held} places")
        if opens:
            self._probe_gap = min(LONGEST_PROBE_GAP, 2 * self._probe_gap) if burst.places else max(wait, 0.5)
            self._probe_step = 1
        self._probe_at = now + self._probe_gap

    def _cool(self, now: float, wait: float) -> None:
        if wait >= WORTH_SAYING and now + wait > self._cool_until + WORTH_SAYING:
            self._say(f"The endpoint refuses calls for now; waiting {wait:.0f} seconds.")
        self._cool_until = max(self._cool_until, now + wait)

    def _endure(self, now: float) -> None:
        """Nothing at all is accepted: go on trying with one call, and say so less and less often."""
        if self._outage_at is None:
            self._outage_at, self._say_after = now, 2 * WORTH_SAYING
        elif now - self._outage_at >= self._say_after:
            self._say(f"The endpoint has refused every call for {now - self._outage_at:.0f} seconds; still trying.")
            self._say_after *= 2
