"""How the loopback endpoint behaves in each row of the table, and what it counts.

What a call takes and what goes wrong with it depends on its id alone, so that the ideal can be computed. No network.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

FAULTS = ("500", "reset", "cut", "length", "empty")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """How the endpoint behaves. 0: no such limit."""

    seconds: float = 0.3
    sigma: float = 0.0  # of lognormal latency around `seconds`
    slow: float = 1.0  # half of the calls take so many times longer
    places: int = 0
    queues: bool = True  # what is above `places` waits; otherwise it is refused
    rate: float = 0.0  # calls per second
    burst: float = 20.0
    announces: bool = False  # rate headers on every reply
    faults: float = 0.0  # share of the replies
    hangs: float = 0.0


SCENARIOS = {
    "A": Scenario(),
    "B": Scenario(rate=20.0, announces=True),
    "B2": Scenario(rate=20.0),
    "Q": Scenario(places=16),
    "Q-lognormal": Scenario(places=16, sigma=0.4),
    "Q-two-speed": Scenario(places=16, slow=5.0),
    "K": Scenario(places=16, queues=False),
    "N": Scenario(),
    "C": Scenario(seconds=0.0),
    "F": Scenario(faults=0.1, hangs=0.01),
    "T-auto": Scenario(seconds=3.0, rate=20.0, announces=True),
}


def seconds_of(scenario: Scenario, name: str, seed: int = 0) -> float:
    """How long the call with this id takes: the same in every run, so that the ideal can be computed."""
    if not scenario.sigma and scenario.slow == 1:
        return scenario.seconds
    draw = random.Random(f"{seed} {name}")
    seconds = scenario.seconds * math.exp(draw.gauss(0, scenario.sigma))
    return seconds * (scenario.slow if draw.random() < 0.5 else 1.0)


def fault_of(scenario: Scenario, name: str, attempt: int, seed: int = 0) -> str:
    """What goes wrong with this attempt of the call: "" or one of FAULTS or "hang"."""
    if not scenario.faults and not scenario.hangs:
        return ""
    draw = random.Random(f"{seed} {name} {attempt}")
    chance = draw.random()
    if chance < scenario.hangs:
        return "hang"
    return draw.choice(FAULTS) if chance < scenario.hangs + scenario.faults else ""


@dataclass(slots=True)
class Counts:
    """What has happened since the last reset."""

    calls: int = 0
    refused: int = 0
    answered: Counter[str] = field(default_factory=Counter)  # by id
    faults: Counter[str] = field(default_factory=Counter)
    levels: list[tuple[float, int]] = field(default_factory=list)  # (time, in flight), at every change

    def as_json(self) -> dict[str, Any]:
        late = self._after_the_first_tenth()
        span = late[-1][0] - late[0][0] if late else 0.0
        area = sum(level * (end - start) for (start, level), (end, _) in pairwise(late))
        return {
            "calls": self.calls,
            "refused": self.refused,
            "answered": sum(self.answered.values()),
            "faults": dict(self.faults),
            "repeated": sum(count - 1 for count in self.answered.values()),
            "ids": dict(self.answered),
            "seconds": self.levels[-1][0] - self.levels[0][0] if self.levels else 0.0,
            "peak": max((level for _, level in self.levels), default=0),
            "peak_later": max((level for _, level in late), default=0),
            "mean_later": area / span if span else 0.0,
        }

    def _after_the_first_tenth(self) -> list[tuple[float, int]]:
        """The levels after the first tenth of the time between the first call and the last answer."""
        if not self.levels:
            return []
        begin, end = self.levels[0][0], self.levels[-1][0]
        since = begin + (end - begin) / 10
        before = [level for time, level in self.levels if time <= since]
        return [(since, before[-1]), *(entry for entry in self.levels if entry[0] > since)]
