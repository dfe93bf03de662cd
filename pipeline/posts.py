"""The feed: the posts of the whole cast. Their figures, who sounds like somebody else, and single posts redone.

How a post is written and compared stands in tweets/.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from calendars.calendar_file import read_calendar
from errors import BadInput
from persona.cards.card import read_persona
from persona.schema.persona import Persona
from pipeline.likenesses import say_likenesses
from pipeline.run import Run
from sentences import sentence
from tweets.across_cast import PostLikeness, SeenPosts
from tweets.batch_file import batch_path, read_batch
from tweets.figures import Figures
from tweets.redo import check_ids, redo_posts
from tweets.rounds import OnPost
from tweets.schema import MissingTweet, Tweet, TweetBatch

MOST_REPORTED = 500


@dataclass(slots=True)
class Feed:
    """The batches of a run as they come in: counted, compared, their notes told, and not kept."""

    run: Run
    figures: Figures = field(default_factory=Figures)
    seen: SeenPosts = field(default_factory=SeenPosts)

    def take(self, batch: TweetBatch, persona: Persona) -> None:
        for post in batch.posts:
            self.run.progress.noted("posts", f"{batch.persona}: {post.id}", post.notes)
        self.figures.add(batch, persona.mix.shares())
        self.seen.add(batch_path(self.run.settings.folders, batch.persona, batch.key), batch)

    async def tell(self) -> None:
        """Say which posts are like those of somebody else, with the command that redoes the later one."""
        found = await asyncio.to_thread(self.seen.likenesses, read_batch)
        self.figures.across = len(found)
        progress, settings = self.run.progress, self.run.settings
        say_likenesses(self.run, [(one, _command(one, settings.folders.root)) for one in found])
        if figures := self.figures.as_json():
            told = [{"post": str(one), "mend": _command(one, settings.folders.root)} for one in found[:MOST_REPORTED]]
            progress.figures["variety"] = figures | {"likenesses": told}
            progress.rows.append(("variety", self.figures.row()))


def ids_named(words: str) -> list[str]:
    """The post ids in a list such as `2026-12-01-1,2026-12-03-2`. BadInput for one that is none."""
    ids = list(dict.fromkeys(filter(None, re.split(r"[\s,]+", words))))
    wrong = [id_ for id_ in ids if not re.fullmatch(r"\d{4}-\d{2}-\d{2}-[1-9]\d{0,3}", id_)]
    if wrong or not ids:
        raise BadInput(
            f"--redo-post {words}: {wrong[0]} is no post id." if wrong else "--redo-post names no post.",
            "Write a day and a number, such as 2026-12-01-1; several with commas.",
        )
    return ids


async def redo(run: Run, batches: Sequence[Path], ids: Sequence[str], personas: Sequence[Path] = ()) -> None:
    """These posts of each batch written again. `personas`: their cards, where they are not in their folder."""
    given = {read_persona(path).name: path for path in personas}
    run.progress.expect("posts", len(ids) * len(batches))

    async def one(numbered: tuple[int, Path]) -> None:
        index, path = numbered
        with run.item("posts", path.name):
            await _redo(run, path, ids, given, index)

    await run.for_each(enumerate(batches), one, at_once=run.window)


def settled(run: Run, name: str, remedy: str) -> OnPost:
    """What counts a post of this persona once it is there, or stays a hole; `remedy`: what to do about a hole."""

    def count(post: Tweet | MissingTweet, before: bool) -> None:
        if isinstance(post, MissingTweet):
            run.progress.hole("posts", f"{name}: {post.id}", post.cause, remedy)
        else:
            run.progress.made("posts", before=before)

    return count


async def _redo(run: Run, path: Path, ids: Sequence[str], given: Mapping[str, Path], index: int) -> None:
    folders, progress = run.settings.folders, run.progress
    batch = await asyncio.to_thread(read_batch, path, sentence("Give a file of output_standalone/."))
    check_ids(batch, path, ids)
    persona = read_persona(given.get(batch.persona, folders.personas / f"{batch.persona}.json"))
    calendar = folders.calendars / f"{batch.persona}.json"

    after = await redo_posts(
        batch,
        path,
        ids,
        persona,
        run.llm,
        calendar=read_calendar(calendar) if calendar.exists() else None,
        slots=run.slots.of(index),
        index=index,
        folders=folders,
        clock=lambda: datetime.now(UTC),
        on_post=settled(run, batch.persona, "The post stays as it was."),
    )
    for post in after.posts:
        if post.id in ids:
            progress.noted("posts", f"{batch.persona}: {post.id}", post.notes)
            progress.say(f"{batch.persona} {post.id}: {' '.join(post.text.split())}")
    progress.wrote(path)


def _command(likeness: PostLikeness, root: Path) -> str:
    path, id_ = likeness.later
    out = [] if root == Path() else ["--out", str(root)]
    return shlex.join(["python", "main.py", "--redo-post", id_, "--tweets-batch", str(path), *out])
