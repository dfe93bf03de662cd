"""The shortest time that any client could need: the ideal beside each figure. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """How long it takes, and which jobs of the same graph must be over before it."""

    seconds: float
    after: tuple[str, ...] = ()


Graph = Mapping[str, Job]


def list_schedule(seconds: Iterable[float], places: int) -> float:
    """When the last call ends, if each goes to the place that is free first."""
    free = [0.0] * places
    for spent in seconds:
        heapq.heapreplace(free, free[0] + spent)
    return max(free)


def paced(calls: int, *, rate: float, burst: float, seconds: float) -> float:
    """When the last call ends, if `burst` of them may go at once and the others at `rate`."""
    return max(0.0, calls - burst) / rate + seconds


def graph_schedule(graph: Graph, copies: int, places: int) -> float:
    """When the last job of all copies ends: of those that may begin, the longest remaining path goes first."""
    remaining = {name: _remaining(graph, name) for name in graph}
    following = {name: [other for other, job in graph.items() if name in job.after] for name in graph}
    open_before = [{name: len(job.after) for name, job in graph.items()} for _ in range(copies)]
    ready = [(-remaining[name], copy, name) for copy in range(copies) for name, job in graph.items() if not job.after]
    heapq.heapify(ready)
    running: list[tuple[float, int, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < places:
            _, copy, name = heapq.heappop(ready)
            heapq.heappush(running, (now + graph[name].seconds, copy, name))
        now = running[0][0]
        while running and running[0][0] == now:
            _, copy, name = heapq.heappop(running)
            for other in following[name]:
                open_before[copy][other] -= 1
                if not open_before[copy][other]:
                    heapq.heappush(ready, (-remaining[other], copy, other))
    return now


def _remaining(graph: Graph, name: str) -> float:
    """The longest path from the beginning of this job to the end of its graph."""
    following: Sequence[str] = [other for other, job in graph.items() if name in job.after]
    return graph[name].seconds + max((_remaining(graph, other) for other in following), default=0.0)
