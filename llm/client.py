"""Ask a language model for a typed answer, and never pay for the same answer twice.

`LLM.ask` is the only way to the model: first the journal, then the endpoint; a reply that fails its checks goes
back once with what was wrong. Knows no stage; HTTP, waiting and retries are llm/calls.py's affair.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Generic, TypeVar

import httpx2
from pydantic import BaseModel

from errors import BadAnswer, CapReached, ItemFailed, StopRun
from files import digest
from llm.answers import Reply, Unusable, parse, wire_schema
from llm.calls import PASSING_FAULTS, Call, Calls
from llm.endpoint import Turn
from llm.gate.gate import Gate
from llm.gated_client import Seen
from llm.journal import Journal, JournalEntry
from llm.memory import Memory
from llm.preload import Preload
from llm.prompts import Prompt
from llm.spend import FixedPrice, ListPrice, Price, Spend
from llm.usage import Usage
from settings import LLMSettings

A = TypeVar("A", bound=BaseModel)

LONGEST_QUOTE = 20_000  # characters of a bad answer that are sent back
DOUBT = "doubt"  # the cause of a reply that could be used, and was sent back to be mended
ROOM_AFTER_LENGTH = 8192  # tokens; at least this much for an answer that was cut off

# Faults of the way, not of the answer: asked again without telling the model, and without using up a try.
_PASSING = frozenset({"html", "cut", "encoding", "shape", "error", "no choices", "blank", "length"})


def nothing_wrong(_: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it travels to a vision model: no alpha, at most 1,024 px on the long side."""

    data: bytes = field(repr=False)
    media_type: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Question(Generic[A]):
    """One question to the model, and the type of the answer.

    `purpose` ([a-z_]+) names the kind of question in the journal, in logs and to the endpoint; `item` says for
    people what it is about. `attempt`: another number asks anew. `rank`: lower is let through first. `check`
    returns sentences the model can act on, none when the answer is good. `doubt` does so too, but what it objects
    to costs one more call and no answer: the answer after it is kept, whatever doubts stay. `tries`: how many
    answers are read before the item is given up.
    """

    purpose: str
    item: str
    prompt: Prompt
    answer: type[A]
    pictures: tuple[Picture, ...] = ()
    attempt: int = 0
    rank: tuple[int, ...] = ()
    check: Callable[[A], Sequence[str]] = nothing_wrong
    doubt: Callable[[A], Sequence[str]] = nothing_wrong
    tries: int = 2

    def key(self, model: str) -> str:
        """What stands for this question in the journal."""
        return digest(
            self.purpose,
            self.attempt,
            self.prompt.system,
            self.prompt.user,
            model,
            wire_schema(self.answer),
            [picture.digest for picture in self.pictures],
        )


