"""Where the time went: spans of a run, written as a trace for Perfetto (https://ui.perfetto.dev) or chrome://tracing.

One track for each character, for each place of a call, and for each device that paints. The form is the "Trace Event
Format": complete events (`X`), counters (`C`) and names (`M`), times in microseconds. Knows no stages: a call's item
begins with the character's name and a colon, its purpose with the stage's name and an underscore.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from files import write_json

CHARACTERS, CALLS, DEVICES = 1, 2, 3
_GROUPS = {CHARACTERS: "characters", CALLS: "calls", DEVICES: "painting"}
PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took a while, in seconds of one clock."""

    name: str
    item: str
    started: float
    ended: float
    status: int | None = None  # of a call; None: no answer came

    @property
    def character(self) -> str:
        return self.item.partition(":")[0]

    @property
    def stage(self) -> str:
        return self.name.partition("_")[0]


@dataclass(slots=True)
class Timeline:
    """Everything that took a while in one run."""

    started: float
    calls: list[Span] = field(default_factory=list)
    painted: dict[str, list[Span]] = field(default_factory=dict)  # by device
    limits: Sequence[tuple[float, int, str]] = ()  # of the gate: time, limit, why
    _painting: dict[str, tuple[Sequence[str], float]] = field(default_factory=dict)  # by device: what, since when

    def called(self, purpose: str, item: str, started: float, ended: float, status: int | None) -> None:
        """A call is over, whatever came of it."""
        self.calls.append(Span(purpose, item, started, ended, status))

    def paints(self, device: str, items: Sequence[str], now: float) -> None:
        """The device begins with these pictures, all at once."""
        self._painting[device] = (items, now)

    def rests(self, device: str, now: float) -> None:
        """The device is through with what it has begun."""
        items, since = self._painting.pop(device, ((), now))
        for item in items:
            self.painted.setdefault(device, []).append(Span(PICTURES, item, since, now))

    def write(self, path: Path) -> None:
        """Write the trace. DiskFull when it cannot be written."""
        write_json(path, {"traceEvents": list(self._events()), "displayTimeUnit": "ms"})

    def _events(self) -> Iterator[dict[str, Any]]:
        for group, name in _GROUPS.items():
            yield _meta("process_name", group, 0, name=name)
            yield _meta("process_sort_index", group, 0, sort_index=group)
        yield from self._characters()
        for place, spans in enumerate(_without_overlap(self.calls), 1):
            yield from self._track(CALLS, place, f"place {place}", spans)
        for number, device in enumerate(sorted(self.painted), 1):
            yield from self._track(DEVICES, number, device, self.painted[device])
        for moment, limit, why in self.limits:
            yield {
                "ph": "C",
                "name": "limit of calls",
                "pid": CALLS,
                "tid": 0,
                "ts": self._micros(moment),
                "args": {"calls": limit},
            }
            yield {
                "ph": "i",
                "name": why,
                "cat": "limit",
                "pid": CALLS,
                "tid": 0,
                "s": "p",
                "ts": self._micros(moment),
            }

    def _characters(self) -> Iterator[dict[str, Any]]:
        """For each character its stages, and in them what ran at a time."""
        spans = [*self.calls, *(_of_character(span) for spans in self.painted.values() for span in spans)]
        spans.sort(key=lambda span: (span.character, span.started))
        for number, (character, own) in enumerate(groupby(spans, key=attrgetter("character")), 1):
            stages: dict[str, list[Span]] = {}
            for span in own:
                stages.setdefault(span.stage, []).append(span)
            track = []
            for stage, parts in stages.items():
                track.append(_merged(parts, stage))
                for together in _islands(parts):
                    track.append(_merged(together, ", ".join(dict.fromkeys(span.name for span in together))))
            yield from self._track(CHARACTERS, number, character, track)

    def _track(self, group: int, number: int, name: str, spans: Iterable[Span]) -> Iterator[dict[str, Any]]:
        yield _meta("thread_name", group, number, name=name)
        for span in sorted(spans, key=lambda span: (span.started, -span.ended)):
            yield {
                "ph": "X",
                "name": span.name,
                "cat": span.stage,
                "pid": group,
                "tid": number,
                "ts": self._micros(span.started),
                "dur": self._micros(span.ended) - self._micros(span.started),
                "args": {"item": span.item} | ({"status": span.status} if group == CALLS else {}),
            }

    def _micros(self, moment: float) -> int:
        return round((moment - self.started) * 1e6)


def _meta(what: str, group: int, track: int, **args: object) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": group, "tid": track, "ts": 0, "args": args}


def _without_overlap(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans on as few tracks as hold them, none over another."""
    tracks: list[list[Span]] = []
    busy: list[tuple[float, int]] = []  # until when, which track
    free: list[int] = []
    for span in sorted(spans, key=attrgetter("started")):
        while busy and busy[0][0] <= span.started:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if not free:
            free.append(len(tracks))
            tracks.append([])
        number = heapq.heappop(free)
        tracks[number].append(span)
        heapq.heappush(busy, (span.ended, number))
    return tracks


def _islands(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans, in order of their start, in groups that ran at the same time."""
    islands: list[list[Span]] = []
    until = float("-inf")
    for span in spans:
        if span.started >= until:
            islands.append([])
        islands[-1].append(span)
        until = max(until, span.ended)
    return islands


def _merged(spans: Sequence[Span], name: str) -> Span:
    item = spans[0].item if len(spans) == 1 else f"{spans[0].character}: {len(spans)}"
    return Span(name, item, min(span.started for span in spans), max(span.ended for span in spans))


def _of_character(span: Span) -> Span:
    """A picture, by its id `<character>/<batch>/<post>`, as an item of its character."""
    return Span(span.name, span.item.replace("/", ": ", 1), span.started, span.ended)
