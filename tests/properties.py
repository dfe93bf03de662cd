"""How properties are tried: the same examples in every run, and as many as a second or two allows."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

steady = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
many = settings(steady, max_examples=400)
