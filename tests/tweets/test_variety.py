"""What repeats itself among the posts of one character: found in the later post, and nowhere else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.tweets.test_write import words_of
from tweets.schema import Painting, Tweet
from tweets.similarity import alike, print_of
from tweets.variety import repetitions, thinned

PAIRS = tomllib.loads((Path(__file__).parent / "alike.toml").read_text(encoding="utf-8"))


def post(number: int, text: str = "", **changes: Any) -> Tweet:
    text = text or f"{words_of(f'text {number}', 8).capitalize()}."
    scene = changes.pop("scene", words_of(f"scene {number}", 8))
    values = {
        "id": f"2026-12-{number:02}-1",
        "at": f"2026-12-{number:02}T08:00:00+01:00",
        "content_type": "thought",
        "text": text,
        "weighted_length": len(text),
        "painting": Painting(appearance="A girl.", scene=scene, seed=1),
    }
    return Tweet(**(values | changes))


def posts(*texts: str, of: int = 10) -> list[Tweet]:
    return [post(number, text) for number, text in enumerate((*texts, *[""] * (of - len(texts))), start=1)]


def found(some: list[Tweet], **given: Any) -> list[tuple[int, str]]:
    return [(int(one.id[8:10]), one.sentence) for one in repetitions(some, given.pop("language", "en"), **given)]


@pytest.mark.parametrize("language", sorted(PAIRS))
def test_pairs_by_hand_are_told_apart(language: str) -> None:
    for kind, verdict in (("same", True), ("other", False)):
        for one, other in PAIRS[language][kind]:
            assert alike(print_of(one), print_of(other)) == verdict, (one, other)


@pytest.mark.parametrize("language", sorted(PAIRS))
def test_the_later_of_two_that_say_the_same_is_named_with_the_text_to_keep_clear_of(language: str) -> None:
    first, second = PAIRS[language]["same"][1]
    [one] = [one for one in repetitions(posts(first, second), language) if "says nearly" in one.sentence]
    assert one.id == "2026-12-02-1"
    assert one.like == first


def test_different_posts_repeat_nothing() -> None:
    assert found(posts(of=40)) == []
    assert found([]) == []
    assert found(posts(of=1)) == []


def test_an_opening_is_free_once_and_a_first_word_three_times() -> None:
    some = posts("The bell is gone. Good.", "The bell is back, with a dent and a story.", "The ferry waits for no cow.")
    assert found(some) == [(2, 'begins like the post of 2026-12-01-1, "the bell is": begin otherwise')]
    some = posts(*(f"The {words_of(str(number), 6)}." for number in range(5)))
    assert [number for number, _ in found(some)] == [4, 5]
    assert "like 3 others" in found(some)[0][1]


def test_an_ending_is_free_twice() -> None:
    some = posts(*(f"{words_of(str(number), 6)}. Anyway. It hums." for number in range(4)))
    assert [number for number, sentence in found(some) if "ends with" in sentence] == [3, 4]
    some = posts(*(f"{sign}了{sign}{sign}，就这么过来了。" for sign in "伞灯锅门"))
    assert [number for number, sentence in found(some, language="zh") if "ends with" in sentence] == [3, 4]


def test_the_same_scene_is_shown_once() -> None:
    scene = "The figure lifts a kettle in a shed at dawn, bells behind, close view."
    some = [post(1, scene=scene), post(2), post(3, scene=scene.replace("close", "low"))]
    assert found(some) == [
        (3, "has nearly the same scene as the post of 2026-12-01-1: show another moment, place or framing")
    ]
    assert found([post(1, scene=scene), post(2, painting=None)]) == []


def test_worn_phrases_are_left_to_one_post_in_ten() -> None:
    some = posts("A symphony of gulls.", "Let's talk about rope.", "A testament to glue.")
    assert [number for number, _ in found(some)] == [2, 3]


def test_a_hashtag_on_too_many_posts_is_taken_off_behind_and_named_inside() -> None:
    tagged = [post(n, f"{words_of(str(n), 6)} #Bells #Sea", hashtags=("Bells", "Sea")) for n in range(1, 9)]
    some = [*tagged, post(9), post(10)]
    thin = thinned(some)
    assert sum("Bells" in one.hashtags for one in thin) == sum("Sea" in one.hashtags for one in thin) == 5
    assert all(("#Bells" in one.text) == ("Bells" in one.hashtags) for one in thin)
    assert all(one.weighted_length == len(one.text) for one in thin)
    assert thinned(thin) == thin
    assert thinned(some, [one.id for one in some]) == some
    inside = [post(n, f"{words_of(str(n), 4)} #Bells {words_of(str(n), 3)}", hashtags=("Bells",)) for n in range(1, 7)]
    assert thinned(inside) == inside
    assert [number for number, sentence in found(inside) if "carries #bells" in sentence] == [4, 5, 6]


def test_what_stands_in_a_file_is_kept_clear_of_and_never_named() -> None:
    same = "Pia sold the small bell to a man who wanted a doorstop."
    some = posts(same, same, same)
    assert {number for number, _ in found(some, fixed=["2026-12-02-1"])} == {1, 3}
    assert found(some, fixed=[one.id for one in some]) == []


def test_a_thread_is_compared_as_a_whole_and_ends_with_its_last_part() -> None:
    tails = [f"{words_of(str(number), 5)}. So it goes." for number in range(3)]
    some = [post(number + 1, thread=("Second part.", tail)) for number, tail in enumerate(tails)]
    assert [number for number, sentence in found(some) if "ends with" in sentence] == [3]
