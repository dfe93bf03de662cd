"""Single posts of a batch that is there, written again because somebody named them.

The batch says what each slot was; what it does not say, the days' holidays, is taken from the calendar where there is
one. The other posts stay as they are, and the new ones keep clear of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path

from calendars.schema import Calendar, Day, PlannedPost
from errors import BadInput
from fan_out import Slots
from files import Folders
from llm.client import LLM
from persona.schema.persona import Persona
from tweets.batch_file import change_batch
from tweets.material import THEMES_BEFORE, Slot
from tweets.rounds import OnPost, Rounds, ignore_post
from tweets.schema import Decision, Tweet, TweetBatch
from tweets.writer import Writer


def check_ids(batch: TweetBatch, path: Path, ids: Collection[str]) -> None:
    """BadInput when the batch lacks one of these posts."""
    there = {post.id for post in batch.posts}
    if missing := [id_ for id_ in ids if id_ not in there]:
        raise BadInput(
            f"{path} has no post {', '.join(missing)}.", "A hole is filled by the command that left it, run again."
        )


async def redo_posts(
    batch: TweetBatch,
    path: Path,
    ids: Collection[str],
    persona: Persona,
    llm: LLM,
    *,
    calendar: Calendar | None,
    slots: Slots,
    index: int,
    folders: Folders,
    clock: Callable[[], datetime],
    on_post: OnPost = ignore_post,
) -> TweetBatch:
    """The batch with these posts written again and saved. One for which no answer comes stays as it is."""
    writer = Writer.of(persona, batch.time_zone, llm, seed=batch.seed, index=index, clock=clock)
    planned = {slot.post.id: slot for slot in _slots(batch, calendar)}
    again = {post.id: _sent_back(post) for post in batch.posts if post.id in ids}
    rounds = Rounds(writer, slots, planned, again, settled={post.id: post for post in batch.posts})
    await rounds.write([planned[id_] for id_ in again], on_post)
    await rounds.vary()
    new = {id_: post for id_ in rounds.written if isinstance(post := rounds.settled[id_], Tweet)}

    def changed(now: TweetBatch | None) -> TweetBatch:
        there = now or batch
        return there.model_copy(update={"posts": tuple(new.get(post.id, post) for post in there.posts)})

    return await asyncio.to_thread(change_batch, path, folders, changed)


def _sent_back(post: Tweet) -> Tweet:
    """The post as one that somebody wants otherwise; a wish that was written down for it holds."""
    wish = post.decision.wish if post.decision and post.decision.act == "redo" else ""
    return post.model_copy(update={"decision": Decision(act="redo", wish=wish)})


def _slots(batch: TweetBatch, calendar: Calendar | None) -> Iterator[Slot]:
    known = {day.date: day for day in calendar.days} if calendar else {}
    for number, post in enumerate(batch.posts):
        planned = PlannedPost(
            id=post.id,
            time=post.at[11:16],
            content_type=post.content_type,
            theme=post.theme,
            picture=post.painting is not None,
        )
        holidays = known[planned.day].holidays if planned.day in known else ()
        before = [one.theme for one in batch.posts if one.theme and one.id[:10] < post.id[:10]][-THEMES_BEFORE:]
        yield Slot(planned, Day(date=planned.day, holidays=holidays, posts=(planned,)), number, tuple(before))
