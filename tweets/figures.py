"""Figures of the posts of a run: how varied, how long, of which types. Batch by batch, in memory that does not grow.

Distinct-1 and distinct-2 are the share of different words and of different pairs of words among all of a character's
posts; what is told is their mean over the characters. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from tweets.schema import Tweet, TweetBatch
from tweets.similarity import SimilarityIndex, print_of
from tweets.word_lists import worn_phrases

LENGTHS: Final = ((60, "under 60"), (181, "60 to 180"), (10_000, "over 180"))
MOST_NAMES: Final = 200  # content types and phrases that are counted by name
OTHERS: Final = "others"


@dataclass(slots=True)
class Figures:
    """What is counted so far. `across`: posts that are like one of another character."""

    batches: int = 0
    posts: int = 0
    threads: int = 0
    pictures: int = 0
    within: int = 0  # posts that say nearly the same as an earlier one of their character
    across: int = 0
    worn_posts: int = 0
    rounded: int = 0  # batches whose types follow the strategy within rounding
    distinct: tuple[float, float] = (0.0, 0.0)  # sums over the batches
    lengths: Counter[str] = field(default_factory=Counter)
    worn: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    planned: dict[str, float] = field(default_factory=dict)

    def add(self, batch: TweetBatch, shares: Mapping[str, float]) -> None:
        """Count a batch. `shares`: what its strategy wants of each content type."""
        posts = [post for post in batch.posts if not post.dropped]
        if not posts:
            return
        self.batches += 1
        self.posts += len(posts)
        self.threads += sum(1 for post in posts if post.thread)
        self.pictures += sum(1 for post in posts if post.painting)
        self.lengths.update(next(name for end, name in LENGTHS if post.weighted_length < end) for post in posts)
        self._add_types(posts, shares)
        self._add_words(posts, batch.language)

    def _add_types(self, posts: Sequence[Tweet], shares: Mapping[str, float]) -> None:
        written = Counter(post.content_type for post in posts)
        self.rounded += all(abs(written[name] - share * len(posts)) < 1 for name, share in shares.items())
        for name, number in written.items():
            self.written[self._known(name)] += number
        for name, share in shares.items():
            known = self._known(name)
            self.planned[known] = self.planned.get(known, 0.0) + share * len(posts)

    def _add_words(self, posts: Sequence[Tweet], language: str) -> None:
        index, words = SimilarityIndex(), [list[str]() for _ in posts]
        for number, post in enumerate(posts):
            own = print_of("\n".join(post.parts))
            words[number] += own.words
            self.within += index.find(own) is not None
            index.put(post.id, own)
            worn = worn_phrases("\n".join(post.parts), language)
            self.worn_posts += bool(worn)
            for phrase in worn:
                small = phrase[:40].casefold()
                self.worn[small if small in self.worn or len(self.worn) < MOST_NAMES else OTHERS] += 1
        single = [word for row in words for word in row]
        double = [pair for row in words for pair in pairwise(row)]
        one, two = self.distinct
        self.distinct = (one + _distinct(single), two + _distinct(double))

    def _known(self, name: str) -> str:
        return name if name in self.written or name in self.planned or len(self.planned) < MOST_NAMES else OTHERS

    def as_json(self) -> dict[str, Any]:
        """For the report; empty when there is nothing to tell."""
        if not self.posts:
            return {}
        names = sorted({*self.planned, *self.written})
        return {
            "posts": self.posts,
            "characters": self.batches,
            "threads": self.threads,
            "with_picture": _share(self.pictures, self.posts),
            "lengths": {name: _share(self.lengths[name], self.posts) for _, name in LENGTHS},
            "distinct_1": round(self.distinct[0] / self.batches, 3),
            "distinct_2": round(self.distinct[1] / self.batches, 3),
            "near_duplicates": {"within": self.within, "across": self.across, "rate": _share(self._same, self.posts)},
            "worn": {"posts": self.worn_posts, "phrases": dict(self.worn.most_common(20))},
            "types_within_rounding": self.rounded,
            "types": {
                name: {
                    "planned": _share(self.planned.get(name, 0.0), self.posts),
                    "written": _share(self.written[name], self.posts),
                }
                for name in names
            },
        }

    def row(self) -> str:
        """For the closing table."""
        one, two = (total / self.batches for total in self.distinct)
        rate = 100 * self._same / self.posts
        return (
            f"distinct-1 {one:.2f}, distinct-2 {two:.2f}, near-duplicates {rate:.1f} %, "
            f"worn phrases {100 * self.worn_posts / self.posts:.1f} %"
        )

    @property
    def _same(self) -> int:
        return min(self.posts, self.within + self.across)


def _distinct(items: Sequence[object]) -> float:
    return len(set(items)) / len(items) if items else 1.0


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4)
