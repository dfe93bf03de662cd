"""One measured figure of the table, and the table. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = ("", "work", "ideal", "ours", "x ideal", "lost", "refused", "in flight", "plain openai client", "to reach", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What came out, in words; `reached` is the verdict. Empty: does not apply."""

    row: str
    work: str
    ours: str
    plain: str
    to_reach: str
    reached: bool
    ideal: str = ""
    times: float = 0.0  # of the ideal
    lost: int | None = None
    refused: int | None = None
    in_flight: float | None = None

    def cells(self, *, judged: bool = True) -> tuple[str, ...]:
        verdict = "reached" if self.reached else "**missed**"
        return (
            self.row,
            self.work,
            self.ideal,
            self.ours,
            f"{self.times:.3f}" if self.times else "",
            "" if self.lost is None else str(self.lost),
            "" if self.refused is None else str(self.refused),
            "" if self.in_flight is None else f"{self.in_flight:.1f}",
            self.plain,
            self.to_reach,
            verdict if judged else "",
        )


def line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def head() -> str:
    return f"{line(HEAD)}\n{line(['---'] * len(HEAD))}"
