"""What one run finds out about an endpoint and model, so that the next begins right. Values only; stores nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_KINDS = 100


@dataclass(frozen=True, slots=True)
class Learned:
    """0 or empty: not known. `dataclasses.asdict` makes JSON of it, `read` makes it of JSON."""

    limit: int = 0  # calls in flight
    places: bool = False  # the server refuses what is above `limit`
    queues: bool = False  # the server queues what is above `limit`
    rate: float = 0.0  # calls per second
    burst: int = 0  # calls that may go at once before the rate counts
    seconds: dict[str, float] = field(
        default_factory=dict
    )  # how long a call of each kind takes while few are in flight

    @classmethod
    def read(cls, value: object) -> Learned:
        """From JSON that anybody may have edited; what makes no sense is not known."""
        found = value if isinstance(value, Mapping) else {}
        times = found.get("seconds")
        times = times if isinstance(times, Mapping) else {}
        seconds = {str(kind): _positive(spent) for kind, spent in list(times.items())[:MOST_KINDS]}
        return cls(
            limit=int(_positive(found.get("limit"))),
            places=found.get("places") is True,
            queues=found.get("queues") is True,
            rate=_positive(found.get("rate")),
            burst=int(_positive(found.get("burst"))),
            seconds={kind: spent for kind, spent in seconds.items() if spent},
        )


def _positive(value: object) -> float:
    """A number above 0 that something real may have, or 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0.0
    return float(value) if 0 < value < 1e9 else 0.0
