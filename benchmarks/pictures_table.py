"""One measured figure about pictures, and the table. Pure."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("row", "work", "ideal", "ours", "to reach", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """What came out, in words; `reached` is the verdict. `ideal` is computed; empty: does not apply."""

    row: str
    work: str
    ours: str
    to_reach: str
    reached: bool
    ideal: str = ""

    def cells(self, *, judged: bool = True) -> tuple[str, ...]:
        verdict = "reached" if self.reached else "**missed**"
        return (self.row, self.work, self.ideal, self.ours, self.to_reach, verdict if judged else "")
