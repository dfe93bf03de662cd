"""Write the posts of one persona: one question per planned post, and the batch file when all of them are settled.

A post that stays without an answer is a hole: it is noted with its cause, the others are written, and the next
run asks for it alone. What stands in a batch file, edited or not, is never asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from calendars.schema import Calendar
from errors import ItemFailed
from files import Folders, digest
from flow import for_each
from llm.client import LLM, Question
from llm.prompts import read_prompt
from persona.facts import Contradiction, notes, post_contradictions
from persona.schema import AILabel, Persona
from tweets.length import weighted_length
from tweets.material import Slot, persona_material, slot_material, slots_of
from tweets.rules import chosen_hashtags, compose, objections
from tweets.saved import batch_path, batch_there, change_batch
from tweets.schema import MissingTweet, Painting, Tweet, TweetAnswer, TweetBatch, post_seed

PROMPT = Path(__file__).parent / "prompts" / "post.md"
MOMENT = 0.2  # seconds in which the first questions are sent
TRIES = 3  # asked once, and twice again with the reasons

OnPost = Callable[[Tweet | MissingTweet, bool], None]


def nobody_listens(_: Tweet | MissingTweet, __: bool) -> None:
    """Takes note of nothing."""


async def write_batch(
    persona: Persona,
    calendar: Calendar,
    llm: LLM,
    *,
    posts: int | None,
    seed: int,
    slots: asyncio.Semaphore,
    index: int,
    folders: Folders,
    clock: Callable[[], datetime],
    on_post: OnPost = nobody_listens,
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

    material = persona_material(persona)
    writer = _Writer(persona, material, calendar.time_zone, llm, seed, index, clock)
    settled = there | await _write_all(writer, open_slots, again, slots, on_post)

    def whole(now: TweetBatch | None) -> TweetBatch:
        # What a person has changed in the file meanwhile wins, over answers too.
        changed = {post.id: post for post in (now.posts if now else ()) if post != there.get(post.id)}
        return writer.batch(key, [(settled | changed)[slot.post.id] for slot in planned])

    return await asyncio.to_thread(change_batch, path, folders, whole)


async def _write_all(
    writer: _Writer, open_slots: Sequence[Slot], again: Mapping[str, Tweet], slots: asyncio.Semaphore, on_post: OnPost
) -> dict[str, Tweet | MissingTweet]:
    """The posts of these slots and the holes. A post that was sent back stands until there is another one."""
    settled: dict[str, Tweet | MissingTweet] = {}

    async def settle(slot: Slot) -> None:
        post = await writer.write(slot, again.get(slot.post.id))
        if isinstance(post, Tweet) or slot.post.id not in again:
            settled[slot.post.id] = post
        on_post(post, False)

    # The rules of length are slow to load: it happens when the first questions are on their way.
    loop = asyncio.get_running_loop()
    rules = loop.call_later(MOMENT, loop.run_in_executor, None, weighted_length, "")
    await for_each(open_slots, settle, slots=slots)
    rules.cancel()
    return settled


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


@dataclass(frozen=True, slots=True)
class _Writer:
    """One character at work: what all of its questions share."""

    persona: Persona
    material: str
    time_zone: str
    llm: LLM
    seed: int
    index: int
    clock: Callable[[], datetime]

    async def write(self, slot: Slot, again: Tweet | None = None) -> Tweet | MissingTweet:
        """The post of one slot, or the hole that it leaves. `again`: the post there that a person sent back."""
        try:
            return self._tweet(slot, await self.llm.ask(self._question(slot, again)), again)
        except ItemFailed as error:
            return MissingTweet(id=slot.post.id, cause=error.what)

    def batch(self, key: str, settled: Sequence[Tweet | MissingTweet]) -> TweetBatch:
        """All posts of the job, in order of time, and its holes."""
        return TweetBatch(
            persona=self.persona.name,
            character=self.persona.character,
            key=key,
            language=self.persona.language,
            time_zone=self.time_zone,
            seed=self.seed,
            posts=tuple(post for post in settled if isinstance(post, Tweet)),
            missing=tuple(post for post in settled if isinstance(post, MissingTweet)),
            ai=AILabel.by(self.llm, self.clock()),
        )

    def _question(self, slot: Slot, again: Tweet | None) -> Question[TweetAnswer]:
        most = self.persona.mix.hashtags.most
        prompt = read_prompt(PROMPT).fill(
            language=self.persona.language,
            persona=self.material,
            slot=slot_material(slot, self.persona, self.seed, again),
        )
        return Question(
            purpose="tweets_post",
            item=f"{self.persona.name}: {slot.post.id}",
            prompt=prompt,
            answer=TweetAnswer,
            rank=(0, self.index),
            check=lambda answer: objections(answer, most_hashtags=most, picture=slot.post.picture),
            doubt=lambda answer: [one.sentence for one in self._contradictions(slot, answer) if one.certain],
            tries=TRIES,
        )

    def _contradictions(self, slot: Slot, answer: TweetAnswer) -> list[Contradiction]:
        """What in an answer does not agree with the character; scene and alt text only where a picture is painted."""
        told = "\n".join((slot.post.theme, *slot.day.holidays, *slot.before))
        shown = (answer.scene, answer.alt_text) if slot.post.picture else ("", "")
        return post_contradictions(self.persona, slot.day.date, answer.text, *shown, told=told)

    def _tweet(self, slot: Slot, answer: TweetAnswer, again: Tweet | None) -> Tweet:
        post = slot.post
        hashtags = chosen_hashtags(answer, self.persona.mix.hashtags.most)
        text = compose(answer.text, hashtags)
        attempt = again.painting.attempt + 1 if again and again.painting else 0
        painting = Painting(
            appearance=self.persona.appearance,
            scene=answer.scene,
            seed=post_seed(self.seed, self.persona.name, post.id, attempt),
            attempt=attempt,
        )
        return Tweet(
            id=post.id,
            at=post.at(self.time_zone).isoformat(timespec="seconds"),
            content_type=post.content_type,
            theme=post.theme,
            text=text,
            weighted_length=weighted_length(text),
            hashtags=hashtags,
            alt_text=answer.alt_text if post.picture else "",
            painting=painting if post.picture else None,
            notes=notes(self._contradictions(slot, answer)),
            ai=AILabel.by(self.llm, self.clock()),
        )
