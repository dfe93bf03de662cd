"""Who waits for which picture. Pure bookkeeping of futures by job id."""

from __future__ import annotations

import asyncio

from errors import DramatisError, Interrupted
from images.schema import Painted


class Awaited:
    """The pictures that were asked for and are not there yet."""

    def __init__(self) -> None:
        self._results: dict[str, asyncio.Future[Painted]] = {}

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._results

    def open(self, job_id: str) -> asyncio.Future[Painted]:
        """From now on somebody waits for this picture. Who opened it must close it."""
        self._results[job_id] = asyncio.get_running_loop().create_future()
        return self._results[job_id]

    async def share(self, job_id: str) -> Painted:
        """What somebody else waits for already."""
        return await asyncio.shield(self._results[job_id])

    def close(self, job_id: str) -> None:
        del self._results[job_id]

    def settle(self, job_id: str, outcome: Painted | DramatisError) -> None:
        """Tell whoever waits for it; nothing happens when nobody does."""
        result = self._results.get(job_id)
        if result is None or result.done():
            return
        if isinstance(outcome, DramatisError):
            result.set_exception(outcome)
        else:
            result.set_result(outcome)

    def settle_all(self, reason: DramatisError) -> None:
        """None of them will come."""
        for job_id in self._results:
            self.settle(job_id, type(reason)(reason.what, reason.remedy))


def stopped() -> Interrupted:
    """What is said of a job that was not begun before the user stopped the run."""
    return Interrupted("Stopped before this picture was begun.", "Run the same command again to go on.")
