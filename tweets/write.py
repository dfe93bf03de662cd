"""Write the posts of one persona: one question per planned post, and the batch file when all of them are settled.

A post that stays without an answer is a hole: it is noted with its cause, the others are written, and the next
run asks for it alone. What repeats itself is written again before the file is. What stands in a batch file, edited
or not, is never asked for again, unless somebody names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from calendars.schema import Calendar
from fan_out import Slots
from files import Folders, digest
from labels.ai_label import AILabel
from llm.client import LLM
from llm.prompts import read_prompt
from persona.schema.persona import Persona
from tweets.batch_file import batch_path, batch_there, change_batch
from tweets.material import Slot, slot_material, slots_of
from tweets.rounds import OnPost, Rounds, ignore_post
from tweets.schema import MissingTweet, Tweet, TweetBatch
from tweets.writer import PROMPT, Writer


async def write_batch(
    persona: Persona,
    calendar: Calendar,
    llm: LLM,
    *,
    posts: int | None,
    seed: int,
    slots: Slots,
    index: int,
    folders: Folders,
    clock: Callable[[], datetime],
    on_post: OnPost = ignore_post,
    fresh: bool = False,
) -> TweetBatch:
    """The first `posts` planned posts by time (None: all), written and saved.

    `slots` bounds the posts in work over all personas. `on_post` hears of each settled post, and whether an
    earlier run had written it. `fresh`: write all of them anew; a batch that is there is kept under another name.
    Raises StopRun as it comes; then no file is written and paid answers are kept.
    """
    planned = list(islice(slots_of(calendar), posts))
    key = batch_key(persona, calendar, planned, text_model=llm.text_model, seed=seed)
    path = batch_path(folders, persona.name, key)
    if fresh and path.exists():
        path.replace(path.with_name(f"{path.name}.before"))
    before = batch_there(path)
    there = {post.id: post for post in before.posts} if before else {}
    again = {post.id: post for post in there.values() if post.decision and post.decision.act == "redo"}
    open_slots = [slot for slot in planned if slot.post.id not in there or slot.post.id in again]
    for slot in planned:
        if slot.post.id in there and slot.post.id not in again:
            on_post(there[slot.post.id], True)
    if before is not None and not open_slots:
        return before

    writer = Writer.of(persona, calendar.time_zone, llm, seed=seed, index=index, clock=clock)
    work = Rounds(writer, slots, {slot.post.id: slot for slot in planned}, again, settled=dict(there))
    await work.write(open_slots, on_post)
    await work.vary()

    def whole(now: TweetBatch | None) -> TweetBatch:
        # What a person has changed in the file meanwhile wins, over answers too.
        changed = {post.id: post for post in (now.posts if now else ()) if post != there.get(post.id)}
        return _batch(writer, key, [(work.settled | changed)[slot.post.id] for slot in planned])

    return await asyncio.to_thread(change_batch, path, folders, whole)


def batch_key(persona: Persona, calendar: Calendar, planned: Sequence[Slot], *, text_model: str, seed: int) -> str:
    """Eight hex digits over everything that the posts are made from."""
    return digest(
        persona.model_dump(mode="json", exclude={"ai", "notes", "made_from", "portrait", "lora"}),
        calendar.time_zone,
        [digest(slot_material(slot, persona, seed)) for slot in planned],
        text_model,
        seed,
        read_prompt(PROMPT).digest,
        length=8,
    )


def _batch(writer: Writer, key: str, settled: Sequence[Tweet | MissingTweet]) -> TweetBatch:
    """All posts of the job, in order of time, and its holes."""
    persona = writer.persona
    return TweetBatch(
        persona=persona.name,
        character=persona.character,
        key=key,
        language=persona.language,
        time_zone=writer.time_zone,
        seed=writer.seed,
        posts=tuple(post for post in settled if isinstance(post, Tweet)),
        missing=tuple(post for post in settled if isinstance(post, MissingTweet)),
        ai=AILabel.by(writer.llm, writer.clock()),
    )
