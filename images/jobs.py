"""A batch of posts in, picture jobs out; and whether a job's file is already in its place.

Knows no processes and no torch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from errors import BadPicture
from files import PICTURE_ENDINGS, Folders, digest, file_digest
from images.identity import NOBODY, Identity
from images.label import Label, read_label
from images.manifest import Manifest
from images.models import Model, picture_size
from images.prompt import opening_of, prompt_of
from images.schema import Painted, PictureJob
from settings import PictureSettings
from tweets.schema import TweetBatch

_PLAIN = PictureSettings()


def picture_jobs(
    batch: TweetBatch,
    model: Model,
    folders: Folders,
    wanted: PictureSettings = _PLAIN,
    identity: Identity = NOBODY,
) -> list[PictureJob]:
    """One job for each post that is to have a picture."""
    width, height = picture_size(model, (wanted.width, wanted.height), wanted.aspect)
    steps = wanted.steps or model.steps
    precision = (wanted.precision,) if wanted.precision else ()
    shared = (model.identity, model.negative_prompt, width, height, steps, model.guidance, *identity.key, *precision)
    # One string for all: ten thousand paths that are put together one by one would take half a second.
    folder = f"{folders.picture_folder(batch.persona, batch.key).absolute()}{os.sep}"
    ending = PICTURE_ENDINGS[wanted.form]
    jobs = []
    for post in batch.posts:
        painting = batch.painting_of(post)
        if painting is None:
            continue
        opening = opening_of(painting.appearance, identity.trigger_words)
        prompt = prompt_of(opening, painting.wished_scene, model.quality)
        jobs.append(
            PictureJob(
                id=f"{batch.persona}/{batch.key}/{post.id}",
                key=digest(*shared, prompt, painting.seed, length=32),
                prompt=prompt,
                opening=opening,
                closing=model.quality,
                lora=identity.lora,
                reference=identity.reference,
                seed=painting.seed,
                width=width,
                height=height,
                steps=steps,
                guidance=model.guidance,
                path=f"{folder}{post.id}{ending}",
                title=batch.character,
                alt_text=post.alt_text,
                painting=painting.digest,
                kept=painting.decision is not None,
            )
        )
    return jobs


Found = Literal["known"] | Label | BadPicture | None


def saved_answer(job: PictureJob) -> Painted | None:
    """What its worker would have said of the finished picture of `job`, if that is in its place."""
    path = Path(job.path)
    try:
        label = finished(job)
        if label is None or label.key != job.key:
            return None
        found = path.stat()
        sha256 = file_digest(path)
    except (BadPicture, OSError):
        return None
    return Painted(
        id=job.id, seconds=0.0, seed=label.seed, size=found.st_size, mtime_ns=found.st_mtime_ns, sha256=sha256
    )


def find_done(jobs: Sequence[PictureJob], manifest: Manifest) -> dict[str, Found]:
    """What stands in the place of each job, by its id: a finished picture that the manifest knows, another by its
    label, nothing, or why nothing may be put there.
    """
    found: dict[str, Found] = {}
    for job in jobs:
        try:
            found[job.id] = "known" if manifest.knows(job) else finished(job)
        except BadPicture as error:
            found[job.id] = error
    return found


def is_done(job: PictureJob) -> bool:
    """Whether the finished picture of `job` is in its place."""
    return finished(job) is not None


def finished(job: PictureJob) -> Label | None:
    """The label of the finished picture of `job`, if it is in its place, whole, and kept or made from the same things.

    Raises BadPicture when another file stands there: it is not ours to overwrite.
    """
    path = Path(job.path)
    try:
        if not path.exists() or (path.is_file() and path.stat().st_size == 0):
            return None
        label = read_label(path) if path.is_file() else None
    except OSError as error:
        raise BadPicture(f"{path} cannot be read: {error.strerror}.", "Mend this, then run again.") from error
    if label is None:
        raise BadPicture(
            f"{path} is there already and was not made by this program, so it is left alone.",
            "Move or delete it and run the same command again.",
        )
    return label if label.complete and (label.key == job.key or job.kept) else None
