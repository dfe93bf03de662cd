"""What an unanswered call means: ask again, wait, change the request, give up this item, or stop the run.

Pure: a status, a body and an exception in, a verdict out. Statuses and codes as the endpoints document them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto

from llm.answers import error_text
from llm.gate.limit import REFUSED

_NO_MONEY = ("insufficient_quota", "credit", "billing", "quota exceeded", "exceeded your current quota", "spend limit")


class Verdict(Enum):
    """What to do with a call that brought no answer."""

    WAIT = auto()  # the endpoint asks for patience
    AGAIN = auto()  # a passing fault: ask again a few times
    CHANGE = auto()  # perhaps the request's form: step down, or give up the item
    ITEM = auto()  # this question will never be answered
    STOP = auto()  # no question will be answered


@dataclass(frozen=True, slots=True)
class Fault:
    verdict: Verdict
    what: str
    remedy: str = ""


def fault_of(status: int, body: bytes, *, model: str, address: str) -> Fault:
    """What the refusal with this status means."""
    said = _said(body)
    because = f": {said}" if said else ""
    if status == 401:
        return Fault(Verdict.STOP, f"{address} refuses the key (401){because}.", "Check OPENAI_API_KEY in .env.")
    if status == 402 or (status == 429 and any(word in said.casefold() for word in _NO_MONEY)):
        return Fault(
            Verdict.STOP,
            f"The account at {address} has no credit left ({status}){because}.",
            "Top it up; then run the same command again.",
        )
    if status == 403:
        return Fault(
            Verdict.STOP,
            f"{address} does not allow this key to use {model} (403){because}.",
            "Check the key's rights and the region.",
        )
    if status == 404:
        return Fault(
            Verdict.STOP,
            f"{address} knows no model {model!r}, or no such address exists (404){because}.",
            "Check --model, --vision-model and --api-base (it usually ends in /v1).",
        )
    if status in REFUSED:
        return Fault(Verdict.WAIT, f"{address} is overloaded ({status}){because}.")
    if status in {400, 413, 415, 422}:
        if "model" in said.casefold() and any(
            word in said.casefold() for word in ("not found", "does not exist", "not exist")
        ):
            return Fault(
                Verdict.STOP,
                f"{address} knows no model {model!r} ({status}){because}.",
                "Check --model and --vision-model.",
            )
        if "api key" in said.casefold() or "api_key" in said.casefold():
            return Fault(
                Verdict.STOP, f"{address} refuses the key ({status}){because}.", "Check OPENAI_API_KEY in .env."
            )
        return Fault(
            Verdict.CHANGE,
            f"{address} refuses the question ({status}){because}.",
            "Does the model take pictures? See --vision-model.",
        )
    if status in {408, 409, 425} or status >= 500:
        return Fault(Verdict.AGAIN, f"{address} answered with an error ({status}){because}.")
    return Fault(Verdict.ITEM, f"{address} answered with an unexpected status {status}{because}.", "Check --api-base.")


def _said(body: bytes) -> str:
    try:
        return error_text(json.loads(body))
    except (ValueError, RecursionError):
        text = " ".join(body[:2000].decode("utf-8", "replace").split())
        return "" if text.startswith("<") else text[:200]
