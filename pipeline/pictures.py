"""The pictures of one batch: who the character is, which of them are there, which are painted, which attempt is kept.

What a painter, a judge and a label are stands in images/; the order of the stages in pipeline/stages.py.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from errors import BadPicture
from images.best_of import BestOfTerms, Choice, job_for_best
from images.identity import NOBODY, Identity, find_lora, prepare_reference
from images.jobs import find_done, picture_jobs
from images.judge import Judge
from images.label import Label
from images.schema import Painted, PictureJob
from llm.client import Picture
from persona.cards.card import read_card
from persona.export_cards import found_portrait
from persona.portrait import open_picture, read_picture
from pipeline.run import Run
from tweets.schema import TweetBatch

NO_CARDS: Mapping[str, Path] = {}


async def paint_batch(run: Run, batch: TweetBatch, cards: Mapping[str, Path] = NO_CARDS) -> None:
    """The pictures of one batch: those that are there and match are not painted again."""
    card = cards.get(batch.persona, run.settings.folders.personas / f"{batch.persona}.json")
    identity = await asyncio.to_thread(_identity, run, card)
    plain = picture_jobs(batch, run.painter, run.settings.folders, run.settings.pictures, identity)
    jobs = {job.id: job for job in plain}
    paint = run.pool.paint
    if run.settings.pictures.best_of > 1:
        studio = _Studio(run, Judge(run.llm, read_picture, await asyncio.to_thread(_portrait, run, card)))
        jobs = {job.id: studio.job(job) for job in plain}
        paint = studio.paint
    run.progress.expect("pictures", len(jobs))
    done = await asyncio.to_thread(find_done, list(jobs.values()), run.manifest)

    async def make(job: PictureJob) -> None:
        with run.item("pictures", job.id):
            found = done[job.id]
            if isinstance(found, BadPicture):
                raise found
            if found is None:
                painted = await paint(job)
                run.manifest.add(jobs[job.id], painted)
                run.progress.noted("pictures", job.id, filter(None, [painted.note]))
            elif isinstance(found, Label) and run.labeller.is_behind(found):
                await asyncio.to_thread(run.labeller.renew, job)
            run.progress.made("pictures", before=found is not None)

    await run.for_each(plain, make, at_once=max(1, len(plain)))
    if plain:
        run.progress.wrote(run.settings.folders.pictures / batch.persona / batch.key)


@dataclasses.dataclass(frozen=True, slots=True)
class _Studio:
    """Paints several attempts at each picture and keeps the best."""

    run: Run
    judge: Judge

    @property
    def terms(self) -> BestOfTerms:
        wanted = self.run.settings.pictures
        return BestOfTerms(wanted.best_of, wanted.min_score)

    def job(self, job: PictureJob) -> PictureJob:
        return job_for_best(job, self.terms, self.judge.key)

    async def paint(self, job: PictureJob) -> Painted:
        run = self.run
        folder = run.settings.folders.own / "attempts"
        chosen = await Choice(job, self.terms, folder, run.pool.paint, self.judge, run.labeller).make()
        run.progress.scored(job.id, chosen.score)
        if chosen.score < self.terms.min_score:
            best = f"The best of {chosen.tried} attempts has {chosen.score:g}, less than --min-score"
            run.progress.noted("pictures", job.id, [f"{best} {self.terms.min_score:g}."])
        return chosen.painted


def _portrait(run: Run, card: Path) -> Picture | None:
    """The portrait as a judge is shown it."""
    if card.is_file():
        read = read_card(card)
        portrait = found_portrait(read.persona, card, run.settings.folders)
        if portrait is not None:
            return read_picture(portrait)
        if read.picture is not None:
            return read_picture(card, read.picture)
    run.progress.say(f"{card.stem}: its portrait is nowhere to be found, so its pictures are judged from words alone.")
    return None


def _identity(run: Run, card: Path) -> Identity:
    """What a character's pictures share beside words: its LoRA, and its portrait where the painter is shown one."""
    if not card.is_file():
        return NOBODY
    read, folders, wanted = read_card(card), run.settings.folders, run.settings.pictures
    persona, found = read.persona, NOBODY
    if persona.lora is not None:
        lora = find_lora(persona.lora, card)
        if not wanted.rehearse:
            found = Identity(lora=lora, trigger_words=persona.lora.trigger_words)
    if not run.painter.takes_reference or wanted.reference == "off":
        return found
    portrait = found_portrait(persona, card, folders)
    if portrait is None and read.picture is None:
        run.progress.say(f"{persona.name}: its portrait is nowhere to be found, so it is painted from words alone.")
        return found
    sha256 = (
        persona.portrait.sha256 if portrait and persona.portrait else hashlib.sha256(read.picture or b"").hexdigest()
    )
    show = partial(open_picture, portrait) if portrait else partial(open_picture, card, read.picture)
    reference = prepare_reference(sha256, show, folders.own / "references")
    return dataclasses.replace(found, reference=str(reference.absolute()), portrait_digest=sha256)
