"""The batch file of a persona, changed by one process at a time. Knows no model, no prompt and no page."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from errors import BadInput
from files import Folders, held, read_record, write_json
from sentences import sentence
from tweets.schema import TweetBatch

SECONDS_TO_WAIT = 60.0  # others hold a batch for as long as a file is written


def batch_path(folders: Folders, name: str, key: str) -> Path:
    """Where the batch of a persona is kept."""
    return folders.batches / f"{name}-{key}.json"


def read_batch(path: Path, remedy: str = sentence("Write the posts with --batch-mode, or fix the file.")) -> TweetBatch:
    """The batch in `path`. BadInput names the file and what is wrong with it."""
    batch = read_record(path, TweetBatch, "batch of posts", remedy)
    twice = [post_id for post_id, number in Counter(post.id for post in batch.posts).items() if number > 1]
    if twice:
        raise BadInput(
            sentence("{path}: the id {post} is used twice.", path=path, post=min(twice)),
            sentence("Give each post its own."),
        )
    return batch


def batch_there(path: Path) -> TweetBatch | None:
    """The batch in `path`, None where there is no such file. BadInput when it cannot be used."""
    if not path.exists():
        return None
    return read_batch(path, sentence("Fix it, or move it away and run the same command again."))


def change_batch(path: Path, folders: Folders, change: Callable[[TweetBatch | None], TweetBatch]) -> TweetBatch:
    """Read the batch, change it and save it, with nobody else between. What `change` raises leaves the file alone."""
    with _only_writer(path, folders):
        before = batch_there(path)
        after = change(before)
        if after != before:
            write_json(path, after.model_dump(mode="json"))
    return after


@contextlib.contextmanager
def _only_writer(path: Path, folders: Folders) -> Iterator[None]:
    with held(folders.own / "locks" / path.name, SECONDS_TO_WAIT) as alone:
        if not alone:
            raise BadInput(
                sentence("{path} is being written by another process.", path=path),
                sentence("Wait for it, and run the same command again."),
            )
        yield
