"""From a reply's text to a checked answer, or to a sentence the model can act on."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from pydantic import BaseModel, Field, field_validator

from llm.answers import LONGEST_REPLY, Reply, Unusable, error_text, parse, read_reply, wire_schema
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
        GOOD.replace("}]", "},]") + " XOXO",
        GOOD.replace("null}", '"a \\\\\\" ]}[{ b",}'),
        GOOD.replace('{"number"', '{"": 0, "number"').replace("null}", "null,}"),
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


NO_OBJECT = "the answer was not a JSON object"
NO_THING = "the whole: Input should be a valid dictionary or instance of Thing"
NOT_WHOLE = "the JSON object was not complete"
NO_NUMBER = "number: Unable to parse input string as an integer, exceeded maximum size"
NO_LIMITS = "the answer was not a JSON object that can be read"


@pytest.mark.parametrize(
    ("text", "cause", "sentence"),
    [
        ("", "not json", NO_OBJECT),
        ("no", "not json", NO_OBJECT),
        ("<html></html>", "not json", NO_OBJECT),
        ("[" * 5000, "not json", NO_OBJECT),
        ("[1, 2]", "invalid", NO_THING),
        ("null", "invalid", NO_THING),
        ("{}", "invalid", "number: Field required; inner: Field required"),
        (f'{GOOD} and {{"number": 4', "cut", NOT_WHOLE),
        (GOOD.replace("null}", "[1}]"), "cut", NOT_WHOLE),
        (GOOD.replace("3", "3" * 5000), "invalid", NO_NUMBER),
        (GOOD.replace("null}", "[" * 5000 + "]" * 5000 + ",}"), "not json", NO_LIMITS),
    ],
)
def test_what_is_no_answer_is_refused_in_words_for_the_model(text: str, cause: str, sentence: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse(text, Thing)
    assert (caught.value.cause, caught.value.sentence, str(caught.value)) == (cause, sentence, sentence)


def test_a_long_list_of_complaints_is_cut_and_counted() -> None:
    class Strict(BaseModel):
        numbers: list[int]
        word: str = ""

        @field_validator("word")
        @classmethod
        def _short(cls, word: str) -> str:
            raise ValueError("say less")

    def said(wrong: int) -> str:
        with pytest.raises(Unusable) as caught:
            parse(json.dumps({"word": "long", "numbers": ["x"] * wrong}), Strict)
        return caught.value.sentence

    assert said(0) == "word: say less"
    assert said(7).count("; ") == 7
    assert said(7).endswith("; word: say less")
    assert said(10).count("; ") == 8
    assert said(10).endswith("; and 3 more")


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


def test_the_wire_schema_holds_what_the_limits_were_taken_from() -> None:
    class Shape(BaseModel):
        sides: int = Field(3, description="how many")

    class Drawing(BaseModel):
        kind: Literal["plan"] = "plan"
        title: str = Field(max_length=9)
        main: Shape = Field(Shape(), description="in front")
        others: list[Shape] = []
        frame: Shape | None = None

    def shape(**beside: str) -> dict[str, object]:
        sides = {"type": "integer", "description": "how many"}
        closed = {"required": ["sides"], "additionalProperties": False}
        return {"type": "object", "properties": {"sides": sides}, **closed, **beside}

    fields = {
        "kind": {"enum": ["plan"], "type": "string"},
        "title": {"type": "string"},
        "main": shape(description="in front"),
        "others": {"type": "array", "items": shape()},
        "frame": {"anyOf": [shape(), {"type": "null"}]},
    }
    assert wire_schema(Drawing) == {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


NO_COMPLETION = "the endpoint sent something other than a chat completion"
NO_CHOICE = "the endpoint sent a completion without any choice"


@pytest.mark.parametrize(
    ("body", "cause", "sentence"),
    [
        (b"\n <html>nginx</html>", "html", NO_COMPLETION),
        (completion(GOOD)[:40], "cut", NO_COMPLETION),
        (b'{"id": ' + b"1" * 5000 + b"}", "cut", NO_COMPLETION),
        (b"\xff\xfe{}", "encoding", "the reply is not UTF-8 text"),
        (b"[]", "shape", NO_COMPLETION),
        (b'{"choices": null}', "no choices", NO_CHOICE),
        (b'{"choices": []}', "no choices", NO_CHOICE),
        (b'{"choices": ["hello"]}', "no choices", NO_CHOICE),
        (b'{"error": {"message": "upstream died"}}', "error", "the endpoint reported an error: upstream died"),
    ],
)
def test_what_is_no_completion_has_its_own_cause(body: bytes, cause: str, sentence: str) -> None:
    with pytest.raises(Unusable) as caught:
        read_reply(body)
    assert (caught.value.cause, caught.value.sentence) == (cause, sentence)


def test_a_reply_is_read_whole() -> None:
    body = {
        "model": "painted-parrot",
        "choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 64}},
    }
    assert read_reply(json.dumps(body).encode()) == Reply(GOOD, "painted-parrot", 90, 20, 64)
    odd = {"prompt_tokens": -5, "completion_tokens": "20", "prompt_tokens_details": "none"}
    assert read_reply(json.dumps(body | {"model": None, "usage": odd}).encode()) == Reply(GOOD, "")


@pytest.mark.parametrize("message", [None, "hello", {}, {"content": 3}, {"content": [{"type": "image"}, "x"]}])
def test_a_choice_without_words_is_blank(message: object) -> None:
    reply = read_reply(json.dumps({"choices": [{"message": message}]}).encode())
    assert reply.text == ""
    assert reply.problem is not None
    assert reply.problem.cause == "blank"


@pytest.mark.parametrize(
    ("body", "cause", "sentence"),
    [
        (
            completion(GOOD, finish="length"),
            *("length", "the answer was cut off at the token limit; say it more briefly"),
        ),
        (
            completion(GOOD, finish="content_filter"),
            *("filtered", "the endpoint's content filter stopped the answer"),
        ),
        (completion(GOOD, finish="error"), "error", "the endpoint broke off in the middle of the answer"),
        (completion("  \n "), "blank", "the answer was empty"),
        (completion(None), "blank", "the answer was empty"),
        (completion("a" * (LONGEST_REPLY + 1)), "too long", "the answer was far too long"),
        (completion(None, refusal="I will\nnot"), "refusal", "the model refused: I will not"),
        (completion(None, refusal="no" * 101), "refusal", f"the model refused: {'no' * 100}"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_reply_that_is_no_answer_still_counts_its_tokens(body: bytes, cause: str, sentence: str) -> None:
    reply = read_reply(body)
    assert reply.problem is not None
    assert (reply.problem.cause, reply.problem.sentence) == (cause, sentence)
    assert (reply.tokens_in, reply.tokens_out) == (100, 20)


def test_the_longest_reply_is_one() -> None:
    assert read_reply(completion("a" * LONGEST_REPLY)).problem is None


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
        ({"error": {"detail": "m"}}, "m"),
        ({"error": {"code": 42}}, "42"),
        ({"error": {}, "message": "m"}, "m"),
        ({"error": None, "detail": "m"}, "m"),
        ({"code": "m"}, "m"),
        ({"message": "m", "detail": "d"}, "m"),
        ("a\n  b", "a b"),
        ("m" * 301, "m" * 300),
        ({"detail": "m"}, "m"),
        ({"message": "m"}, "m"),
        ("m", "m"),
        (None, ""),
        ({}, ""),
    ],
)
def test_error_texts_are_found_in_every_shape(body: object, text: str) -> None:
    assert error_text(body) == text
