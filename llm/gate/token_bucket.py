"""Buckets of tokens: one token sends one call, tokens come back at a rate.

`Announced` follows what the server's headers say, `Inferred` what its refusals let us guess. Neither knows how many
calls are in flight, and neither waits.
"""

from __future__ import annotations

import math

from llm.gate.headers import Announcement

LONGEST_STANDSTILL = 120.0  # seconds; no rate, however small, holds calls back for longer
DOUBT_AFTER = 5.0  # seconds of standing still for an announcement that no refusal has confirmed
SMALLEST_CREEP, LARGEST_CREEP = 0.01, 0.1
LEFT_TO_OTHERS = 0.8  # of the announced rate, after a refusal that we had not earned alone
REGAINED = 0.02  # of the announced rate, each second
_ALMOST_ONE = 1 - 1e-6  # sums of many small refills may miss a whole token by a hair


class Bucket:
    """`tokens` now, `most` it can hold, `rate` tokens a second."""

    def __init__(self, rate: float, most: float, tokens: float, now: float) -> None:
        self.rate = max(rate, 1 / LONGEST_STANDSTILL)
        self.most = max(1.0, most)
        self.fill(tokens, now)

    def fill(self, tokens: float, now: float) -> None:
        """So many tokens are there now. A debt is forgotten beyond the longest standstill."""
        self._tokens = min(self.most, max(tokens, 1 - LONGEST_STANDSTILL * self.rate))
        self._at = now

    def tokens(self, now: float) -> float:
        return min(self.most, self._tokens + self.rate * max(0.0, now - self._at))

    def take(self, now: float) -> None:
        self.fill(self.tokens(now) - 1, now)

    def ready_at(self, now: float) -> float:
        """When a token is there."""
        tokens = self.tokens(now)
        return now if tokens >= _ALMOST_ONE else now + (1 - tokens) / self.rate


class Announced(Bucket):
    """The rate in the server's headers; others may be drawing on it as well."""

    def __init__(self, first: Announcement, now: float) -> None:
        super().__init__(first.rate, first.remaining, first.remaining, now)
        self.confirmed = False  # a refusal has shown that the server means it
        self.announced = self.rate
        self._share = 1.0  # of the announced rate that seems to be ours
        self._shared_at = now  # when that was last looked at
        self._heard = -1  # how many calls had been sent when the newest call that was answered went out
        self._sent_at = now
        self._reset_at = math.inf

    def hear(self, said: Announcement, *, sent: float, count: int, total: int, now: float) -> None:
        """Take over what the reply to call number `count` of `total` says. What was said to older calls is stale."""
        if count < self._heard:
            return
        self._heard = count
        self._share = min(1.0, self._share + REGAINED * max(0.0, now - self._shared_at))
        self._shared_at = now
        self.announced = said.rate
        self.rate = max(said.rate * self._share, 1 / LONGEST_STANDSTILL)
        self.most = max(self.most, said.remaining)
        left = said.remaining - (total - count) + self.rate * (now - sent)
        # Calls overtake each other: what one reply says too much, the next ones take back.
        tokens = self.tokens(now)
        self.fill(min(left, max(tokens + 1, (tokens + left) / 2)), now)
        reset_at = math.inf if said.reset is None else sent + said.reset
        self._reset_at = reset_at if reset_at > now else math.inf

    def refuse(self, now: float, *, late: bool) -> None:
        """`late`: the call was sent before the last refusal came, which has told the same."""
        if self.confirmed and not late:
            self._share *= LEFT_TO_OTHERS
        self.confirmed = True
        self.fill(min(0.0, self.tokens(now)), now)

    def doubts(self, now: float) -> bool:
        """Whether a call that goes now goes against the announcement."""
        return self._reset_at > now and super().ready_at(now) > now

    def take(self, now: float) -> None:
        super().take(now)
        self._sent_at = now
        if self._reset_at <= now:
            self._reset_at = math.inf

    def ready_at(self, now: float) -> float:
        """At the reset one call may go: where it renews everything at once, the answer will say so."""
        at = min(super().ready_at(now), self._reset_at)
        return max(now, at if self.confirmed else min(at, self._sent_at + DOUBT_AFTER))


class Inferred(Bucket):
    """The rate at which calls were accepted between two refusals; it creeps up until it is refused again."""

    def __init__(self, rate: float, most: float, now: float, creep_every: float = 1.0) -> None:
        super().__init__(rate, most, 0.0, now)
        self._step = SMALLEST_CREEP
        self._every = creep_every
        self._creep_at = now + creep_every

    def creep(self, now: float) -> None:
        """Called while calls wait for a token."""
        if now >= self._creep_at:
            self.fill(self.tokens(now), now)
            self.rate *= 1 + self._step
            self._step = min(LARGEST_CREEP, 2 * self._step)
            self._creep_at = now + self._every
