"""A person at work on what was made: pages in the browser, decisions in the batch files.

Finds and changes batches. What a decision means stands in tweets/decisions.py, what is served in gallery/.
"""

from __future__ import annotations

import asyncio
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from errors import BadInput
from files import held
from gallery.feed import feed_of
from gallery.pages import Addresses, character_page, entry_part, summary_of, wall
from gallery.schema import ShownBatch, ShownCharacter, ShownPicture, Summary
from gallery.server import serving
from pipeline.gallery import Exhibition, Found, find_cast
from pipeline.run import Run
from settings import REHEARSAL
from tweets.batch_file import change_batch, read_batch
from tweets.decisions import decide_picture, decide_post, edit_post
from tweets.length import weighted_length
from tweets.schema import Decision, TweetBatch

PORT = 8321


async def review(run: Run, port: int | None) -> None:
    """Serve a review of everything under `--out` until the person finishes it or presses Ctrl-C."""
    folders = run.settings.folders
    with held(folders.own / "review") as alone:
        if not alone:
            raise BadInput(
                f"A review of {folders.batches} is open already.", "Go on in its window, or finish it there first."
            )
        found = await asyncio.to_thread(find_cast, folders)
        desk = ReviewDesk(Exhibition(folders), {one.name: one for one in found})
        run.progress.say(f"Reading {len(found)} characters...")
        await run.for_each(found, desk.look_at, at_once=2)
        over = asyncio.Event()
        run.on_stop(lambda _: over.set())
        served = {"thumbnails": folders.gallery / "thumbnails", "pictures": folders.pictures}
        async with serving(desk, served, PORT if port is None else port, over) as address:
            run.progress.say(
                "The review is open for your browser, on this machine alone. Finish it there, or with Ctrl-C:"
            )
            print(address, flush=True)  # noqa: T201 - data: what to open
            await over.wait()
    for line in (*desk.unreadable, *desk.lines()):
        run.progress.say(line)


@dataclass(slots=True)
class ReviewDesk:
    """Answers the pages of a review. Everything is read afresh: others may write the same files."""

    exhibition: Exhibition
    found: dict[str, Found]
    summaries: dict[str, Summary] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    decided: Counter[str] = field(default_factory=Counter)
    changed: dict[Path, None] = field(default_factory=dict)

    async def look_at(self, found: Found) -> None:
        """Learn what the wall says about one character, and make its thumbnails."""
        await asyncio.to_thread(self._look_at, found)

    def wall(self) -> str:
        return wall([self.summaries[name] for name in self.found if name in self.summaries], review=True)

    def page(self, persona: str, key: str) -> str:
        character = self._character(persona)
        batch = _batch_in(character, key) if key or character.batches else None
        at = self._addresses(character, batch)
        self.summaries[persona] = summary_of(character, at.portrait)
        return character_page(character, batch, at, self.found, review=True)

    def decide(self, persona: str, key: str, post: str, part: str, decision: Decision) -> str:
        character, batch = self._place(persona, key)
        shown = batch.pictures[post].painting if post in batch.pictures else ""

        def change(there: TweetBatch | None) -> TweetBatch:
            now = there or batch.posts
            return decide_post(now, post, decision) if part == "text" else decide_picture(now, post, decision, shown)

        change_batch(batch.file, self.exhibition.folders, change)
        self.decided[f"{part} {decision.act}"] += 1
        return self._now(character.name, key, post, batch)

    def edit(self, persona: str, key: str, post: str, parts: Sequence[str]) -> str:
        character, batch = self._place(persona, key)

        def change(there: TweetBatch | None) -> TweetBatch:
            return edit_post(there or batch.posts, post, parts, character.persona)

        change_batch(batch.file, self.exhibition.folders, change)
        self.decided["text edited"] += 1
        return self._now(character.name, key, post, batch)

    def count(self, text: str) -> int:
        return weighted_length(text.replace("\r\n", "\n").strip())

    def lines(self) -> list[str]:
        """What came of the review, and what to do next."""
        if not self.decided:
            return ["Nothing was decided in this review."]
        lines = ["Decided: " + ", ".join(f"{what}: {number}" for what, number in sorted(self.decided.items()))]
        batches = [read_batch(path) for path in self.changed]
        rewrite = sum(_is_redo(post.decision) for batch in batches for post in batch.posts)
        repaint = [
            path
            for path, batch in zip(self.changed, batches, strict=True)
            if any(post.stands and post.painting and _is_redo(post.painting.decision) for post in batch.posts)
        ]
        if rewrite:
            lines.append(
                f"Texts to be written again: {rewrite}. Run the command that wrote them; it asks for no others."
            )
        if repaint:
            root = self.exhibition.folders.root
            words = ["python main.py --generate-images --tweets-batch", *(shlex.quote(str(path)) for path in repaint)]
            words += [] if root == Path() else ["--out", shlex.quote(str(root))]
            words += ["--rehearse"] if all(batch.ai and batch.ai.model == REHEARSAL for batch in batches) else []
            lines.append(f"Pictures to be painted again: {' '.join(words)}")
        return lines

    def _look_at(self, found: Found) -> None:
        try:
            self.page(found.name, "")
        except BadInput as error:
            self.unreadable.append(str(error))

    def _character(self, persona: str) -> ShownCharacter:
        return self.exhibition.character(self.found[persona])

    def _place(self, persona: str, key: str) -> tuple[ShownCharacter, ShownBatch]:
        try:
            character = self._character(persona)
            return character, _batch_in(character, key)
        except KeyError as error:
            raise BadInput(f"There is no batch {persona}-{key} any more.", "Load the page again.") from error

    def _addresses(self, character: ShownCharacter, batch: ShownBatch | None) -> Addresses:
        return self.exhibition.addresses(character, batch, self._full)

    def _full(self, picture: ShownPicture) -> str:
        return f"pictures/{quote(picture.file.relative_to(self.exhibition.folders.pictures).as_posix())}"

    def _now(self, persona: str, key: str, post: str, batch: ShownBatch) -> str:
        """The post as it stands in its file."""
        self.changed[batch.file] = None
        character, batch = self._place(persona, key)
        at = self._addresses(character, batch)
        self.summaries[persona] = summary_of(character, at.portrait)
        entries = {entry.id: entry for entry in feed_of(batch, character.calendar)}
        return entry_part(character, batch, entries[post], at)


def _batch_in(character: ShownCharacter, key: str) -> ShownBatch:
    """The batch with this key, the newest for ""; KeyError when there is none."""
    for batch in character.batches:
        if not key or batch.posts.key == key:
            return batch
    raise KeyError(key)


def _is_redo(decision: Decision | None) -> bool:
    return decision is not None and decision.act == "redo"
