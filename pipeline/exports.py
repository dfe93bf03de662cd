"""Exports of posts: batches that are there, or that a run has just written, in every form that was asked for.

Finds what an export is made from and tells what is missing. How a form is written stands in tweets/export/export.py.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from errors import BadInput
from files import Folders
from images.label import read_label
from persona.cards.card import read_persona
from persona.schema.persona import Persona
from pipeline.run import Run
from settings import REHEARSAL, Settings
from tweets.batch_file import read_batch
from tweets.export.export import advice, check_forms, write_exports
from tweets.export.post import ExportedPost, exported_posts
from tweets.schema import TweetBatch
from values import POST_FORMS

MOST_NAMED = 3  # files or names in one line
UNKNOWN_PAINTER = "unknown"


def forms(settings: Settings) -> list[str]:
    """The forms of post among what `--export` names."""
    return [form for form in settings.export if form in POST_FORMS]


def check(settings: Settings) -> None:
    """Raise before anything is asked or painted when an export could not be written."""
    check_forms(forms(settings), settings.media_base_url)


async def afterwards(run: Run, stages: Callable[[Run], Awaitable[None]], batches: Sequence[Path] = ()) -> None:
    """`stages`, and then the exports of `batches`, or of those that the stages have written."""
    await stages(run)
    if not forms(run.settings):
        return
    await run.settle()
    folder = run.settings.folders.batches
    written = sorted({Path(path) for path in run.progress.written if Path(path).parent == folder})
    if batches or written:
        await export_batches(run, batches or written, told=True)


async def export_batches(run: Run, batches: Sequence[Path], *, told: bool = False) -> None:
    """These batches in every form that was asked for. `told`: the run has counted their posts already."""
    settings, wanted = run.settings, forms(run.settings)
    sources = _Sources(run, told)
    run.progress.expect("exports", len(wanted))
    with run.item("exports", str(settings.folders.exports)):
        posts = sources.posts(batches)
        paths = await asyncio.to_thread(
            write_exports, posts, wanted, settings.folders.exports, personas=sources.persona, painter=_painter
        )
        for path in paths:
            run.progress.made("exports")
            run.progress.wrote(path)
        for line in (*sources.lacks(), *advice(wanted, settings.media_base_url)):
            run.progress.say(line)


@dataclass(slots=True)
class _Sources:
    """Posts, read one batch at a time, and what was found missing on the way."""

    run: Run
    told: bool
    seen: dict[str, tuple[str, Path]] = field(default_factory=dict)  # by persona: the key and file of its batch
    unpainted: int = 0
    waiting: list[Path] = field(default_factory=list)  # batches with pictures that are not painted
    rehearsed: bool = True
    rewritten: int = 0  # posts that a person wants written again
    strangers: list[str] = field(default_factory=list)

    def posts(self, batches: Sequence[Path]) -> Iterator[ExportedPost]:
        """A batch that cannot be read costs its own posts alone; a post that is missing is left out and counted."""
        settings = self.run.settings
        for path in batches:
            self.run.raise_if_stopped()
            posts: list[ExportedPost] = []
            with self.run.item("posts", path.name):
                batch = read_batch(path)
                found = [
                    _without_replaced(post) for post in exported_posts(batch, settings.folders, settings.media_base_url)
                ]
                self._check_alone(batch, path)
                self._count(batch, found, path)
                posts = found
            yield from posts

    def persona(self, name: str) -> Persona | None:
        try:
            return read_persona(self.run.settings.folders.personas / f"{name}.json")
        except BadInput:
            self.strangers.append(name)
            return None

    def lacks(self) -> Iterator[str]:
        """What the exports lack, and the command that makes it."""
        folders = self.run.settings.folders
        if self.unpainted:
            waiting = [shlex.quote(str(path)) for path in self.waiting]
            named = waiting if len(waiting) <= MOST_NAMED else [f"{shlex.quote(str(folders.batches))}/*.json"]
            words = ["python main.py --generate-images --tweets-batch", *named, *_root(folders)]
            words += ["--rehearse"] if self.rehearsed else []
            yield f"{_pictures(self.unpainted)} not painted yet. Paint, and export again: {' '.join(words)}"
        if self.rewritten:
            yield f"{_posts(self.rewritten)} left out: a review wants them again, from --batch-mode."
        if self.strangers:
            more = f" and {len(self.strangers) - MOST_NAMED} more" if len(self.strangers) > MOST_NAMED else ""
            names = ", ".join(self.strangers[:MOST_NAMED])
            yield f"No persona in {folders.personas}: {names}{more}. The data set has of them what their posts say."

    def _check_alone(self, batch: TweetBatch, path: Path) -> None:
        key, other = self.seen.setdefault(batch.persona, (batch.key, path))
        if other == path:
            return
        if key == batch.key:
            raise BadInput(f"{path} and {other} are the same batch.", "Give one of them.")
        self.run.progress.say(
            f"{path.name} and {other.name} are both of {batch.persona}: the posts of both are exported. "
            "Give only the one you mean, if one has replaced the other."
        )

    def _count(self, batch: TweetBatch, posts: Sequence[ExportedPost], path: Path) -> None:
        unpainted = [post for post in posts if post.picture and not post.painted]
        if unpainted:
            self.unpainted += len(unpainted)
            self.waiting.append(path)
            self.rehearsed = self.rehearsed and all(post.ai.model == REHEARSAL for post in unpainted)
        self.rewritten += sum(post.decision is not None and post.decision.act == "redo" for post in batch.posts)
        if self.told:
            return
        progress = self.run.progress
        progress.expect("posts", len(posts) + len(batch.missing))
        for _ in posts:
            progress.made("posts", before=True)
        for gap in batch.missing:
            remedy = "Write it with --batch-mode, then export again."
            progress.hole("posts", f"{batch.persona}: {gap.id}", gap.cause, remedy)


def _painter(picture: Path) -> str:
    try:
        label = read_label(picture)
    except OSError:
        return UNKNOWN_PAINTER
    return label.model if label else UNKNOWN_PAINTER


def _without_replaced(post: ExportedPost) -> ExportedPost:
    """The post without the picture that a review has sent back, until another one is painted."""
    painting = post.batch.painting_of(post.post)
    if not post.awaited or post.picture is None or painting is None:
        return post
    try:
        label = read_label(post.picture)
    except OSError:
        return post
    return replace(post, painted=label is not None and label.painting == painting.digest)


def _root(folders: Folders) -> list[str]:
    return [] if folders.root == Path() else ["--out", shlex.quote(str(folders.root))]


def _posts(number: int) -> str:
    return "1 post is" if number == 1 else f"{number:,} posts are"


def _pictures(number: int) -> str:
    return "1 picture is" if number == 1 else f"{number:,} pictures are"
