"""When two texts say the same: what is compared of a text, and how near is too near. Pure.

Where no spaces part the words, each character counts as one. Marks, case, width and hashtags count for nothing.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

# Measured on the pairs of tests/alike.toml in English, Chinese and Japanese; PERFORMANCE.md has the figures. Letters:
# of 100, by edits. Words: of the runs of three that either text has.
TEXTS = (77.0, 0.45)
SCENES = (90.0, 0.75)  # scenes of one place share most of their words and show another moment
RUN = 3
MOST_HOLDERS = 64  # of one run of words: what more texts share is a habit of the language

_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*")
_SIGN = re.compile(f"[{_UNSPACED}]")
_TAG = re.compile(r"[#＃]\w+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of a text. `runs`: a number for each run of three words."""

    words: tuple[str, ...]
    plain: str
    runs: frozenset[int]

    @property
    def opening(self) -> tuple[str, ...]:
        """The first words: three, or four signs."""
        return self.words[: _stretch(self.words[:1])]

    @property
    def first(self) -> tuple[str, ...]:
        """The first word, or two signs."""
        return self.words[: _stretch(self.words[:1]) - 2]

    @property
    def closer(self) -> tuple[str, ...]:
        """The last words: three, or four signs."""
        return self.words[-_stretch(self.words[-1:]) :]


@lru_cache(maxsize=8192)
def print_of(text: str) -> Fingerprint:
    """The same for the same text, whenever and wherever."""
    bare = _TAG.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    words = tuple(_TOKEN.findall(bare))
    runs = zip(*(words[start:] for start in range(RUN)), strict=False) if len(words) >= RUN else (words,)
    return Fingerprint(
        words,
        ("" if _SIGN.search(bare) else " ").join(words),
        frozenset(zlib.crc32(" ".join(run).encode()) for run in runs),
    )


def alike(one: Fingerprint, other: Fingerprint, limits: tuple[float, float] = TEXTS) -> bool:
    """Whether a reader would say that these are the same text, written twice. `limits`: of letters, and of words."""
    letters, words = limits
    common = len(one.runs & other.runs)
    if common and common >= words * (len(one.runs) + len(other.runs) - common):
        return True
    return fuzz.ratio(one.plain, other.plain, score_cutoff=letters) > 0


class SimilarityIndex:
    """Texts that have been put down, and which of them a new one is like. Looks only where words are shared."""

    def __init__(self, limits: tuple[float, float] = TEXTS) -> None:
        self._limits = limits
        self._prints: list[tuple[str, Fingerprint]] = []
        self._holders: dict[int, list[int]] = {}

    def find(self, new: Fingerprint) -> str | None:
        """The name of the text that shares most with `new`, of those that are alike."""
        shared = Counter(number for run in new.runs for number in self._holders.get(run, ()))
        for number, _ in sorted(shared.items(), key=lambda one: (-one[1], one[0])):
            name, there = self._prints[number]
            if alike(there, new, self._limits):
                return name
        return None

    def put(self, name: str, new: Fingerprint) -> None:
        for run in new.runs:
            holders = self._holders.setdefault(run, [])
            if len(holders) < MOST_HOLDERS:
                holders.append(len(self._prints))
        self._prints.append((name, new))


def _stretch(edge: tuple[str, ...]) -> int:
    return 4 if edge and _SIGN.match(edge[0]) else 3
