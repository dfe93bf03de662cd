"""A call's ticket at the gate."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class QueuedCall:
    """One call: its turn, and how things stood when it was sent."""

    rank: tuple[int, ...] = ()
    number: int = 0  # in the order of coming
    kind: str = ""  # calls of one kind take about the same time
    not_before: float = 0.0  # what the server asked a refused call to wait for
    waiter: asyncio.Future[None] | None = None
    in_flight: bool = False
    sent: float = 0.0
    count: int = 0  # calls sent until then, this one included
    ahead: int = 0  # calls in flight then, this one included
    epoch: int = 0  # bursts of refusals until then
    first: bool = False  # one of the first of its kind
    doubts: bool = False  # sent against an announced rate, to see whether it is meant

    def __lt__(self, other: QueuedCall) -> bool:
        """Between two entries of one call in line, the first of them left by its caller, order does not matter."""
        return False
