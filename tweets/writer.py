"""One character at work: the question for one planned post, and the post that is made of its answer.

Knows nothing of batches and files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from errors import ItemFailed
from files import compact
from labels.ai_label import AILabel
from llm.client import LLM, Question
from llm.prompts import read_prompt
from persona.facts.check import Contradiction, notes, post_contradictions
from persona.schema.persona import Persona
from tweets import length
from tweets.emoji import ANY, EmojiHabit, read_habit
from tweets.length import weighted_length
from tweets.material import Slot, persona_material, slot_material, thread_parts
from tweets.rules import AnyAnswer, chosen_hashtags, composed, objections
from tweets.schema import MissingTweet, Painting, ThreadAnswer, Tweet, TweetAnswer, post_seed
from tweets.word_lists import not_for_a_camera, too_worn, worn_phrases

PROMPT = Path(__file__).parent / "prompts" / "post.md"
ANOTHER_WAY = "write another post on the same matter, with another form and another detail"
TRIES = 3  # asked once, and twice again with the reasons


@dataclass(frozen=True, slots=True)
class Draft:
    """A post that is to be written again. `wrong`: sentences; `clear_of`: texts that it must not be like.

    `attempt`: of its picture, which changes when a person has sent the post back.
    """

    post: Tweet
    wrong: tuple[str, ...]
    clear_of: tuple[str, ...] = ()
    attempt: int = 0

    @classmethod
    def sent_back(cls, post: Tweet) -> Draft:
        """A post that a person wants to have otherwise."""
        wish = post.decision.wish.strip() if post.decision else ""
        return cls(post, (wish or ANOTHER_WAY,), attempt=post.painting.attempt + 1 if post.painting else 0)

    @property
    def material(self) -> str:
        said = {"draft": "\n".join(self.post.parts), "wrong": self.wrong, "keep_clear_of": self.clear_of}
        return compact({name: value for name, value in said.items() if value})


def prepare(language: str) -> None:
    """Load what the first answer would have to wait for: the rules of length and the lists of words."""
    length.load()
    read_habit("")
    worn_phrases("", language)
    list(not_for_a_camera("", ""))


@dataclass(frozen=True, slots=True)
class Writer:
    """What all questions of one character share. `index`: its place in the run."""

    persona: Persona
    time_zone: str
    llm: LLM
    seed: int
    index: int
    clock: Callable[[], datetime]
    material: str = ""
    _checked: dict[str, tuple[AnyAnswer, list[Contradiction]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, persona: Persona, time_zone: str, llm: LLM, *, seed: int, index: int, clock: Callable[[], datetime]
    ) -> Writer:
        return cls(persona, time_zone, llm, seed, index, clock, persona_material(persona))

    @property
    def emoji(self) -> EmojiHabit:
        """What an answer is held against; nothing that a question would have to wait for."""
        return read_habit(self.persona.core.speech.emoji) if self.persona.core else ANY

    async def write(self, slot: Slot, draft: Draft | None = None) -> Tweet | MissingTweet:
        """The post of one slot, or the hole that it leaves. `draft`: what stood there, and why it does not do."""
        try:
            answer: AnyAnswer = await self.llm.ask(self._question(slot, draft))
            return self._tweet(slot, answer, draft.attempt if draft else 0)
        except ItemFailed as error:
            return MissingTweet(id=slot.post.id, cause=error.what)
        finally:
            self._checked.pop(slot.post.id, None)

    def _question(self, slot: Slot, draft: Draft | None) -> Question[Any]:
        most = self.persona.mix.hashtags.most
        parts = thread_parts(slot.post, self.persona)
        prompt = read_prompt(PROMPT).fill(
            language=self.persona.language,
            persona=self.material,
            slot=slot_material(slot, self.persona, self.seed),
            draft=draft.material if draft else "",
        )

        def check(answer: AnyAnswer) -> list[str]:
            found = objections(answer, most_hashtags=most, picture=slot.post.picture, emoji=self.emoji, parts=parts)
            return found + [one.sentence for one in self._contradictions(slot, answer) if one.blocking]

        def doubt(answer: AnyAnswer) -> list[str]:
            found = [one.sentence for one in self._contradictions(slot, answer) if one.certain and not one.blocking]
            return [*found, *self._style(slot, answer)]

        return Question(
            purpose="tweets_post",
            item=f"{self.persona.name}: {slot.post.id}",
            prompt=prompt,
            answer=ThreadAnswer if parts else TweetAnswer,
            rank=(0, self.index),
            check=check,
            doubt=doubt,
            tries=TRIES,
        )

    def _contradictions(self, slot: Slot, answer: AnyAnswer) -> list[Contradiction]:
        """What in an answer does not agree with the character; scene and alt text only where a picture is painted.

        An answer is looked at once, however often it is asked about.
        """
        known = self._checked.get(slot.post.id)
        if known is not None and known[0] is answer:
            return known[1]
        told = "\n".join(slot.told)
        shown = (answer.scene, answer.alt_text) if slot.post.picture else ("", "")
        found = post_contradictions(self.persona, slot.day.date, "\n".join(answer.parts), *shown, told=told)
        self._checked[slot.post.id] = (answer, found)
        return found

    def _style(self, slot: Slot, answer: AnyAnswer) -> Iterator[str]:
        """What is allowed, and still worth one more question."""
        yield from too_worn("\n".join(answer.parts), self.persona.language)
        if slot.post.picture:
            yield from not_for_a_camera(answer.scene, self.persona.character)

    def _tweet(self, slot: Slot, answer: AnyAnswer, attempt: int) -> Tweet:
        post = slot.post
        hashtags = chosen_hashtags(answer, self.persona.mix.hashtags.most)
        text, *thread = composed(answer, hashtags)
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
            thread=tuple(thread),
            weighted_length=weighted_length(text),
            hashtags=hashtags,
            alt_text=answer.alt_text if post.picture else "",
            painting=painting if post.picture else None,
            notes=(*notes(self._contradictions(slot, answer)), *self._style(slot, answer)),
            ai=AILabel.by(self.llm, self.clock()),
        )
