"""Tokens and money: what a call may cost, what it did cost, and the caps that a run must not pass.

Prices come from the settings or from the `genai-prices` table; a price that is not known stays unknown. A call
reserves what it may cost before it is sent; with a cap set it waits while calls in flight could use up the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from errors import CapReached, Misconfigured
from llm.usage import Usage

MILLION = 1_000_000
CHARACTERS_PER_TOKEN = 3.0  # below what English needs, so that an estimate is rather too high
PICTURE_TOKENS = 1_500  # a portrait of 1,024 px, by the published counts of the large providers
FIRST_ANSWER = 1_500  # tokens, until an answer of that kind has been seen


class Price(Protocol):
    def __call__(self, model: str, tokens_in: int, tokens_out: int, tokens_cached: int) -> float | None: ...


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """Dollars per million tokens, as the user gave them."""

    tokens_in: float
    tokens_out: float

    def __call__(self, model: str, tokens_in: int, tokens_out: int, tokens_cached: int) -> float:
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / MILLION


@dataclass(frozen=True, slots=True)
class ListPrice:
    """The published price of a model at this address; None where the table does not have it."""

    address: str

    def __call__(self, model: str, tokens_in: int, tokens_out: int, tokens_cached: int) -> float | None:
        from genai_prices import Usage, calc_price

        spent = Usage(input_tokens=tokens_in, output_tokens=tokens_out, cache_read_tokens=min(tokens_cached, tokens_in))
        try:
            return float(calc_price(spent, model_ref=model, provider_api_url=self.address).total_price)
        except (LookupError, ValueError):
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    tokens: int
    dollars: float


@dataclass(slots=True)
class Spend:
    """What one run has spent and may spend. `most_dollars`, `most_tokens` None: no cap."""

    usage: Usage
    price: Price
    most_dollars: float | None = None
    most_tokens: int | None = None
    dollars: float = 0.0
    is_priced: bool = True  # false once a call had no known price
    _in_flight: list[Reservation] = field(default_factory=list)
    _answers: dict[str, int] = field(default_factory=dict)  # largest answer seen, by purpose
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def check_price(self, *models: str) -> None:
        """Raise Misconfigured when money is capped and the price of a model is not known."""
        if self.most_dollars is None:
            return
        for model in models:
            if self.price(model, 1, 1, 0) is None:
                raise Misconfigured(
                    f"--max-cost needs a price, and the price of {model} is not known.",
                    "Put PRICE_INPUT and PRICE_OUTPUT (dollars per million tokens) into .env, or use --max-tokens.",
                )

    @contextlib.asynccontextmanager
    async def reserved(self, model: str, purpose: str, characters: int, pictures: int) -> AsyncIterator[None]:
        """While a call is under way, what it may cost is set aside. Without a cap nothing is.

        Waits for calls in flight when only they could make room; raises CapReached when nothing can.
        """
        if self.most_dollars is None and self.most_tokens is None:
            yield
            return
        wanted = self._estimate(model, purpose, characters, pictures)
        async with self._changed:
            while not self._fits(wanted):
                if not self._in_flight:
                    raise CapReached(
                        f"The cap is reached: {self.summary()} spent, and the next call may take "
                        f"{wanted.tokens:,} tokens.",
                        "Everything so far is saved. Raise --max-cost or --max-tokens and run the same command again.",
                    )
                await self._changed.wait()
            self._in_flight.append(wanted)
        try:
            yield
        finally:
            self._in_flight.remove(wanted)
            async with self._changed:
                self._changed.notify_all()

    def paid(
        self, model: str, purpose: str, tokens_in: int, tokens_out: int, tokens_cached: int, *, used: bool
    ) -> None:
        """Count a reply that was billed, whether it could be used or not."""
        self.usage.paid(purpose, tokens_in, tokens_out, tokens_cached, used=used)
        self._answers[purpose] = max(self._answers.get(purpose, 0), tokens_out)
        dollars = self.price(model, tokens_in, tokens_out, tokens_cached)
        if dollars is None:
            self.is_priced = False
        else:
            self.dollars += dollars

    def summary(self) -> str:
        """For people: tokens always, money where it is known."""
        return ", ".join(filter(None, (f"{self.tokens:,} tokens", self.money())))

    def money(self) -> str:
        """What the tokens cost; "" where the price of a call was not known."""
        return f"${self.dollars:.4f}" if self.is_priced and self.usage.answers + self.usage.refused else ""

    @property
    def tokens(self) -> int:
        return self.usage.tokens_in + self.usage.tokens_out

    def _estimate(self, model: str, purpose: str, characters: int, pictures: int) -> Reservation:
        tokens_in = int(characters / CHARACTERS_PER_TOKEN) + PICTURE_TOKENS * pictures
        tokens_out = self._answers.get(purpose, FIRST_ANSWER)
        return Reservation(tokens_in + tokens_out, self.price(model, tokens_in, tokens_out, 0) or 0.0)

    def _fits(self, wanted: Reservation) -> bool:
        waiting = [*self._in_flight, wanted]
        if self.most_tokens is not None and self.tokens + sum(call.tokens for call in waiting) > self.most_tokens:
            return False
        return self.most_dollars is None or self.dollars + sum(call.dollars for call in waiting) <= self.most_dollars
