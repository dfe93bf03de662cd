"""The words that a painter reads: the fixed opening first, then the scene, within the painter's own budget of tokens.

Code puts them together, so that every picture of a character begins alike. Where a painter reads fewer tokens than a
prompt has, the prompt is said in fewer words, and the picture says so. Pure: knows no tokenizer, only how to ask one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

OPENING_SHARE = 0.6  # of a small budget: the character comes first, but the scene must remain
_SPOKEN_PAST = {
    "a",
    "an",
    "the",
    "is",
    "are",
    "be",
    "being",
    "has",
    "have",
    "there",
    "very",
    "quite",
    "some",
    "that",
    "who",
}
_CLAUSES = re.compile(
    r"(?<=[,;:.!?])\s+|(?<=[，；：、。！？])|"
    r"\s+(?=(?:with|and|wearing|while|holding|under|beside|behind|near|against|in front of)\s)"
)
_LOOSE_ENDS = re.compile(r"[\s,;:.!?，；：、。！？]+$|\s+(?:and|with|while)$")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that its painter reads to the end."""

    text: str
    shortened: bool


def opening_of(appearance: str, trigger_words: str = "") -> str:
    """How every prompt of a character begins: what its LoRA listens to, then the fixed sentence."""
    parts = [trigger_words.strip(" ,"), appearance.strip().rstrip(".") + "."]
    return ", ".join(part for part in parts if part)


def prompt_of(opening: str, scene: str, closing: str = "") -> str:
    """The whole prompt."""
    text = f"{opening} {scene}"
    return f"{_without_loose_ends(text)}, {closing}" if closing else text


def fit_prompt(prompt: str, opening: str, closing: str, limit: int, count: Callable[[str], int]) -> Fitted:
    """`prompt`, or the fullest shorter form of at most `limit` tokens as `count` counts them; 0: no limit.

    The opening is cut by itself, to its share, so that a character's short pictures begin alike too.
    """
    if limit <= 0 or count(prompt) <= limit:
        return Fitted(prompt, shortened=False)
    scene = prompt.removeprefix(opening).removesuffix(closing).strip(" ,") if opening else prompt
    if opening:
        opening = _shortest_loss(opening, lambda text: count(text) <= limit * OPENING_SHARE)
    for end in dict.fromkeys((closing, "")):
        whole = prompt_of(opening, scene, end).strip()
        if count(whole) <= limit:
            return Fitted(whole, shortened=True)
    scene = _shortest_loss(scene, lambda text: count(f"{opening} {text}") <= limit)
    return Fitted(f"{opening} {scene}".strip(), shortened=True)


def _shortest_loss(text: str, fits: Callable[[str], bool]) -> str:
    """`text` in as many of its words as fit: first without words that say little, then without its last clauses."""
    if fits(text):
        return text
    text = " ".join(word for word in text.split() if word.lower() not in _SPOKEN_PAST)
    ends = [found.start() for found in _CLAUSES.finditer(text)]
    for end in (len(text), *reversed(ends)):
        if fits(shorter := _ended(text[:end])):
            return shorter
    return _cut(text[: ends[0]] if ends else text, fits)


def _cut(clause: str, fits: Callable[[str], bool]) -> str:
    """The beginning of a clause that is too long by itself: whole words, or letters where no words are spaced."""
    words = clause.split()
    units, gap = (words, " ") if len(words) > 1 else (list(clause), "")
    low, high = 0, len(units)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(_ended(gap.join(units[:middle]))) else (low, middle - 1)
    return _ended(gap.join(units[:low])) if low else ""


def _ended(text: str) -> str:
    text = _without_loose_ends(text)
    return f"{text}." if text else ""


def _without_loose_ends(text: str) -> str:
    while (shorter := _LOOSE_ENDS.sub("", text)) != text:
        text = shorter
    return text
