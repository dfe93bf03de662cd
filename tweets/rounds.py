"""The rounds in which the posts of one batch are written: each once, and again where it repeats others.

Knows slots and what stands in them; nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from fan_out import Slots, for_each
from tweets.material import Slot
from tweets.schema import MissingTweet, Tweet
from tweets.variety import Repetition, repetitions, thinned
from tweets.writer import Draft, Writer

ROUNDS = 2  # in which what repeats itself is written again

OnPost = Callable[[Tweet | MissingTweet, bool], None]


def ignore_post(_: Tweet | MissingTweet, __: bool) -> None:
    """Takes note of nothing."""


@dataclass(slots=True)
class Rounds:
    """The posts of one batch on their way. `again`: those in the file that a person sent back."""

    writer: Writer
    slots: Slots
    planned: Mapping[str, Slot]
    again: Mapping[str, Tweet]
    settled: dict[str, Tweet | MissingTweet]
    written: set[str] = field(default_factory=set)  # by this run; the others are not touched

    async def write(self, open_slots: Sequence[Slot], on_post: OnPost) -> None:
        """Settle these slots. A post that was sent back stands until there is another one."""

        async def settle(slot: Slot) -> None:
            before = self.again.get(slot.post.id)
            post = await self.writer.write(slot, Draft.sent_back(before) if before else None)
            if isinstance(post, Tweet):
                self.written.add(post.id)
            if isinstance(post, Tweet) or before is None:
                self.settled[post.id] = post
            on_post(post, False)

        await for_each(open_slots, settle, slots=self.slots)

    async def vary(self) -> None:
        """Write again what repeats itself; what still does after the last round is noted in the post.

        Each round looks at all posts as they stand when it begins: its questions are the same whenever they are
        asked, so that a run which goes on finds their answers.
        """
        for _ in range(ROUNDS):
            drafts = [self._draft(self._tweet(id_), [*found]) for id_, found in self._repetitions()]
            if not drafts:
                return
            await for_each(drafts, self._vary_one, slots=self.slots)
        for id_, found in self._repetitions():
            post = self._tweet(id_)
            notes = (*post.notes, *(f"the post {one.sentence}" for one in found))
            self.settled[id_] = post.model_copy(update={"notes": notes})

    def _repetitions(self) -> Iterator[tuple[str, Iterator[Repetition]]]:
        """What repeats itself now, for each post that is to be mended."""
        posts = [post for id_ in self.planned if isinstance(post := self.settled[id_], Tweet) and not post.dropped]
        fixed = {post.id for post in posts} - self.written
        posts = thinned(posts, fixed)
        self.settled |= {post.id: post for post in posts}
        return groupby(repetitions(posts, self.writer.persona.language, fixed), lambda one: one.id)

    def _draft(self, post: Tweet, found: Sequence[Repetition]) -> Draft:
        wish = Draft.sent_back(self.again[post.id]).wrong if post.id in self.again else ()
        clear_of = tuple(one.like for one in found if one.like)
        attempt = post.painting.attempt if post.painting else 0
        return Draft(post, (*wish, *(one.sentence for one in found)), clear_of, attempt)

    async def _vary_one(self, draft: Draft) -> None:
        """A post for which no better answer comes stays as it is."""
        post = await self.writer.write(self.planned[draft.post.id], draft)
        if isinstance(post, Tweet):
            self.settled[post.id] = post

    def _tweet(self, id_: str) -> Tweet:
        post = self.settled[id_]
        assert isinstance(post, Tweet)  # noqa: S101 - only what was written repeats itself
        return post