class LLM:
    """One endpoint and its journal. Use as an async context manager."""

    def __init__(
        self,
        settings: LLMSettings,
        journal: Journal,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        memory: Memory | None = None,
        gate: Gate | None = None,
        seen: Seen | None = None,
    ) -> None:
        """`seen` is told of every call that is over."""
        self.text_model = settings.text_model
        self.vision_model = settings.vision_model
        self.usage = Usage()
        self.spend = Spend(self.usage, _price(settings), settings.max_cost, settings.max_tokens)
        self._fresh = settings.fresh
        self.preload = Preload(partial(self.spend.price, self.text_model, 1, 1, 0))
        self._answered: set[str] = set()  # by this run: also when it asks afresh, it asks once
        self._journal = journal
        self._say = say
        self._calls = Calls(
            settings,
            self.usage,
            memory or Memory(None),
            transport=transport,
            say=say,
            sleep=sleep,
            gate=gate,
            seen=seen,
        )
        self.provider = self._calls.provider
        self.gate = self._calls.gate

    async def __aenter__(self) -> LLM:
        self.spend.check_price(self.text_model, self.vision_model)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.close()

    def stop(self, reason: StopRun) -> None:
        """Let running calls finish and be kept; every other question, waiting or to come, raises `reason`."""
        self._calls.stop(reason)

    async def ask(self, question: Question[A]) -> A:
        """The checked answer, from the journal if it was paid for before.

        Raises BadAnswer or ItemFailed when this question stays without an answer, StopRun when all will.
        """
        model = self._model_for(question)
        key = question.key(model)
        entry = self._journal.kept(key) if not self._fresh or key in self._answered else None
        if entry is not None:
            try:
                answer = parse(entry.reply, question.answer)
            except Unusable as error:
                self._journal.disown(key, error.cause)
            else:
                self.usage.replayed += 1
                return answer
        return await self._ask_endpoint(question, model, key)

    def _model_for(self, question: Question[A]) -> str:
        return self.vision_model if question.pictures else self.text_model

    async def _ask_endpoint(self, question: Question[A], model: str, key: str) -> A:
        self.preload.begin()
        doubted: list[A] = []
        try:
            return await self._ask_until_good(question, model, key, doubted)
        except ItemFailed:
            if not doubted:
                raise
        except StopRun:
            if doubted:
                self._accept(key)
            raise
        self._accept(key)
        return doubted[0]

    async def _ask_until_good(self, question: Question[A], model: str, key: str, doubted: list[A]) -> A:
        """The first answer without objections. One that is sent back for doubts alone goes into `doubted`."""
        turns = _turns(question)
        extra: tuple[Turn, ...] = ()
        room = tries = passing = 0
        while True:
            call = Call(
                model=model,
                turns=turns + extra,
                answer=question.answer,
                purpose=question.purpose,
                item=question.item,
                rank=question.rank,
                room=room,
            )
            started = time.monotonic()
            reply = Reply(text="", model=model)
            try:
                reply = await self._reply(call)
                answer = _judge(reply, question)
                if not doubted and (doubts := question.doubt(answer)):
                    doubted.append(answer)
                    raise Unusable(DOUBT, "; ".join(doubts))
            except Unusable as error:
                problem = error
            else:
                self._keep(question, key, reply, time.monotonic() - started, "")
                return answer
            self._keep(question, key, reply, time.monotonic() - started, problem.cause)
            verdict = "is asked for once more" if problem.cause == DOUBT else "cannot be used"
            self._say(f"{question.item}: the answer {verdict}: {problem.sentence}.")
            if problem.cause in _PASSING:
                passing += 1
                room = max(ROOM_AFTER_LENGTH, 2 * reply.tokens_out) if problem.cause == "length" else room
            else:
                tries += problem.cause != DOUBT
                extra = _objection(reply, problem)
            if tries >= question.tries or passing >= PASSING_FAULTS:
                raise BadAnswer(
                    f"No usable answer came: {problem.sentence}.",
                    "Run the same command again to ask anew.",
                    cause=problem.cause,
                    reply=reply.text,
                )

    def _accept(self, key: str) -> None:
        """No better answer came than the doubted one: it is kept after all."""
        self._journal.accept(key, DOUBT)
        self._answered.add(key)

    async def _reply(self, call: Call) -> Reply:
        """The endpoint's reply, if it can be afforded."""
        characters = sum(len(turn.text) for turn in call.turns)
        pictures = sum(len(turn.pictures) for turn in call.turns)
        try:
            async with self.spend.reserved(call.model, call.purpose, characters, pictures):
                return await self._calls.reply(call)
        except CapReached as error:
            self.stop(error)
            raise

    def _keep(self, question: Question[A], key: str, reply: Reply, seconds: float, cause: str) -> None:
        """Write a reply into the journal before it is used. One that may not have been billed counts as refused."""
        used = not cause
        tokens = reply.tokens_in, reply.tokens_out, reply.tokens_cached
        self.spend.paid(self._model_for(question), question.purpose, *tokens, used=used)
        if used:
            self._answered.add(key)
        entry = JournalEntry(
            key=key,
            purpose=question.purpose,
            item=question.item,
            model=reply.model,
            reply=reply.text,
            cause=cause,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            tokens_cached=reply.tokens_cached,
            seconds=seconds,
        )
        try:
            self._journal.write(entry)
        except StopRun as error:
            self.stop(error)
            raise


def _price(settings: LLMSettings) -> Price:
    if settings.price_input is not None and settings.price_output is not None:
        return FixedPrice(settings.price_input, settings.price_output)
    return ListPrice(settings.address)


def _turns(question: Question[A]) -> tuple[Turn, ...]:
    pictures = tuple((picture.media_type, picture.data) for picture in question.pictures)
    user = Turn("user", question.prompt.user, pictures)
    return (Turn("system", question.prompt.system), user) if question.prompt.system else (user,)


def _judge(reply: Reply, question: Question[A]) -> A:
    """The answer in the reply. Raises Unusable with what is wrong."""
    if reply.problem is not None:
        raise reply.problem
    answer = parse(reply.text, question.answer)
    if objections := question.check(answer):
        raise Unusable("check", "; ".join((*objections, *question.doubt(answer))))
    return answer


def _objection(reply: Reply, problem: Unusable) -> tuple[Turn, ...]:
    """What is added when the model is asked again: its answer and what was wrong. A refusal is not quoted."""
    if not 0 < len(reply.text.strip()) <= LONGEST_QUOTE:
        return ()
    return (
        Turn("assistant", reply.text),
        Turn("user", f"That answer cannot be used: {problem.sentence}. Send the whole JSON object again, corrected."),
    )
