"""--dry-run: what a command would ask, paint and cost. Nothing is asked, painted or written.

The command itself is run, with its own stages in their own order, in a shadow of the user's folders, in virtual time,
against a stand-in that answers at once and says what the real model would take. So nothing of the order of the stages
is written twice. Knows what a run opens; not what stages do.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from cli.dry_run import virtual_time
from cli.dry_run.forecast import Forecast
from cli.dry_run.shadow import JOURNAL, Shadow
from errors import DramatisError
from files import existing_parent, size_in_words, write_bytes
from images.download import is_here
from images.label import Labeller
from images.models import Model
from images.pool.devices import Device, check_fit
from images.schema import Labelling, Painted, PictureJob
from llm.journal import Journal
from llm.memory import Memory
from pipeline.resources import StandIn
from pipeline.run import Run, perform
from progress.counts import duration
from progress.progress import Progress, columns, told
from progress.translate import translated
from rehearsal.endpoint import RehearsalTransport, quarter
from settings import LLMSettings, Settings

if TYPE_CHECKING:
    from images.pool.pool import Pool

BYTES_PER_PIXEL = 1.6  # of a painted PNG
MOST_REPORTS = 20  # looked into for how long a picture takes


@dataclass(slots=True)
class StandInPool:
    """A pool whose painters only take their time. `seconds`: for each picture; 0: not known. `judged`: somebody will
    look at the pictures, so tiny ones are put in their places, in the shadow.
    """

    devices: Sequence[Device]
    model: Model
    seconds: float
    judged: bool
    slots: tuple[()] = ()
    jobs: list[PictureJob] = field(default_factory=list)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(len(self.devices))

    async def paint(self, job: PictureJob) -> Painted:
        check_fit(self.model, self.devices)
        self.jobs.append(job)
        async with self._free:
            await asyncio.sleep(self.seconds)
        if self.judged:
            tiny = Labeller(self.model, Labelling()).picture_bytes(Image.new("RGB", (16, 16)), job, job.seed)
            write_bytes(Path(job.path), tiny)
        return Painted(id=job.id, seconds=self.seconds, seed=job.seed, size=0, mtime_ns=0, sha256="")

    def stop(self) -> None:
        """There is nothing to stop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What came out. Seconds are those of the whole run; bytes are of new files, beside the painter's own."""

    run: Run
    error: DramatisError | None
    seconds: float
    pictures: Sequence[PictureJob]
    painter: Model | None
    picture_seconds: float
    texts: int

    @property
    def picture_bytes(self) -> int:
        kept = {job.id.partition("~")[0]: job for job in self.pictures}  # of several attempts one is
        return round(sum(job.width * job.height for job in kept.values()) * BYTES_PER_PIXEL)

    @property
    def download(self) -> int:
        """Bytes of the painter's files that are not here yet."""
        needed = self.pictures and self.painter and not is_here(self.painter)
        return self.painter.weight_bytes if needed and self.painter else 0


def start(
    settings: Settings,
    stages: Callable[[Run], Awaitable[None]],
    shadow: Shadow,
    *,
    asks: bool = True,
    paints: bool = False,
    as_json: bool = False,
) -> int:
    """Tell what this run would take, and return the exit code that it is likely to have."""
    uncapped = dataclasses.replace(settings, llm=dataclasses.replace(settings.llm, max_cost=None, max_tokens=None))
    estimate = _estimate(uncapped, stages, shadow, asks=asks, paints=paints)
    run = estimate.run
    code = estimate.error.exit_code if estimate.error else run.exit_code()
    people = Progress(verbosity=settings.verbosity)
    if estimate.error is not None:
        people.say(shadow.named(f"✗ {told(estimate.error)}"), at=-1)
    people.say("A dry run: nothing was asked, painted or written. The command would take about this:")
    for line in (*columns([*_rows(estimate, shadow), *_caps(estimate, settings.llm)]), *run.progress.causes()):
        people.say(shadow.named(line), at=-1)
    if as_json:
        report = _report(estimate, shadow) | {"exit_code": code}
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201 - data, asked for with --json
        sys.stdout.flush()
    return code


