"""Worn phrases, scenes and emoji: each list meets what it is for, and texts that it must leave alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
from emoji import EMOJI_DATA, STATUS

from tests import answers
from tests.command import ROOT
from tweets.emoji import ANY, EmojiHabit, emoji_in, emoji_objections, read_habit
from tweets.word_lists import not_for_a_camera, too_worn, worn_phrases


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "This bell is a testament to salt. In a world where nobody listens, it hums.", 2),
        ("en", "It is not just a bell but a promise. Let's talk about it.", 2),
        ("en", "It's not about the bell. It's about the hum.", 1),
        ("en", "The morning was quiet, warm, and gentle.", 1),
        ("en", "The ferry — late. The captain — later.", 1),
        ("en-GB", "A symphony of gulls.", 1),
        ("zh", "仿佛时间停了。这不仅是一把伞，更是一段人生。", 2),
        ("zh-Hant", "在這個匆忙的時代，讓我們修一把傘。", 2),
        ("ja", "まるで夢のような朝。かけがえのない時計。", 2),
        ("ja", "時計だけでなく、心も直していきましょう。", 2),
        ("de", "Nicht nur eine Glocke, sondern auch ein Versprechen.", 1),
        ("fr", "Dans un monde où tout sonne.", 1),
        ("es", "Un testimonio de sal.", 1),
        ("ko", "마치 꿈을 꾸는 것처럼 소중한 순간.", 2),
        ("tlh", "a testament to honour", 0),
    ],
)
def test_worn_phrases_are_counted_in_the_language_of_the_post(language: str, text: str, number: int) -> None:
    assert len(worn_phrases(text, language)) == number
    assert bool(list(too_worn(text, language))) == (number > 1)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", post.text) for post in answers.EXAMPLES.posts),
        ("en", "Old bell, new rope, no customers. I let the captain talk — he was wrong."),
        ("en", "Not the small one. The testament of my teacher is two spoons."),
        ("zh", "王老师来拿伞，说雨比她教得好。不是我刻的。"),
        ("ja", "時計は動いていた。人のほうが止まっていた。"),
    ],
)
def test_plain_speech_is_left_alone(language: str, text: str) -> None:
    assert worn_phrases(text, language) == []


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("Her copper hair tied back, the figure taps a bell at noon.", "added later"),
        ("A green-eyed figure on the quay at dusk.", "added later"),
        ("The figure on the quay, feeling lonely, one lamp.", "no camera sees"),
        ("The figure wondering about the ferry, grey morning.", "no camera sees"),
        ('A board that reads "CLOSED" above the shed.', "lettering"),
        ("Marra at the bench at dawn.", "names Marra"),
    ],
)
def test_a_scene_is_what_a_camera_sees(scene: str, said: str) -> None:
    found = list(not_for_a_camera(scene, "Marra Tveit"))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "scene",
    [
        "Kneeling on a wet slipway at dusk, coiling a red air hose beside a brass helmet, low three-quarter view.",
        "Close view at eye level: the figure, eyes closed, a hair ribbon on the bench, an open book.",
        "The figure reading a letter under a lamp, a blank sign behind.",
    ],
)
def test_a_good_scene_is_left_alone(scene: str) -> None:
    assert list(not_for_a_camera(scene, "Marra Tveit")) == []


@pytest.mark.parametrize(
    ("words", "habit"),
    [
        ("None.", EmojiHabit(0)),
        ("never, they cost a character", EmojiHabit(0)),
        ("不用，怕人看岔。", EmojiHabit(0)),
        ("使わない。", EmojiHabit(0)),
        ("keine", EmojiHabit(0)),
        ("none, except a bell when she is beaten", EmojiHabit(1)),
        ("One 🎭 at most, on premieres.", EmojiHabit(1, frozenset("🎭"))),
        ("💪，每月限一个。", EmojiHabit(1, frozenset("💪"))),
        ("✏️を、覚えるたびに一つ。", EmojiHabit(1, frozenset("✏"))),
        ("👀 now and then", EmojiHabit(None, frozenset("👀"))),
        ("🌸 and the like, in heaps", ANY),
        ("whatever the day asks for", ANY),
        ("", ANY),
    ],
)
def test_a_habit_with_emoji_is_read_from_the_sheet(words: str, habit: EmojiHabit) -> None:
    assert read_habit(words) == habit


def test_an_emoji_is_one_however_it_is_put_together() -> None:
    assert emoji_in("👩‍👩‍👧‍👦 🇳🇴 👍🏽 ❤️ 1️⃣") == ["👩‍👩‍👧‍👦", "🇳🇴", "👍🏽", "❤️", "1️⃣"]
    assert emoji_in("♪ ★ ✓ © ™ ↔ ① 〜 … — 鐘 é") == []
    assert emoji_in("🆕 🈚 ☀ ❤ 1⃣, and as text ☀\ufe0e ❤\ufe0e") == ["🆕", "🈚", "☀", "❤", "1⃣"]


def test_every_emoji_of_unicode_is_seen() -> None:
    drawn = [one for one, about in EMOJI_DATA.items() if about["status"] == STATUS["fully_qualified"]]
    assert len(drawn) > 3900
    assert [one for one in drawn if emoji_in(f"Ja,{one}!") != [one]] == []


def test_a_post_keeps_to_the_habit() -> None:
    assert "uses no emoji" in next(emoji_objections("text", "It hums 🔔", EmojiHabit(0)))
    assert "at most 1" in next(emoji_objections("part 2", "🔔🔔", EmojiHabit(1)))
    assert "no other emoji than 🎭" in next(emoji_objections("text", "🔔", EmojiHabit(1, frozenset("🎭"))))
    assert list(emoji_objections("text", "✏️", EmojiHabit(1, frozenset("✏")))) == []
    assert list(emoji_objections("text", "🔔🔔🔔", ANY)) == []


HOSTILE = ("a" * 200_000, "not just " * 30_000, "— " * 100_000, "仿佛" * 50_000, "quiet, " * 40_000)


def read_all(text: str) -> None:
    worn_phrases(text, "en")
    worn_phrases(text, "zh")
    list(not_for_a_camera(text, "Marra"))


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_text_is_read_to_its_end(number: int) -> None:
    """In a process of its own: where reading takes for ever, it is ended."""
    code = f"from tests.tweets.test_word_lists import HOSTILE, read_all; read_all(HOSTILE[{number}])"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
