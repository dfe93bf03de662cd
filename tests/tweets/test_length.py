"""Texts that are counted here count as in the library. For X's own program: test_tweets_length_reference.py."""

from __future__ import annotations

import random
import re
import tomllib

from rehearsal.bank import BANKS
from tweets.length import _library, links, weighted_length

PIECES = [
    *map(chr, (*range(0x20, 0x250), *range(0x3A0, 0x460), *range(0x2010, 0x2070), *range(0x3000, 0x3110))),
    *map(chr, (*range(0x4E00, 0x4E40), *range(0xAC00, 0xAC20), *range(0xFF01, 0xFFE0), *range(0x0E01, 0x0E3A))),
    *("🔔", "👍🏽", "👩‍👩‍👧‍👦", "🇳🇴", "❤", "❤️", "☀️", "1️⃣", "©", "©️", "®", "™", "①", "♪", "★"),
    *("…", "—", "é", "e\u0301", "が", "か\u3099", "한"),
    # A domain that is glued to letters of another script is found by X and missed by the library: it stands apart here.
    *(". ", "\n", "\t", "#", "@", " https://t.co/a ", " hello.cat ", " shop.jp ", " e.g. ", " 3.5 ", " no.sense "),
    *("a bell ", "the quay ", "鐘が鳴る", "伞", "종소리 ", " https://example.com/a/very/long/path?with=more "),
]


def made_up(number: int) -> list[str]:
    """Texts of all lengths from pieces of many scripts, and sentences of the word banks."""
    drawn = random.Random(20261126)
    texts = ["".join(drawn.choice(PIECES) for _ in range(drawn.randint(1, 40))) for _ in range(number)]
    for folder in sorted(BANKS.iterdir()):
        if folder.is_dir():
            jobs = tomllib.loads((folder / "jobs.toml").read_text(encoding="utf-8"))["job"]
            texts += [" ".join(drawn.sample(job["did"], 3)) for job in jobs]
    return texts


def test_lengths_and_links_are_those_of_the_library() -> None:
    for text in made_up(1500):
        signs = len(re.findall("[©®](?!\ufe0f)", text))  # which the library alone takes for emoji
        assert weighted_length(text) + signs == _library().parse_tweet(text).weightedLength, repr(text)
        assert links(text) == tuple(_library().extract_urls(text)), repr(text)


def test_no_single_character_is_counted_otherwise_than_by_the_library() -> None:
    for code in (*range(0x20, 0xD800), *range(0xE000, 0x10000)):
        text = chr(code)
        if weighted_length.__wrapped__(text) != 1 + (code > 0x10FF):  # else it is what the ranges of X say anyway
            assert weighted_length.__wrapped__(text) == _library().parse_tweet(text).weightedLength, hex(code)
