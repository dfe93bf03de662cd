"""What each device has done so far, for the bar and for the closing table. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from images.pool.slot import DeviceSlot
from progress.translate import translated


def counts(slots: Sequence[DeviceSlot]) -> str:
    """How many pictures each device has painted, where there are several: "gpu 0: 12, gpu 1: 11"."""
    if len(slots) == 1 or not any(slot.pictures for slot in slots):
        return ""
    return ", ".join(f"{slot.device.short}: {slot.pictures}" for slot in slots)


def rows(slots: Sequence[DeviceSlot]) -> list[tuple[str, str]]:
    """A row for each device that painted or failed to."""
    return [(slot.device.short, _words(slot)) for slot in slots if slot.pictures or slot.restarts or slot.retired]


def _words(slot: DeviceSlot) -> str:
    parts = [f"{slot.pictures} made", f"{slot.busy_share:.0%} of the time busy"]
    if slot.restarts:
        parts.append(f"restarted {slot.restarts} times")
    if slot.retired:
        parts.append("given up")
    return ", ".join(map(translated, parts))
