"""Paint several attempts at one picture and keep the best: `--best-of`.

Attempts are finished pictures in a folder of our own until one of them is chosen, so that a run that was stopped paints
and asks nothing twice. Knows the judge and whoever paints only by what they are asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from errors import ItemFailed
from fan_out import for_each
from files import digest, write_bytes
from images.jobs import finished
from images.judge import JudgeVerdict
from images.label import Labeller, read_label
from images.schema import Painted, PictureJob


class Judging(Protocol):
    @property
    def key(self) -> str:
        """Stands for what it judges by."""

    async def __call__(self, job: PictureJob) -> JudgeVerdict:
        """The verdict on the finished picture of `job`. ItemFailed when this one stays unjudged."""


@dataclass(frozen=True, slots=True)
class BestOfTerms:
    """`attempts` are painted; while none has `min_score`, as many again at most, one after the other."""

    attempts: int
    min_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The picture that was kept, its score, and how many were judged."""

    painted: Painted
    score: float
    tried: int


def job_for_best(job: PictureJob, terms: BestOfTerms, judge_key: str) -> PictureJob:
    """The job of the picture that will be kept: it rests on what it is chosen by too."""
    return job.model_copy(update={"key": digest(job.key, terms.attempts, terms.min_score, judge_key, length=32)})


def attempt_at(job: PictureJob, number: int, folder: Path) -> PictureJob:
    """One attempt at the picture of `job`. The first has the seed of the picture itself, the others a hash of it:
    that seed is one of the run's seed, the persona, the post and how often a person asked for another."""
    persona, batch, post = job.id.split("/")
    seed = job.seed if number == 0 else int(digest(job.seed, post, "attempt", number, length=8), 16)
    return job.model_copy(
        update={
            "id": f"{job.id}~{number}",
            "key": job.key if number == 0 else digest(job.key, seed, length=32),
            "seed": seed,
            "path": str(folder.absolute() / persona / batch / f"{post}~{number}{Path(job.path).suffix}"),
            "kept": False,
        }
    )


@dataclass(slots=True)
class Choice:
    """The attempts at one picture and what came of them. `paint` returns when the file of a job is in its place."""

    job: PictureJob
    terms: BestOfTerms
    folder: Path
    paint: Callable[[PictureJob], Awaitable[object]]
    judge: Judging
    labeller: Labeller
    verdicts: dict[int, JudgeVerdict] = field(default_factory=dict)
    failures: list[ItemFailed] = field(default_factory=list)

    async def make(self) -> Chosen:
        """Put the best attempt into its place. ItemFailed when none could be painted and judged."""
        started = time.monotonic()
        await asyncio.to_thread(self._take_up_what_stands)
        first = range(self.terms.attempts)
        await for_each(first, self._try, slots=asyncio.Semaphore(self.terms.attempts))
        for number in range(self.terms.attempts, 2 * self.terms.attempts):
            if not self.terms.min_score or (self.verdicts and self._best[1].score >= self.terms.min_score):
                break
            await self._try(number)
        if not self.verdicts:
            raise self.failures[0]
        painted = await asyncio.to_thread(self._keep, started)
        return Chosen(painted, self._best[1].score, len(self.verdicts))

    @property
    def _best(self) -> tuple[int, JudgeVerdict]:
        """The highest score; of equals the earliest attempt."""
        return min(self.verdicts.items(), key=lambda tried: (-tried[1].score, tried[0]))

    async def _try(self, number: int) -> None:
        attempt = attempt_at(self.job, number, self.folder)
        try:
            if await asyncio.to_thread(finished, attempt) is None:
                await self.paint(attempt)
            self.verdicts[number] = await self.judge(attempt)
        except ItemFailed as error:
            self.failures.append(error)

    def _take_up_what_stands(self) -> None:
        """A picture that was painted without a choice is the first attempt, and not painted again."""
        first = attempt_at(self.job, 0, self.folder)
        if finished(first) is None and (label := finished(self.job)) and label.key == first.key:
            write_bytes(Path(first.path), Path(self.job.path).read_bytes())

    def _keep(self, started: float) -> Painted:
        number, verdict = self._best
        attempt = Path(attempt_at(self.job, number, self.folder).path)
        label = read_label(attempt)
        seed = label.seed if label else self.job.seed
        job = job_for_best(self.job, self.terms, self.judge.key)
        note = {"score": verdict.score, "attempt": number, "of": len(self.verdicts), "verdict": verdict.model_dump()}
        content = self.labeller.relabelled(attempt.read_bytes(), job, seed, note)
        path = Path(job.path)
        write_bytes(path, content)
        for other in range(2 * self.terms.attempts):
            Path(attempt_at(self.job, other, self.folder).path).unlink(missing_ok=True)
        return Painted(
            id=job.id,
            seconds=round(time.monotonic() - started, 3),
            seed=seed,
            size=len(content),
            mtime_ns=path.stat().st_mtime_ns,
            sha256=hashlib.sha256(content).hexdigest(),
        )
