"""What repeats itself among the posts of one character, and in which post to mend it. Pure.

Posts that stand in a file are never touched: what is written anew keeps clear of them. Likeness between characters
is tweets/across_cast.py's affair.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tweets.length import weighted_length
from tweets.schema import Tweet
from tweets.similarity import SCENES, Fingerprint, SimilarityIndex, print_of
from tweets.word_lists import worn_phrases

# How many posts may begin with the same word, end alike, hold a worn phrase, carry one hashtag: a few in any case, and
# a share of all.
FIRSTS = (3, 0.3)
CLOSERS = (2, 0.2)
WORN = (1, 0.1)
HASHTAG = (2, 0.5)


@dataclass(frozen=True, slots=True)
class Repetition:
    """One thing in which a post repeats others. `like`: the text to keep clear of, "" where the sentence says it."""

    id: str
    sentence: str
    like: str = ""


def repetitions(posts: Sequence[Tweet], language: str, fixed: Collection[str] = ()) -> list[Repetition]:
    """What each post repeats that is not `fixed`, in order of time: of two alike, the later one is named."""
    found = [
        *_said_before(posts, fixed),
        *_same_scene(posts, fixed),
        *_same_edges(posts, fixed),
        *_worn(posts, language, fixed),
        *_crowded(posts, fixed),
    ]
    order = {post.id: number for number, post in enumerate(posts)}
    return sorted(found, key=lambda one: order[one.id])


def thinned(posts: Sequence[Tweet], fixed: Collection[str] = ()) -> list[Tweet]:
    """The posts with a hashtag that stands behind too many of them taken off every second one, at no cost.

    One in the middle of a sentence stays: `repetitions` names it.
    """
    thin = list(posts)
    for tag, holders in _holders(posts).items():
        surplus = len(holders) - _room(HASHTAG, len(posts))
        for number in (*holders[1::2], *holders[2::2]):
            if surplus > 0 and thin[number].id not in fixed and (bare := _without(thin[number], tag)):
                thin[number] = bare
                surplus -= 1
    return thin


def _said_before(posts: Sequence[Tweet], fixed: Collection[str]) -> Iterator[Repetition]:
    index, texts = SimilarityIndex(), {post.id: post.text for post in posts}
    for post in _fixed_first(posts, fixed):
        own = print_of("\n".join(post.parts))
        if post.id not in fixed and (other := index.find(own)):
            yield Repetition(post.id, f"says nearly the same as the post of {other}: tell something else", texts[other])
        index.put(post.id, own)


def _same_scene(posts: Sequence[Tweet], fixed: Collection[str]) -> Iterator[Repetition]:
    index = SimilarityIndex(SCENES)
    scenes = {post.id: post.painting.scene for post in posts if post.painting}
    for post in _fixed_first(posts, fixed):
        if post.id not in scenes:
            continue
        own = print_of(scenes[post.id])
        if post.id not in fixed and (other := index.find(own)):
            sentence = f"has nearly the same scene as the post of {other}: show another moment, place or framing"
            yield Repetition(post.id, sentence, scenes[other])
        index.put(post.id, own)


def _same_edges(posts: Sequence[Tweet], fixed: Collection[str]) -> Iterator[Repetition]:
    """Openings that another post has, first words and last words that too many have."""
    openings: dict[tuple[str, ...], str] = {}
    firsts, closers = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for post in _fixed_first(posts, fixed):
        opening, first, closer = _edges(post)
        mine = post.id not in fixed
        if mine and opening in openings:
            yield Repetition(
                post.id, f'begins like the post of {openings[opening]}, "{_said(opening)}": begin otherwise'
            )
        elif mine and firsts[first] >= _room(FIRSTS, len(posts)):
            yield Repetition(post.id, f'begins with "{_said(first)}" like {firsts[first]} others: begin otherwise')
        if mine and closers[closer] >= _room(CLOSERS, len(posts)):
            yield Repetition(post.id, f'ends with "{_said(closer)}" like {closers[closer]} others: end otherwise')
        openings.setdefault(opening, post.id)
        firsts[first] += 1
        closers[closer] += 1


def _worn(posts: Sequence[Tweet], language: str, fixed: Collection[str]) -> Iterator[Repetition]:
    number = 0
    for post in _fixed_first(posts, fixed):
        phrases = worn_phrases("\n".join(post.parts), language)
        number += bool(phrases)
        if phrases and number > _room(WORN, len(posts)) and post.id not in fixed:
            yield Repetition(post.id, f'holds the worn phrase "{phrases[0][:60]}", like others: say it plainly')


def _crowded(posts: Sequence[Tweet], fixed: Collection[str]) -> Iterator[Repetition]:
    for tag, holders in _holders(posts).items():
        surplus = len(holders) - _room(HASHTAG, len(posts))
        for number in reversed(holders):
            post = posts[number]
            if surplus > 0 and post.id not in fixed:
                surplus -= 1
                if _without(post, tag) is None:
                    yield Repetition(post.id, f"carries #{tag} like {len(holders) - 1} others: leave it out")


def _without(post: Tweet, tag: str) -> Tweet | None:
    """The post without this hashtag behind its text; None where the tag stands elsewhere."""
    text = re.sub(rf"\s+#{re.escape(tag)}(?=(?:\s+#\w+)*\Z)", "", post.text, flags=re.IGNORECASE)
    if text == post.text or not text.strip():
        return None
    left = tuple(one for one in post.hashtags if one.casefold() != tag.casefold())
    return post.model_copy(update={"text": text, "hashtags": left, "weighted_length": weighted_length(text)})


def _holders(posts: Sequence[Tweet]) -> Mapping[str, list[int]]:
    """The posts that carry each hashtag, in small letters."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, post in enumerate(posts):
        for tag in {tag.casefold() for tag in post.hashtags}:
            holders[tag].append(number)
    return holders


def _edges(post: Tweet) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    first: Fingerprint = print_of(post.text)
    last = print_of(post.parts[-1])
    return first.opening, first.first, last.closer


def _fixed_first(posts: Sequence[Tweet], fixed: Collection[str]) -> list[Tweet]:
    return sorted(posts, key=lambda post: post.id not in fixed)


def _room(limit: tuple[int, float], number: int) -> int:
    least, share = limit
    return max(least, math.floor(share * number))


def _said(words: Sequence[str]) -> str:
    return ("" if len(words[0]) == 1 and not words[0].isascii() else " ").join(words) if words else ""
