"""Posts of different characters that say the same, and the figures of a run: found and counted in bounded memory."""

from __future__ import annotations

import tomllib
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from labels.ai_label import AILabel
from tests.tweets.test_variety import post
from tests.tweets.test_write import words_of
from tweets.across_cast import SeenPosts
from tweets.figures import Figures
from tweets.schema import Decision, Tweet, TweetBatch

PAIRS = tomllib.loads((Path(__file__).parent / "alike.toml").read_text(encoding="utf-8"))
LABEL = AILabel(model="m", provider="p", tool="t", created="2026-11-30T10:00:00Z")


def batch(persona: str, posts: Sequence[Tweet], created: str = LABEL.created, language: str = "en") -> TweetBatch:
    label = LABEL.model_copy(update={"created": created})
    dated = tuple(one.model_copy(update={"ai": label}) for one in posts)
    return TweetBatch(persona=persona, character=persona, key="0123abcd", language=language, posts=dated)


def likenesses(*batches: TweetBatch, **given: Any) -> list[tuple[str, str]]:
    """Earlier and later of each two that are alike."""
    seen, files = SeenPosts(**given), {Path(f"{one.persona}.json"): one for one in batches}
    for path, one in files.items():
        seen.add(path, one)
    return [
        (f"{one.earlier[0].stem} {one.earlier[1]}", f"{one.later[0].stem} {one.later[1]}")
        for one in seen.likenesses(files.__getitem__)
    ]


def fillers(persona: str, number: int = 9) -> list[Tweet]:
    return [post(n, f"{words_of(f'{persona} {n}', 9)}.") for n in range(2, 2 + number)]


@pytest.mark.parametrize("language", sorted(PAIRS))
def test_most_of_what_is_alike_is_found_between_characters_and_nothing_else(language: str) -> None:
    found = 0
    for number, (one, other) in enumerate(PAIRS[language]["same"]):
        cast = [batch("al", [post(1, one), *fillers("al")]), batch("bo", [post(1, other), *fillers("bo")])]
        pairs = likenesses(*cast)
        assert pairs in ([], [("al 2026-12-01-1", "bo 2026-12-01-1")]), number
        found += bool(pairs)
    assert found >= 8
    for one, other in PAIRS[language]["other"]:
        assert likenesses(batch("al", [post(1, one)]), batch("bo", [post(1, other)])) == []


def test_the_same_text_is_told_once_and_of_the_later_post_whoever_came_in_first() -> None:
    same = "Pia sold the small bell to a man who wanted a doorstop."
    first = batch("zoe", [post(1, same)], "2026-11-29T10:00:00Z")
    second, third = batch("al", [post(2, same)]), batch("bo", [post(3, same)])
    for order in ((first, second, third), (third, second, first)):
        later = [pair[1] for pair in likenesses(*order)]
        assert later == ["al 2026-12-02-1", "bo 2026-12-03-1"]


def test_a_characters_own_posts_and_dropped_ones_are_passed_over() -> None:
    same = "Pia sold the small bell to a man who wanted a doorstop."
    assert likenesses(batch("al", [post(1, same), post(2, same)])) == []
    dropped = post(1, same).model_copy(update={"decision": Decision(act="drop")})
    assert likenesses(batch("al", [post(1, same)]), batch("bo", [dropped])) == []


def test_a_table_that_is_too_small_forgets_and_does_not_break() -> None:
    cast = [batch(str(number), fillers(str(number))) for number in range(30)]
    assert likenesses(*cast, places=8) == []


def test_posts_do_not_pile_up_in_memory() -> None:
    seen, figures = SeenPosts(places=1 << 12), Figures()
    sizes = []
    tracemalloc.start()
    try:
        for number in range(300):
            one = batch(f"p{number}", fillers(str(number)))
            seen.add(Path("same.json"), one)
            figures.add(one, {"thought": 1.0})
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    from tweets.similarity import print_of

    print_of.cache_clear()
    assert figures.posts == 2700
    assert sizes[-1] - sizes[0] < 12_000_000, "the cache of 8,192 texts, and nothing beside it"


def test_figures_say_how_varied_and_how_long_the_posts_are() -> None:
    figures = Figures()
    posts = [
        post(1, "The kettle sings. The kettle sings."),
        post(2, f"{words_of('x', 12)}.", painting=None, content_type="story"),
        post(3, "A testament to salt.", thread=("It hums.",)),
        post(4, "The kettle sings, the kettle sings!"),
    ]
    figures.add(batch("al", posts), {"thought": 0.5, "story": 0.5})
    told = figures.as_json()
    assert (told["posts"], told["characters"], told["threads"], told["with_picture"]) == (4, 1, 1, 0.75)
    assert told["near_duplicates"] == {"within": 1, "across": 0, "rate": 0.25}
    assert told["worn"] == {"posts": 1, "phrases": {"a testament to": 1}}
    assert told["types"] == {
        "story": {"planned": 0.5, "written": 0.25},
        "thought": {"planned": 0.5, "written": 0.75},
    }
    assert told["types_within_rounding"] == 0
    assert told["lengths"] == {"under 60": 0.75, "60 to 180": 0.25, "over 180": 0.0}
    assert told["distinct_1"] == round((3 + 12 + 4 + 2) / (6 + 12 + 4 + 2 + 6), 3)
    assert "near-duplicates 25.0 %" in figures.row()
    assert Figures().as_json() == {}


def test_shares_within_rounding_are_seen() -> None:
    figures = Figures()
    figures.add(
        batch("al", [post(n, content_type="story" if n < 3 else "thought") for n in range(1, 11)]),
        {"story": 0.25, "thought": 0.75},
    )
    assert figures.rounded == 1
