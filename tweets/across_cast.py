"""Posts of different characters that say nearly the same: found while batches come in, in memory that does not grow.

Of each post a few numbers are kept, in a table of a fixed size: above some hundred thousand posts the oldest are
overwritten, and likenesses with them are missed. Two posts that share enough are read again from their files and
compared whole. The later one is told: the earlier one may be out already.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tweets.schema import Tweet, TweetBatch
from tweets.similarity import Fingerprint, alike, print_of

PLACES = 1 << 20  # of the table; eight bytes each
NUMBERS = 6  # kept of a post
ENOUGH = 2  # of them that two posts must share
MOST_PAIRS = 2000  # that are read again
LARGEST_GROUP = 50


@dataclass(frozen=True, slots=True)
class PostLikeness:
    """A post that says nearly the same as one of another character."""

    earlier: tuple[Path, str]  # batch and post id
    later: tuple[Path, str]
    text: str

    def __str__(self) -> str:
        (there, first), (here, second) = self.earlier, self.later
        return f'{here.stem} {second} says nearly the same as {there.stem} {first}: "{self.text}"'


class SeenPosts:
    """All posts that have come in, as far as they are remembered."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._values = array("I", [0]) * places
        self._posts = array("I", [0]) * places  # which post left the value; 0 for none
        self._starts: list[int] = []  # the number of each batch's first post
        self._paths: list[Path] = []
        self._next = 1
        self._pairs: set[tuple[int, int]] = set()

    def add(self, path: Path, batch: TweetBatch) -> None:
        """Take the posts of a batch in. Its character's own posts are not held against each other."""
        start = self._next
        self._starts.append(start)
        self._paths.append(path)
        for post in batch.posts:
            self._add(print_of(_whole(post)), start)

    def likenesses(self, read: Callable[[Path], TweetBatch]) -> list[PostLikeness]:
        """Every post that is like an earlier one of another character, once. Raises what `read` raises."""
        batches = lru_cache(maxsize=64)(read)
        found: list[PostLikeness] = []
        for group in self._groups():
            posts = [one for number in group if (one := self._post(number, batches)) and not one[1].dropped]
            posts.sort(key=_when)
            for place, (path, post) in enumerate(posts):
                own = print_of(_whole(post))
                for there, other in posts[:place]:
                    if there != path and alike(print_of(_whole(other)), own):
                        shown = " ".join(_whole(post).split())[:80]
                        found.append(PostLikeness((there, other.id), (path, post.id), shown))
                        break
        return sorted(found, key=lambda one: one.later)

    def _groups(self) -> list[list[int]]:
        """The posts that hang together by pairs: three alike are not three pairs in the table."""
        group_of: dict[int, list[int]] = {}
        for pair in sorted(self._pairs):
            groups = {id(group): group for number in pair if (group := group_of.get(number))}
            merged = sorted({*pair, *(number for group in groups.values() for number in group)})[:LARGEST_GROUP]
            group_of |= dict.fromkeys(merged, merged)
        return list({id(group): group for group in group_of.values()}.values())

    def _add(self, own: Fingerprint, start: int) -> None:
        number, self._next = self._next, self._next + 1
        shared = Counter[int]()
        for value in heapq.nsmallest(NUMBERS, own.runs):
            place = (value * 2654435761 >> 7) % self._places
            if self._posts[place] and self._values[place] == value:
                if self._posts[place] < start:
                    shared[self._posts[place]] += 1
            else:
                self._values[place], self._posts[place] = value, number
        needed = min(ENOUGH, len(own.runs))
        if len(self._pairs) < MOST_PAIRS:
            self._pairs |= {(other, number) for other, times in shared.items() if times >= needed}

    def _post(self, number: int, read: Callable[[Path], TweetBatch]) -> tuple[Path, Tweet] | None:
        at = bisect_right(self._starts, number) - 1
        posts, place = read(self._paths[at]).posts, number - self._starts[at]
        return (self._paths[at], posts[place]) if place < len(posts) else None


def _whole(post: Tweet) -> str:
    return "\n".join(post.parts)


def _when(one: tuple[Path, Tweet]) -> tuple[str, str, str]:
    path, post = one
    return (post.ai.created if post.ai else "", path.name, post.id)
