"""A reply's text in, a checked pydantic object out, or one sentence that the model can act on.

Also the other way round: the schema of an answer, in the dialect that every server understands. Pure; knows
neither HTTP nor files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

A = TypeVar("A", bound=BaseModel)

MOST_COMPLAINTS = 8
LONGEST_REPLY = 4_000_000  # characters; more than any answer of ours, and cheap to refuse

_DROPPED = frozenset(
    {"title", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength"}
    | {"maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "examples"}
)
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)```", re.DOTALL | re.IGNORECASE)


class Unusable(Exception):
    """A reply that is no answer. `cause` is one word for reports; the text can be sent back to the model."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Reply:
    """The useful parts of a chat completion."""

    text: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    problem: Unusable | None = None  # what the envelope itself says is wrong


@cache
def wire_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `answer` without references, limits and defaults; every field required.

    Limits stay with pydantic: several servers refuse a schema that states them.
    """
    full = answer.model_json_schema()
    return _plain(full, full.get("$defs", {}))  # type: ignore[no-any-return]


@cache
def schema_in_words(answer: type[BaseModel]) -> str:
    """The same schema as text for the prompt, for endpoints whose model does not see it otherwise."""
    text = json.dumps(wire_schema(answer), ensure_ascii=False, separators=(",", ":"))
    return f"Reply with one JSON object and nothing else. It must fit this JSON Schema:\n{text}"


def read_reply(body: bytes) -> Reply:
    """The reply in the body of an answered call. Raises Unusable when it is no chat completion at all."""
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unusable("encoding", "the reply is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:  # ValueError: also a number of more digits than Python reads
        kind = "html" if body.lstrip()[:1] == b"<" else "cut"
        raise Unusable(kind, "the endpoint sent something other than a chat completion") from error
    if not isinstance(data, dict):
        raise Unusable("shape", "the endpoint sent something other than a chat completion")
    if data.get("error"):
        raise Unusable("error", f"the endpoint reported an error: {error_text(data)}")
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unusable("no choices", "the endpoint sent a completion without any choice")
    message = choices[0].get("message")
    message = message if isinstance(message, dict) else {}
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get("prompt_tokens_details")
    text = _content(message)
    return Reply(
        text=text,
        model=str(data.get("model") or ""),
        tokens_in=_number(usage.get("prompt_tokens")),
        tokens_out=_number(usage.get("completion_tokens")),
        tokens_cached=_number(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        problem=_problem(text, message, choices[0].get("finish_reason")),
    )


def parse(text: str, answer: type[A]) -> A:
    """The answer in `text`. Raises Unusable with what is wrong, said so that the model can mend it."""
    value = _json_in(text)
    try:
        return answer.model_validate(value)
    except ValidationError as error:
        raise Unusable("invalid", complaints(error)) from error


def complaints(error: ValidationError) -> str:
    """What pydantic objects to, one line each: where, and what is wrong."""
    lines = []
    for problem in error.errors(include_url=False)[:MOST_COMPLAINTS]:
        place = ".".join(str(part) for part in problem["loc"]) or "the whole"
        lines.append(f"{place}: {problem['msg'].removeprefix('Value error, ')}")
    if error.error_count() > MOST_COMPLAINTS:
        lines.append(f"and {error.error_count() - MOST_COMPLAINTS} more")
    return "; ".join(lines)


def error_text(body: object) -> str:
    """The message in an error body, whatever its shape: an object, a list around it, a string, nothing."""
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        if isinstance(inner, Mapping):
            inner = inner.get("message") or inner.get("detail") or inner.get("code") or ""
        body = inner or body.get("message") or body.get("detail") or ""
    text = " ".join(str(body or "").split())
    return text[:300]


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _problem(text: str, message: Mapping[str, Any], finish: object) -> Unusable | None:
    if message.get("refusal"):
        return Unusable("refusal", f"the model refused: {' '.join(str(message['refusal']).split())[:200]}")
    if finish == "content_filter":
        return Unusable("filtered", "the endpoint's content filter stopped the answer")
    if finish == "length":
        return Unusable("length", "the answer was cut off at the token limit; say it more briefly")
    if finish == "error":
        return Unusable("error", "the endpoint broke off in the middle of the answer")
    if not text.strip():
        return Unusable("blank", "the answer was empty")
    if len(text) > LONGEST_REPLY:
        return Unusable("too long", "the answer was far too long")
    return None


def _json_in(text: str) -> Any:
    text = _THOUGHT.sub("", text).strip()
    if fenced := _FENCE.search(text):
        text = fenced[1].strip()
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    start, end = text.find("{"), text.rfind("}")
    if start < 0:
        raise Unusable("not json", "the answer was not a JSON object")
    candidate = text[start : end + 1]
    if not _closed(candidate) or not _closed(text[start:]):
        raise Unusable("cut", "the JSON object was not complete")
    from json_repair import repair_json

    try:
        value = repair_json(candidate, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError) as error:
        raise Unusable("not json", "the answer was not a JSON object that can be read") from error
    if not isinstance(value, dict):
        raise Unusable("not json", "the answer was not a JSON object")
    return value


def _closed(text: str) -> bool:
    """Whether every bracket outside strings is closed: repairing a cut object would accept half an answer."""
    depth, quoted, escaped = 0, False, False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
    return depth == 0 and not quoted


def _plain(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        merged = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return _plain(merged, definitions)
    plain: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            plain[key] = {name: _plain(field, definitions) for name, field in value.items()}
        elif key == "const":
            plain["enum"] = [value]
        elif key not in _DROPPED and key != "$defs":
            plain[key] = _plain(value, definitions)
    if "properties" in plain:
        plain["required"] = list(plain["properties"])
        plain["additionalProperties"] = False
    return plain


def _number(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
