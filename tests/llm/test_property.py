"""What holds for every reply and every prompt file, however strange."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.answers import Unusable, error_text, parse, read_reply
from llm.prompts import PromptFile
from tests.llm.test_answers import GOOD, Thing
from tests.loopback import completion
from tests.properties import many

# What replies are made of, right and wrong: pieces that a model or a broken server would put together.
PIECES = (
    GOOD,
    GOOD[:20],
    "<think>",
    "</think>",
    "```json\n",
    "```",
    *'{}[]",:\\',
    "null",
    "1e999",
    "-",
    "NaN",
    "\ud800",
)
replies = st.text(max_size=60) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)


T = TypeVar("T")


def outcome(read: Callable[[], T]) -> T | Unusable:
    """What `read` gives, or why it is unusable. Any other error is one of ours."""
    try:
        return read()
    except Unusable as unusable:
        return unusable


@many
@given(replies)
def test_any_text_is_an_answer_or_is_refused_in_a_sentence(text: str) -> None:
    found = outcome(lambda: parse(text, Thing))
    if isinstance(found, Unusable):
        assert found.cause in {"cut", "not json", "invalid"}
        assert found.sentence == str(found) != ""
    else:
        assert parse(found.model_dump_json(), Thing) == found


@many
@given(before=st.text(alphabet="ab 知\n.!?", max_size=20), after=st.text(alphabet="ab 知\n.!?", max_size=20))
def test_an_answer_is_found_in_any_chatter(before: str, after: str) -> None:
    assert parse(f"{before}{GOOD}{after}", Thing).number == 3


@many
@given(st.dictionaries(st.sampled_from(["number", "inner", "when"]), values) | values)
def test_any_json_value_is_an_answer_or_is_refused(value: Any) -> None:
    found = outcome(lambda: parse(json.dumps(value), Thing))
    assert found.sentence if isinstance(found, Unusable) else 0 <= found.number <= 9


ENVELOPE = json.loads(completion(GOOD))
PLACES = [
    *(("error",), ("model",), ("choices",), ("choices", 0), ("choices", 0, "finish_reason"), ("choices", 0, "message")),
    *(("choices", 0, "message", "content"), ("choices", 0, "message", "refusal"), ("usage",)),
    *(("usage", "prompt_tokens"), ("usage", "completion_tokens"), ("usage", "prompt_tokens_details")),
]


@many
@given(place=st.sampled_from(PLACES), value=values)
def test_whatever_stands_in_a_completion_it_is_read_or_refused(place: tuple[Any, ...], value: Any) -> None:
    body = json.loads(json.dumps(ENVELOPE))
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    reply = outcome(lambda: read_reply(json.dumps(body).encode("utf-8")))
    if isinstance(reply, Unusable):
        assert reply.cause in {"error", "no choices"}
    else:
        assert min(reply.tokens_in, reply.tokens_out, reply.tokens_cached) >= 0
        assert reply.text.strip() or reply.problem is not None


@many
@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_no_completion_and_that_is_said(body: bytes) -> None:
    with pytest.raises(Unusable):
        read_reply(body)


@many
@given(values)
def test_the_message_of_any_error_body_is_one_short_line(body: Any) -> None:
    text = error_text(body)
    assert len(text) <= 300
    assert text == " ".join(text.split())


@many
@given(st.lists(st.tuples(st.text(max_size=10), names), max_size=6), st.data())
def test_any_prompt_takes_its_own_values_word_for_word_and_no_others(
    parts: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "".join(f"{before.replace('$', '$$')}${{{name}}}" for before, name in parts)
    filled = {name: data.draw(st.text(max_size=10)) for _, name in parts}
    prompt = PromptFile("p.md", "", text)
    assert prompt.fill(**filled).user == "".join(before + filled[name] for before, name in parts)
    with pytest.raises(ValueError, match=re.escape("unused ['Z']")):
        prompt.fill(**filled, Z="1")
    for name in filled:
        with pytest.raises(ValueError, match=re.escape(f"missing ['{name}']")):
            prompt.fill(**{other: value for other, value in filled.items() if other != name})
