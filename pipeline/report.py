"""How a run is told when it is over: the table and the next command for people, the report and paths for programs.

Knows what came of a run; nothing of how it worked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from errors import DramatisError, StopRun
from files import write_json
from progress.progress import Progress
from progress.trace import Timeline
from settings import Settings

if TYPE_CHECKING:
    from images.pool.pool import Pool
    from llm.client import LLM


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A run that is over. `error` ended it before its time; `llm` and `pool` are there where it had them."""

    settings: Settings
    progress: Progress
    exit_code: int
    error: DramatisError | None = None
    llm: LLM | None = None
    pool: Pool | None = None
    painter: str = ""
    timeline: Timeline | None = None


NextCommand = Callable[[Outcome], str]


def nothing_next(_: Outcome) -> str:
    return ""


def tell(over: Outcome, then: NextCommand, *, as_json: bool) -> None:
    """The closing table, the report in its folder, the trace, and what stdout is given."""
    progress, settings, error, llm = over.progress, over.settings, over.error, over.llm
    following = then(over)
    if error is not None:
        progress.fail(error)
    rows = llm.usage.rows(llm.spend.money()) if llm else []
    if over.pool is not None:
        from images.pool.figures import rows as device_rows  # needs pydantic, which --help does not wait for

        rows += device_rows(over.pool.slots)
    for line in progress.table(rows, following):
        progress.say(line)
    report = progress.as_json() | {
        "exit_code": over.exit_code,
        "stopped": str(error) if error else "",
        "usage": llm.usage.as_json() | {"cost": llm.spend.money(), "dollars": llm.spend.dollars} if llm else {},
        "limits": [{"limit": limit, "why": why} for _, limit, why in llm.gate.history[-1:]] if llm else [],
        "painters": [slot.as_json() for slot in over.pool.slots] if over.pool else [],
        "painting": _painting(over.pool, over.painter) if over.pool else {},
        "next": following,
        "rehearsal": settings.rehearse,
    }
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    try:
        write_json(settings.folders.reports / f"{moment}.json", report)
        if over.timeline is not None and settings.trace is not None:
            over.timeline.limits = llm.gate.history if llm else ()
            over.timeline.write(settings.trace)
            progress.say(f"The trace is in {settings.trace}; open it at https://ui.perfetto.dev.")
    except StopRun as failure:
        progress.fail(failure)
    if as_json:
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201 - data, asked for with --json
    else:
        for path in progress.written:
            print(path)  # noqa: T201 - data: what was made, one path a line
    sys.stdout.flush()


def _painting(pool: Pool, model: str) -> dict[str, Any]:
    """Which model painted, and how long one picture took on a device (seconds, 0: none was painted)."""
    pictures = sum(slot.pictures for slot in pool.slots)
    seconds = sum(slot.busy_seconds for slot in pool.slots) / pictures if pictures else 0.0
    return {"model": model, "seconds": round(seconds, 3)}
