"""How progress looks while it runs: bars where stderr is a terminal, a plain line every few seconds where it is a file.

Draws what it is given. Knows neither clocks nor what is counted.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from progress.counts import Count, duration
from progress.translate import padded, translated

NAME = 13  # columns for the name of a bar


class Lines:
    """Plain lines, for files and other programs."""

    interval = 5.0

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)

    def draw(self, seconds: float, counts: Mapping[str, Count], facts: Sequence[str]) -> None:
        parts = []
        for kind, count in counts.items():
            if count.total:
                outlook = f" ({count.outlook})" if count.outlook else ""
                parts.append(f"{translated(kind)} {count.settled}/{max(count.total, count.settled)}{outlook}")
        self.write(f"  {duration(seconds)}: {'; '.join([', '.join(parts), *facts])}")

    def close(self) -> None:
        """There is nothing to take away."""


class Bars:
    """One bar for each kind of item under a line of facts, redrawn in place."""

    interval = 0.25

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bars: dict[str, Any] = {}

    def write(self, line: str) -> None:
        if not self._bars:
            print(line, file=self._stream, flush=True)
            return
        from tqdm import tqdm

        tqdm.write(line, file=self._stream)

    def draw(self, seconds: float, counts: Mapping[str, Count], facts: Sequence[str]) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._bar("", "{desc}").set_description_str("; ".join([duration(seconds), *facts])[:width])
        for kind, count in counts.items():
            if count.total:
                bar = self._bar(kind, "{desc} {percentage:3.0f}% {bar} {n_fmt}/{total_fmt}{postfix}")
                bar.total, bar.n = max(count.total, count.settled), count.settled
                bar.ncols = width
                bar.set_description_str(padded(translated(kind), NAME), refresh=False)
                bar.set_postfix_str(count.outlook)

    def close(self) -> None:
        for bar in reversed(self._bars.values()):
            bar.close()
        self._bars.clear()

    def _bar(self, name: str, form: str) -> Any:
        if name not in self._bars:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # no thread of its own: the caller redraws
            size = (
                shutil.get_terminal_size()
            )  # given, because a terminal that does not know its size would show nothing
            self._bars[name] = tqdm(
                total=1,
                file=self._stream,
                bar_format=form,
                leave=False,
                ncols=size.columns - 1,
                nrows=size.lines,
                position=len(self._bars),
            )
        return self._bars[name]
