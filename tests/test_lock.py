"""The lock file pins what requirements.txt asks for, within its ranges, and all that this needs."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from tests.lock import ROOT, locked, pins, required


def test_every_requirement_is_pinned_within_its_range() -> None:
    there = locked()
    for one in required(ROOT / "requirements.txt"):
        assert one.specifier.contains(there[canonicalize_name(one.name)]), one


def test_what_requirements_need_is_pinned_too() -> None:
    assert not set(pins()) - set(locked()), "python -m tests.lock writes the lock file anew"
