"""Weighted length agrees with X's own counter, npm `twitter-text`, on texts put together from awkward pieces."""

from __future__ import annotations

from random import Random

from tests.readers_of_others import read
from tweets.length import weighted_length

PIECES = (
    *("bell", "Ünder", "naïve", "e\u0301te\u0301", "Здравствуй", "שלום", "مرحبا", "สวัสดี", "नमस्ते", "한국어", "각"),
    *(
        "灯塔",
        "鐘樓",
        "かもめ",
        "カモメ",
        "ｶﾓﾒ",
        "、",
        "。",
        "「鐘」",
        "！",
        "…",
        "—",
        "–",
        "“q”",
        "‘q’",
        "→",
        "①",
        "™",
        "½",
        "ﬃ",
    ),
    *(
        "🔔",
        "☕",
        "❤",
        "❤️",
        "☺",
        "👍🏽",
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "🇯🇵",
        "🇨🇳🇫🇷",
        "1️⃣",
        "#️⃣",
        "🫠",
        "🧑🏿‍🚀",
        "👨‍💻",
        "♟️",
        "⚧️",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    ),
    *(
        "https://example.org",
        "http://t.co/abc",
        "example.com",
        "hello.cat",
        "www.example.co.uk/a?b=c#d",
        "a@b.org",
        "例え.jp",
    ),
    *(
        "https://ja.wikipedia.org/wiki/鐘",
        "(https://example.org/a_(b))",
        "http://localhost",
        "not.atld",
        "x.y",
        "file.txt",
    ),
    *(
        "#bell",
        "#鐘楼",
        "@mira",
        "$ACME",
        "&amp;",
        "<b>",
        "\u200e",
        "\u200b",
        "\u200d",
        "\ufe0f",
        "\u00a0",
        "\u3000",
        "\t",
        "'",
    ),
    *("𝕭𝖊𝖑𝖑", "𠮷野家", "\U0001f9ff", "\u1112\u1161\u11ab", "\u0e33", "\ua9c1", "\u2028"),
)
BARE = ("example.com", "hello.cat", "www.example.co.uk/a?b=c#d", "例え.jp", "file.txt")
JOINTS = ("", " ", "\n", ". ", "、", "-")
NUMBER = 1500


def texts() -> list[str]:
    random = Random(20261126)
    made = [*PIECES, *(piece * 150 for piece in PIECES[:24])]
    while len(made) < NUMBER:
        pieces = random.choices(PIECES, k=random.choice((2, 3, 5, 8, 20, 60)))
        # What the library takes for a link is known to differ where a bare domain is glued to what stands before it.
        made.append("".join((" " * (piece in BARE)) + piece + random.choice(JOINTS) for piece in pieces))
    return made


def test_every_emoji_of_x_counts_the_same_with_the_selector_of_its_form() -> None:
    unknown = 0x267E  # an emoji that is newer than X's program
    known = [number for number in (*range(0x203C, 0x3300), *range(0x1F000, 0x1FB00)) if number != unknown]
    made = [chr(number) + "\ufe0f" for number in known]
    differing = [
        text for text, (length, _) in zip(made, read("length", *made), strict=True) if weighted_length(text) != length
    ]
    assert differing == []


def test_the_length_is_what_x_counts() -> None:
    made = texts()
    counted = read("length", *made)
    differing = {text: (weighted_length(text), length) for text, (length, _) in zip(made, counted, strict=True)}
    assert {text: both for text, both in differing.items() if both[0] != both[1]} == {}
    assert {valid for _, valid in counted} == {True, False}
