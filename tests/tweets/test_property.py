"""What holds for the length of every text, and for every finished post."""

from __future__ import annotations

import unicodedata

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties import many
from tests.tweets.test_length import PIECES
from tweets.length import _library, weighted_length
from tweets.rules import compose, hashtags_in, normal_hashtags

# Without the selector of the emoji form, after which the library counts otherwise than X.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufe0f")
pieces = st.sampled_from([piece for piece in PIECES if "\ufe0f" not in piece]) | characters
texts = st.lists(pieces, max_size=30).map("".join)
plain = st.text(alphabet=st.characters(max_codepoint=0x24F, exclude_characters=".\r", exclude_categories=["Cs"]))
tags = st.lists(st.text(max_size=12), max_size=6)


@many
@given(texts)
def test_any_text_counts_as_in_the_library_however_its_letters_are_put_together(text: str) -> None:
    assert weighted_length(text) + text.count("©") + text.count("®") == _library().parse_tweet(text).weightedLength
    assert weighted_length(unicodedata.normalize("NFD", text)) == weighted_length(unicodedata.normalize("NFC", text))


@many
@given(plain, plain)
def test_a_text_is_never_shorter_than_its_parts(one: str, other: str) -> None:
    assert weighted_length(f"{one} {other}") >= max(weighted_length(one), weighted_length(other))


@many
@given(texts, tags)
def test_any_post_holds_each_of_its_hashtags_once_and_is_finished(text: str, hashtags: list[str]) -> None:
    assume(text.strip())
    whole = compose(text, hashtags)
    assert compose(whole, hashtags) == whole
    wanted = {tag.casefold() for tag in normal_hashtags(hashtags)}
    behind = [tag.casefold() for tag in hashtags_in(whole[len(compose(text, ())) :])]
    assert len(behind) == len(set(behind))
    assert wanted <= {tag.casefold() for tag in hashtags_in(whole)}
    assert normal_hashtags(normal_hashtags(hashtags)) == normal_hashtags(hashtags)
