"""What has happened in a run, and the telling of it. Knows nothing of stages: it counts named things.

People read stderr. An event only counts; a timer draws (`tick`), so that a thousand events a second cost no more than
ten. How it looks while it runs stands in bars.py.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from errors import DramatisError
from progress.bars import Bars, Lines
from progress.counts import Count, duration
from progress.translate import padded, translated

LABEL = 13  # columns of the closing table's first word
MOST_CAUSES = 10
MOST_ITEMS = 3  # named with each cause


@dataclass(frozen=True, slots=True)
class Hole:
    """An item without a result, and why. `remedy` says what to do about it."""

    kind: str
    item: str
    cause: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a check still objects to in an item that is there."""

    kind: str
    item: str
    sentence: str


@dataclass(slots=True)
class Progress:
    """What has happened so far. `verbosity`: -1 quiet, 0 normal, 1 details.

    `facts` are asked for a few words each time something is drawn: calls in flight, money, GPUs.
    """

    verbosity: int = 0
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    counts: dict[str, Count] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)  # what a reader should open or hand to the next command
    facts: list[Callable[[], str]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)  # of single stages, for the report
    rows: list[tuple[str, str]] = field(default_factory=list)  # of single stages, for the closing table
    started: float = 0.0
    _view: Bars | Lines = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()
        self._view = Bars(self.stream) if self.stream.isatty() else Lines(self.stream)

    @property
    def interval(self) -> float:
        """Seconds from one `tick` to the next."""
        return self._view.interval

    def expect(self, kind: str, number: int) -> None:
        """Announce `number` more items of `kind`."""
        self.counts.setdefault(kind, Count()).total += number

    def made(self, kind: str, *, before: bool = False) -> None:
        """One item is done; `before`: an earlier run had done it."""
        count = self.counts.setdefault(kind, Count())
        if before:
            count.before += 1
        else:
            count.made += 1

    def hole(self, kind: str, item: str, cause: str, remedy: str = "") -> None:
        """One item stays empty. Said at once, and again in the closing table."""
        self.counts.setdefault(kind, Count()).holes += 1
        self.holes.append(Hole(kind, item, cause, remedy))
        self._write(f"✗ {item}: {translated(cause)} {translated(remedy)}".rstrip())

    def noted(self, kind: str, item: str, sentences: Iterable[str]) -> None:
        """Remember what a check still objects to. Counted in the closing table, told in the report."""
        self.notes += [Note(kind, item, sentence) for sentence in sentences]

    def scored(self, item: str, score: float) -> None:
        """Remember how good a judge found an item, from 0 to 10."""
        self.scores[item] = score

    def say(self, line: str, *, at: int = 0) -> None:
        """A line for people. `at`: the verbosity from which it shows."""
        if self.verbosity >= at:
            self._write(translated(line))

    def fail(self, error: DramatisError) -> None:
        """What ended the run, and what to do about it."""
        self._write(f"✗ {told(error)}")

    def wrote(self, path: object) -> None:
        """Remember a file that the reader will want to open."""
        self.written.append(str(path))

    def seconds(self) -> float:
        return self.clock() - self.started

    def tick(self) -> None:
        """Draw how far everything has come."""
        now = self.clock()
        for count in self.counts.values():
            count.sample(now, self.interval)
        if self.verbosity >= 0 and any(count.total for count in self.counts.values()):
            facts = [words for fact in self.facts if (words := fact())]
            self._view.draw(now - self.started, self.counts, facts)

    def close(self) -> None:
        """Take the bars away."""
        self._view.close()

    def table(self, rows: Sequence[tuple[str, str]] = (), then: str = "") -> list[str]:
        """The closing lines: what was done, what was there before, what is missing and why.

        `rows`: more of them, each a word and what stands behind it. `then`: the next command to type.
        """
        closing = [(kind, _parts(count)) for kind, count in self.counts.items() if count.total or count.settled]
        if self.notes:
            kinds = Counter(note.kind for note in self.notes)
            counted = ", ".join(translated(f"{number} on {kind}") for kind, number in kinds.items())
            closing.append(("notes", translated(f"{counted} (in their files, and in the report)")))
        if self.scores:
            mean = sum(self.scores.values()) / len(self.scores)
            worst = min(self.scores, key=lambda item: self.scores[item])
            closing.append(("scores", translated(f"{mean:.1f} on average, lowest {self.scores[worst]:g} ({worst})")))
        closing += [*self.rows, *rows]
        closing.append(("time", duration(self.seconds())))
        if then:
            closing.append(("next", then))
        return [*columns(closing), *self.causes()]

    def as_json(self) -> dict[str, Any]:
        """The same as `table`, for programs."""
        return {
            "counts": {
                kind: {"made": c.made, "before": c.before, "holes": c.holes, "total": c.total}
                for kind, c in self.counts.items()
            },
            "holes": [{"kind": h.kind, "item": h.item, "cause": h.cause, "remedy": h.remedy} for h in self.holes],
            "notes": [{"kind": n.kind, "item": n.item, "note": n.sentence} for n in self.notes],
            "scores": self.scores,
            "written": self.written,
            "seconds": round(self.seconds(), 3),
            **self.figures,
        }

    def causes(self) -> list[str]:
        """Why something is missing, the most frequent cause first."""
        items: dict[tuple[str, str, str], list[str]] = {}
        for hole in self.holes:
            items.setdefault((hole.kind, hole.cause, hole.remedy), []).append(hole.item)
        causes = sorted(items.items(), key=lambda cause: -len(cause[1]))
        lines = []
        for (kind, cause, remedy), names in causes[:MOST_CAUSES]:
            named = ", ".join(names[:MOST_ITEMS]) + (", ..." if len(names) > MOST_ITEMS else "")
            number = translated(f"{len(names)} {kind} missing")
            lines.append(f"✗ {number} ({named}): {translated(cause)} {translated(remedy)}".rstrip())
        if len(causes) > MOST_CAUSES:
            lines.append(translated(f"✗ and {len(causes) - MOST_CAUSES} more causes; the report has them all."))
        return lines

    def _write(self, line: str) -> None:
        self._view.write(line)


def columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Lines of a table: a word, and what stands behind it."""
    return [f"{padded(translated(word), LABEL)} {translated(what)}".rstrip() for word, what in rows]


def told(error: DramatisError) -> str:
    """What happened and what to do, for a person."""
    return f"{translated(error.what)} {translated(error.remedy)}".strip()


def _parts(count: Count) -> str:
    parts = [f"{count.made} made"]
    if count.before:
        parts.append(f"{count.before} there before")
    if count.holes:
        parts.append(f"{count.holes} missing")
    if count.total > count.settled:
        parts.append(f"{count.total - count.settled} not reached")
    return ", ".join(map(translated, parts))
