"""What was asked and what it took: calls, answers taken from the journal, tokens. Knows no prices: see spend.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from progress.translate import translated


@dataclass(slots=True)
class Usage:
    """Counts of one run."""

    calls: int = 0  # sent to the endpoint, whatever came back
    answers: int = 0  # paid for and used
    refused: int = 0  # paid for and unusable
    replayed: int = 0  # taken from the journal: cost nothing
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    by_purpose: dict[str, int] = field(default_factory=dict)

    def paid(self, purpose: str, tokens_in: int, tokens_out: int, tokens_cached: int, *, used: bool) -> None:
        """Count one reply that was billed."""
        if used:
            self.answers += 1
        else:
            self.refused += 1
        self.by_purpose[purpose] = self.by_purpose.get(purpose, 0) + 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.tokens_cached += tokens_cached

    def rows(self, money: str = "") -> list[tuple[str, str]]:
        """For the closing table. `money`: what the tokens cost, where that is known."""
        parts = [f"{self.calls} calls"]
        if self.replayed:
            parts.append(f"{self.replayed} answers from the journal")
        if self.refused:
            parts.append(f"{self.refused} refused")
        tokens = translated(f"{self.tokens_in:,} in, {self.tokens_out:,} out")
        if self.tokens_cached:
            tokens += translated(f" ({self.tokens_cached:,} cached)")
        rows = [("questions", ", ".join(map(translated, parts))), ("tokens", tokens)]
        return [*rows, ("cost", money)] if money else rows

    def as_json(self) -> dict[str, object]:
        return {
            "calls": self.calls,
            "answers": self.answers,
            "refused": self.refused,
            "replayed": self.replayed,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "tokens_cached": self.tokens_cached,
            "by_purpose": self.by_purpose,
        }
