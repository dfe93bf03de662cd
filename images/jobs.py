"""A batch of posts in, picture jobs out; and whether a job's file is already in its place.

What is read from disk may have been written by anybody: nothing of it becomes a path unchecked. Knows no
processes and no torch.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from errors import BadInput, BadPicture
from files import Folders, digest, read_json, slug
from images.label import read_label
from images.models import Model
from images.schema import PictureJob
from tweets.schema import FORMAT, TweetBatch

_WHAT = "batch of posts (output_standalone/<name>-<key>.json)"


def read_batch(path: Path) -> TweetBatch:
    """The batch in `path`. BadInput names the file and what is wrong with it."""
    value = read_json(path, _WHAT)
    found = value.get("format") if isinstance(value, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise BadInput(
            f"{path} was written by a later version (format {found}; this one reads {FORMAT}).",
            "Update the program, or write the posts again.",
        )
    if not isinstance(value, dict) or not {"persona", "key", "posts"} <= value.keys():
        raise BadInput(f"{path} is no {_WHAT}.", "Make one with --generate-tweets.")
    try:
        batch = TweetBatch.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise BadInput(
            f"{path} is no {_WHAT}: {where}: {first['msg']}.", "Mend the file, or write the posts again."
        ) from error
    _check_names(batch, path)
    return batch


def picture_jobs(
    batch: TweetBatch, model: Model, folders: Folders, *, width: int = 0, height: int = 0, steps: int = 0
) -> list[PictureJob]:
    """One job for each post with a picture. Width and height 0, steps 0: the painter's own."""
    _check_names(batch, None)
    width, height, steps = width or model.width, height or model.height, steps or model.steps
    folder = (folders.pictures / batch.persona / batch.key).absolute()
    jobs = []
    for post in batch.posts:
        if post.painting is None:
            continue
        prompt, seed = post.painting.prompt, post.painting.seed
        parts = (model.identity, model.negative_prompt, prompt, seed, width, height, steps, model.guidance)
        jobs.append(
            PictureJob(
                id=f"{batch.persona}/{batch.key}/{post.id}",
                key=digest(*parts, length=32),
                prompt=prompt,
                seed=seed,
                width=width,
                height=height,
                steps=steps,
                guidance=model.guidance,
                path=str(folder / f"{post.id}.png"),
                title=batch.character,
                alt_text=post.alt_text,
            )
        )
    return jobs


def is_done(job: PictureJob) -> bool:
    """Whether the finished picture of `job` is in its place, whole and made from the same things.

    Raises BadPicture when another file stands there: it is not ours to overwrite.
    """
    path = Path(job.path)
    try:
        if not path.exists() or (path.is_file() and path.stat().st_size == 0):
            return False
        label = read_label(path) if path.is_file() else None
    except OSError as error:
        raise BadPicture(f"{path} cannot be read: {error.strerror}.", "Mend this, then run again.") from error
    if label is None:
        raise BadPicture(
            f"{path} is there already and was not made by this program, so it is left alone.",
            "Move or delete it and run the same command again.",
        )
    return label.complete and label.key == job.key


def _check_names(batch: TweetBatch, path: Path | None) -> None:
    """The two names of a batch that become folders; the ids of posts are checked by their schema."""
    where = path or f"The batch {batch.persona!r}"
    if not _is_slug(batch.persona):
        raise BadInput(f"{where}: persona {batch.persona!r} is not the name of a file of ours.", "Mend the file.")
    if not re.fullmatch(r"[0-9a-f]{8}", batch.key):
        raise BadInput(f"{where}: key {batch.key!r} is not eight hex digits.", "Mend the file.")
    ids = [post.id for post in batch.posts]
    twice = {post_id for post_id in ids if ids.count(post_id) > 1} if len(set(ids)) < len(ids) else set()
    if twice:
        raise BadInput(f"{where}: the id {min(twice)} is used twice.", "Give each post its own.")


def _is_slug(name: str) -> bool:
    """A slug, or one followed by the six hex digits that tell two portraits of one name apart."""
    stem = re.sub(r"-[0-9a-f]{6}\Z", "", name)
    return slug(name) == name or (stem != name and slug(stem) == stem)
