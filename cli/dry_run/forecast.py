"""What a call will take, before it is made: tokens and seconds by its purpose.

The prompt is counted; the length of an answer is that of earlier answers in the journal, else that of the rehearsal's.
Times are those that the gate has learned, else the guide's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llm.spend import PICTURE_TOKENS
from persona.schema.stage_table import STAGES

# Seconds of a call in the user's guide; the questions that it does not name are taken for the shortest of them.
GUIDE = {"tweets_post": 3.0} | {stage.purpose: float(stage.seconds) for stage in STAGES}
OTHER = 15.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """`answers`: tokens of a mean answer, `times`: seconds of a call, by purpose; what is not in them is not known."""

    answers: Mapping[str, float]
    times: Mapping[str, float]

    def seconds(self, purpose: str) -> float:
        return self.times.get(purpose) or GUIDE.get(purpose, OTHER)

    def tokens(self, purpose: str, prompt: str, answer: str, pictures: int) -> tuple[int, int]:
        """Tokens in and out."""
        tokens_out = self.answers.get(purpose) or count_tokens(answer)
        return count_tokens(prompt) + PICTURE_TOKENS * pictures, round(tokens_out)


def count_tokens(text: str) -> int:
    """About how many tokens a text has: four letters of English are one, as is a Chinese character and a little.

    No tokenizer is asked: each model has its own, and theirs must be downloaded.
    """
    plain = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "replace")) - plain  # bytes: two for a Greek letter, three for a Chinese one
    return round(plain / 4 + other / 3.6) + 1
