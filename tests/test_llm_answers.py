"""From a reply's text to a checked answer, or to a sentence the model can act on."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel, Field

from llm.answers import Unusable, error_text, parse, read_reply, wire_schema
from tests.loopback import completion


class Inner(BaseModel):
    name: str = Field(min_length=1)


class Thing(BaseModel):
    """A thing."""

    number: int = Field(ge=0, le=9, description="one digit")
    inner: tuple[Inner, ...] = Field(min_length=1)
    when: str | None = None


GOOD = '{"number": 3, "inner": [{"name": "a"}], "when": null}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"<think>number {{7}}?</think>\n{GOOD}",
        f"Here you are: {GOOD} Anything else?",
        GOOD.replace("null}", "null,}"),
        GOOD.replace('"number"', "number"),
    ],
)
def test_an_answer_is_found_in_what_surrounds_it(text: str) -> None:
    assert parse(text, Thing).number == 3


def test_raw_control_characters_in_strings_are_read() -> None:
    assert parse(GOOD.replace('"a"', '"a\nb"'), Thing).inner[0].name == "a\nb"


@pytest.mark.parametrize("end", range(1, len(GOOD) - 1))
def test_a_cut_answer_is_never_accepted(end: int) -> None:
    with pytest.raises(Unusable) as caught:
        parse(GOOD[:end], Thing)
    assert caught.value.cause in {"cut", "not json"}


@pytest.mark.parametrize("text", ["", "no", "[1, 2]", "null", "<html></html>", "{}", "[" * 5000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        parse(text, Thing)


def test_a_failed_check_says_where_and_what() -> None:
    with pytest.raises(Unusable) as caught:
        parse('{"number": 12, "inner": [{"name": ""}]}', Thing)
    assert caught.value.cause == "invalid"
    assert "number:" in caught.value.sentence
    assert "inner.0.name:" in caught.value.sentence


def test_the_wire_schema_speaks_the_common_dialect() -> None:
    schema = wire_schema(Thing)
    text = json.dumps(schema)
    for word in ("$ref", "$defs", "default", "minimum", "maximum", "minItems", "minLength", '"title"'):
        assert word not in text
    assert schema["required"] == ["number", "inner", "when"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["inner"]["items"]["additionalProperties"] is False
    assert schema["properties"]["number"]["description"] == "one digit"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"<html>nginx</html>", "html"),
        (completion(GOOD)[:40], "cut"),
        (b"\xff\xfe{}", "encoding"),
        (b"[]", "shape"),
        (b'{"choices": null}', "no choices"),
        (b'{"choices": []}', "no choices"),
        (b'{"error": {"message": "upstream died"}}', "error"),
    ],
)
def test_what_is_no_completion_has_its_own_cause(body: bytes, cause: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_reply(body)
    assert caught.value.cause == cause


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (completion(GOOD, finish="length"), "length"),
        (completion(GOOD, finish="content_filter"), "filtered"),
        (completion("  \n "), "blank"),
        (completion(None), "blank"),
        (completion(None, refusal="I will not"), "refusal"),
    ],
)
def test_a_reply_that_is_no_answer_still_counts_its_tokens(body: bytes, cause: str) -> None:
    reply = read_reply(body)
    assert reply.problem is not None
    assert reply.problem.cause == cause
    assert (reply.tokens_in, reply.tokens_out) == (100, 20)


def test_content_in_parts_is_joined() -> None:
    body = json.loads(completion("x"))
    body["choices"][0]["message"]["content"] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    body["usage"] = None
    assert read_reply(json.dumps(body).encode()).text == "ab"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": {"message": "m"}}, "m"),
        ([{"error": {"message": "m"}}], "m"),
        ({"error": "m"}, "m"),
        ({"detail": "m"}, "m"),
        ({"message": "m"}, "m"),
        ("m", "m"),
        (None, ""),
        ({}, ""),
    ],
)
def test_error_texts_are_found_in_every_shape(body: object, text: str) -> None:
    assert error_text(body) == text
