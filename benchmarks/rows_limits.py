"""The rows that show how the gate finds its way: A, B, B2, Q, K, N, and `auto`. Each one measures and judges itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.processes import asked, endpoint
from benchmarks.scenarios import SCENARIOS, seconds_of
from benchmarks.schedule import list_schedule, paced
from benchmarks.table import Figure

QUICK = 10  # so many times fewer calls


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """So many calls against one kind of endpoint, and what is to come out. None: not judged."""

    row: str
    scenario: str
    text: str
    calls: int
    ceiling: int
    times: float
    places: int = 0  # of the ideal; 0: paced at the announced rate
    refused: int | None = None
    in_flight: float | None = None

    def ideal(self, calls: int) -> float:
        scenario = SCENARIOS[self.scenario]
        if not self.places:
            return paced(calls, rate=scenario.rate, burst=scenario.burst, seconds=scenario.seconds)
        return list_schedule((seconds_of(scenario, str(number)) for number in range(calls)), self.places)

    def to_reach(self) -> str:
        parts = [f"<= {self.times:g}", "0 lost"]
        if self.refused is not None:
            parts.append(f"<= {self.refused} refused")
        if self.in_flight is not None:
            parts.append(f"<= {self.in_flight:g} in flight")
        return ", ".join(parts)

    def figures(self, *, quick: bool) -> Iterator[Figure]:
        calls = self.calls // QUICK if quick else self.calls
        with endpoint(self.scenario) as server:
            ours = asked(server, "ours", calls, self.ceiling)
            plain = asked(server, "openai", calls, self.ceiling)
        ideal, served = self.ideal(calls), ours["server"]
        times = ours["seconds"] / ideal
        lost = ours["lost"] + ours["wrong"]
        yield Figure(
            row=self.row,
            work=f"{calls} calls, ceiling {self.ceiling}, {self.text}",
            ideal=f"{ideal:.2f} s",
            ours=f"{ours['seconds']:.2f} s",
            times=times,
            lost=lost,
            refused=served["refused"],
            in_flight=served["mean_later"],
            plain=f"{plain['seconds']:.1f} s, {plain['lost']} lost",
            to_reach=self.to_reach(),
            reached=times <= self.times
            and not lost
            and (self.refused is None or served["refused"] <= self.refused)
            and (self.in_flight is None or served["mean_later"] <= self.in_flight),
        )


def free_way(*, quick: bool) -> Iterator[Figure]:
    """N: an endpoint without any limit is not throttled."""
    calls = 4000 // QUICK if quick else 4000
    with endpoint("N") as server:
        without = asked(server, "gateless", calls, 200)
        ours = asked(server, "ours", calls, 200)
        plain = asked(server, "openai", calls, 200)
    ideal = list_schedule([0.3] * calls, 200)
    against = ours["seconds"] / without["seconds"]
    yield Figure(
        row="N",
        work=f"{calls} calls, ceiling 200, 0.3 s, no limit at all",
        ideal=f"{ideal:.2f} s",
        ours=f"{ours['seconds']:.2f} s; without a gate {without['seconds']:.2f} s: {against:.3f}",
        times=ours["seconds"] / ideal,
        lost=ours["lost"] + ours["wrong"],
        refused=ours["server"]["refused"],
        in_flight=ours["server"]["mean_later"],
        plain=f"{plain['seconds']:.1f} s, {plain['lost']} lost",
        to_reach="<= 1.1 of the same client without a gate, 0 lost",
        reached=against <= 1.1 and not ours["lost"] + ours["wrong"],
    )


WORKS = (
    Work(row="A", scenario="A", text="0.3 s each", calls=1000, ceiling=20, places=20, times=1.02),
    Work(
        row="B",
        scenario="B",
        text="0.3 s, 20/s announced (burst 20)",
        calls=600,
        ceiling=50,
        times=1.02,
        refused=30,
    ),
    Work(
        row="B2",
        scenario="B2",
        text="0.3 s, 20/s (burst 20), `Retry-After: 1` only",
        calls=600,
        ceiling=50,
        times=1.03,
        refused=60,
    ),
    Work(
        row="Q",
        scenario="Q",
        text="0.3 s, 16 places, the rest queues",
        calls=1000,
        ceiling=200,
        places=16,
        times=1.05,
        in_flight=32,
    ),
    Work(
        row="Q lognormal",
        scenario="Q-lognormal",
        text="the same, sigma 0.4",
        calls=1000,
        ceiling=200,
        places=16,
        times=1.05,
        in_flight=32,
    ),
    Work(
        row="Q two-speed",
        scenario="Q-two-speed",
        text="the same, half of them 5 times longer",
        calls=1000,
        ceiling=200,
        places=16,
        times=1.05,
        in_flight=32,
    ),
    Work(
        row="K",
        scenario="K",
        text="0.3 s, above 16 in flight refused with `Retry-After: 1`",
        calls=1000,
        ceiling=200,
        places=16,
        times=1.15,
    ),
)

Row = Callable[..., Iterator[Figure]]
ROWS: dict[str, Row] = {work.row.replace(" ", "-"): work.figures for work in WORKS} | {"N": free_way}