def _estimate(
    settings: Settings, stages: Callable[[Run], Awaitable[None]], shadow: Shadow, *, asks: bool, paints: bool
) -> Estimate:
    own = settings.folders.own
    with Journal(own / JOURNAL) as journal:
        answers = journal.mean_answers(settings.llm.text_model, settings.llm.vision_model)
    learned = Memory(own / "endpoints.json").learned(settings.llm.address, settings.llm.text_model)
    forecast = Forecast(answers, learned.seconds)
    each = _picture_seconds(shadow.real.reports, settings.pictures.model)
    pools: list[StandInPool] = []

    @contextlib.asynccontextmanager
    async def pool(devices: Sequence[Device], model: Model) -> AsyncIterator[Pool]:
        pools.append(StandInPool(devices, model, each, settings.pictures.best_of > 1))
        yield cast("Pool", pools[-1])

    tokens = quarter if settings.rehearse else forecast.tokens
    run = Run(settings, Progress(verbosity=-1, stream=io.StringIO()))
    run.stand_in = StandIn(RehearsalTransport(forecast.seconds, tokens), pool)
    before = _size(settings.folders.root)
    error, seconds = virtual_time.run(perform(run, stages, asks=asks, paints=paints))
    return Estimate(
        run=run,
        error=error,
        seconds=seconds,
        pictures=pools[0].jobs if pools else [],
        painter=pools[0].model if pools else None,
        picture_seconds=each,
        texts=max(0, _size(settings.folders.root) - before),
    )


def _rows(estimate: Estimate, shadow: Shadow) -> Iterator[tuple[str, str]]:
    """What people are told, a word and what stands behind it."""
    run = estimate.run
    for kind, count in run.progress.counts.items():
        if count.settled:
            parts = [f"{count.made} to make", f"{count.before} there already"]
            parts += [f"{count.holes} cannot be made"] if count.holes else []
            yield kind, ", ".join(map(translated, parts))
    if llm := getattr(run, "llm", None):
        yield from llm.usage.rows(_money(estimate))
    time = duration(estimate.seconds)
    if estimate.pictures and not estimate.picture_seconds:
        yield "time", translated(f"{time}, and what the pictures take: this painter has not painted here yet")
    else:
        yield "time", time
    if run.settings.llm.max_concurrent and llm:
        yield "calls at once", translated(f"{run.settings.llm.max_concurrent} at most")
    yield "disk", ", ".join(_disk(estimate, shadow.real.root))


def _caps(estimate: Estimate, llm: LLMSettings) -> Iterator[tuple[str, str]]:
    """The caps that would stop the run."""
    spend = getattr(estimate.run, "llm", None) and estimate.run.llm.spend
    if spend and llm.max_cost is not None and spend.dollars > llm.max_cost:
        yield "cap", translated(f"--max-cost {llm.max_cost:g} would stop it before its end")
    if spend and llm.max_tokens is not None and spend.tokens > llm.max_tokens:
        yield "cap", translated(f"--max-tokens {llm.max_tokens} would stop it before its end")


def _money(estimate: Estimate) -> str:
    spend = estimate.run.llm.spend
    if not estimate.run.llm.usage.calls or estimate.run.settings.rehearse:
        return ""
    if not spend.is_priced:
        return translated("not known: put PRICE_INPUT and PRICE_OUTPUT (dollars per million tokens) into .env")
    return translated(f"about ${spend.dollars:.2f}")


def _disk(estimate: Estimate, root: Path) -> Iterator[str]:
    yield translated(f"{size_in_words(estimate.texts)} of texts")
    if estimate.pictures:
        yield translated(f"{size_in_words(estimate.picture_bytes)} of pictures")
    if estimate.download:
        yield translated(f"{size_in_words(estimate.download)} to download for the painter")
    yield translated(f"{size_in_words(_free(root))} are free")


def _report(estimate: Estimate, shadow: Shadow) -> dict[str, Any]:
    """The same for programs."""
    run, llm = estimate.run, getattr(estimate.run, "llm", None)
    told_before = run.progress.as_json()
    holes = [{name: shadow.named(words) for name, words in hole.items()} for hole in told_before["holes"]]
    return {
        "dry_run": True,
        "counts": told_before["counts"],
        "holes": holes,
        "stopped": shadow.named(str(estimate.error)) if estimate.error else "",
        "usage": llm.usage.as_json() if llm else {},
        "dollars": llm.spend.dollars if llm and llm.spend.is_priced else None,
        "seconds": round(estimate.seconds, 1),
        "bytes": {
            "texts": estimate.texts,
            "pictures": estimate.picture_bytes,
            "download": estimate.download,
            "free": _free(shadow.real.root),
        },
    }


def _picture_seconds(reports: Path, painter: str) -> float:
    """What a picture of this painter took on one device, in the newest report that knows; 0: in none of them."""
    for path in sorted(reports.glob("*.json"), reverse=True)[:MOST_REPORTS]:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            painting = json.loads(path.read_text(encoding="utf-8")).get("painting") or {}
            if painting.get("model") == painter and painting.get("seconds", 0) > 0:
                return float(painting["seconds"])
    return 0.0


def _size(folder: Path) -> int:
    """Bytes of the files in it that are no links."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _free(root: Path) -> int:
    return shutil.disk_usage(existing_parent(root)).free
