"""Bars, log lines and the closing table. Knows nothing of stages: it counts named things.

People read stderr. Where stderr is a terminal each thing gets a bar; where it is a file, a plain line
every few seconds.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TextIO

PLAIN_LINE_SECONDS = 5.0


@dataclass(slots=True)
class Count:
    """How far one kind of item ("personas", "posts", "pictures") has come in this run."""

    total: int = 0
    made: int = 0
    before: int = 0  # finished by an earlier run
    holes: int = 0

    @property
    def settled(self) -> int:
        return self.made + self.before + self.holes


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
    """What has happened so far, and the telling of it. `verbosity`: -1 quiet, 0 normal, 1 details."""

    verbosity: int = 0
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    counts: dict[str, Count] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # what a reader should open or hand to the next command
    started: float = 0.0
    _bars: dict[str, Any] = field(default_factory=dict)
    _last_line: float = 0.0

    def __post_init__(self) -> None:
        self.started = self._last_line = self.clock()

    def expect(self, kind: str, number: int) -> None:
        """Announce `number` more items of `kind`."""
        count = self.counts.setdefault(kind, Count())
        count.total += number
        if self.verbosity >= 0 and self.stream.isatty():
            self._bar(kind, count)

    def made(self, kind: str, *, before: bool = False) -> None:
        """One item is done; `before`: an earlier run had done it."""
        count = self.counts.setdefault(kind, Count())
        if before:
            count.before += 1
        else:
            count.made += 1
        self._move(kind, count)

    def hole(self, kind: str, item: str, cause: str, remedy: str = "") -> None:
        """One item stays empty. Said at once, and again in the closing table."""
        count = self.counts.setdefault(kind, Count())
        count.holes += 1
        self.holes.append(Hole(kind, item, cause, remedy))
        self.say(f"✗ {item}: {cause} {remedy}".rstrip(), at=-1)
        self._move(kind, count)

    def noted(self, kind: str, item: str, sentences: Iterable[str]) -> None:
        """Remember what a check still objects to. Counted in the closing table, told in the report."""
        self.notes += [Note(kind, item, sentence) for sentence in sentences]

    def say(self, line: str, *, at: int = 0) -> None:
        """A line for people. `at`: the verbosity from which it shows."""
        if self.verbosity < at:
            return
        if self._bars:
            from tqdm import tqdm

            tqdm.write(line, file=self.stream)
        else:
            print(line, file=self.stream, flush=True)

    def wrote(self, path: object) -> None:
        """Remember a file that the reader will want to open."""
        self.written.append(str(path))

    def seconds(self) -> float:
        return self.clock() - self.started

    def close(self) -> None:
        """Take the bars away."""
        for bar in self._bars.values():
            bar.close()
        self._bars.clear()

    def table(self, *extra: str) -> list[str]:
        """The closing lines: what was done, what was there before, what is missing and why."""
        lines = []
        for kind, count in self.counts.items():
            if not count.total and not count.settled:
                continue
            parts = [f"{count.made} made"]
            if count.before:
                parts.append(f"{count.before} there before")
            if count.holes:
                parts.append(f"{count.holes} missing")
            if count.total > count.settled:
                parts.append(f"{count.total - count.settled} not reached")
            lines.append(f"{kind:<13} {', '.join(parts)}")
        if self.notes:
            kinds = Counter(note.kind for note in self.notes)
            counted = ", ".join(f"{number} on {kind}" for kind, number in kinds.items())
            lines.append(f"{'notes':<13} {counted} (in their files, and in the report)")
        lines += extra
        lines.append(f"{'time':<13} {duration(self.seconds())}")
        return lines

    def as_json(self) -> dict[str, Any]:
        """The same as `table`, for programs."""
        return {
            "counts": {
                kind: {"made": c.made, "before": c.before, "holes": c.holes, "total": c.total}
                for kind, c in self.counts.items()
            },
            "holes": [{"kind": h.kind, "item": h.item, "cause": h.cause, "remedy": h.remedy} for h in self.holes],
            "notes": [{"kind": n.kind, "item": n.item, "note": n.sentence} for n in self.notes],
            "written": self.written,
            "seconds": round(self.seconds(), 3),
        }

    def _bar(self, kind: str, count: Count) -> None:
        from tqdm import tqdm

        bar = self._bars.get(kind)
        if bar is None:
            bar = tqdm(total=0, desc=kind, file=self.stream, dynamic_ncols=True, position=len(self._bars))
            self._bars[kind] = bar
        bar.total = max(count.total, count.settled)
        bar.n = count.settled
        bar.refresh()

    def _move(self, kind: str, count: Count) -> None:
        if self.verbosity < 0:
            return
        if self.stream.isatty():
            self._bar(kind, count)
            return
        now = self.clock()
        if now - self._last_line >= PLAIN_LINE_SECONDS:
            self._last_line = now
            done = (f"{k} {c.settled}/{max(c.total, c.settled)}" for k, c in self.counts.items() if c.total)
            self.say(f"  {duration(self.seconds())}: {', '.join(done)}")


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 4.2 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
