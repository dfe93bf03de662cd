"""What this endpoint can do, and the request bodies that follow from it.

A ladder of three ways to ask for a type: `json_schema`, `json_object`, the plain prompt. One step down when a
refusal names the parameter; what was learned holds for the rest of the run. Pure; sends nothing.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from llm.answers import schema_in_words, wire_schema

Structured = Literal["json_schema", "json_object", "prompt"]
LADDER: tuple[Structured, ...] = ("json_schema", "json_object", "prompt")
LIMIT_NAMES = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Profile:
    """How to talk to one endpoint."""

    structured: Structured = "json_schema"
    model_sees_schema: bool = False  # true where the server itself shows the schema to the model
    limit_name: str = "max_tokens"

    def next_step(self, complaint: str) -> Profile | None:
        """The profile to go on with after a refusal with this text; None if it does not concern a parameter."""
        text = complaint.casefold()
        if self.limit_name in text and ("max_completion_tokens" in text or "unsupported" in text):
            other = "max_tokens" if self.limit_name == "max_completion_tokens" else "max_completion_tokens"
            return replace(self, limit_name=other)
        words = ("response_format", "json_schema", "json_object", "structured", "schema", "grammar", "text' or 'json")
        if self.structured != "prompt" and any(word in text for word in words):
            return replace(self, structured=LADDER[LADDER.index(self.structured) + 1])
        return None


def profile_for(address: str) -> Profile:
    """What is known beforehand about a well-known host; the ladder's top for all others."""
    host = urlsplit(address).hostname or ""
    if host.endswith("openai.com"):
        return Profile(model_sees_schema=True, limit_name="max_completion_tokens")
    if host.endswith("deepseek.com"):
        return Profile(structured="json_object")
    if host.endswith("anthropic.com"):
        return Profile(structured="prompt")
    return Profile()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. `pictures`: (media type, bytes)."""

    role: Literal["system", "user", "assistant"]
    text: str
    pictures: tuple[tuple[str, bytes], ...] = ()


def request_body(
    profile: Profile, *, model: str, turns: tuple[Turn, ...], answer: type[BaseModel], purpose: str, room: int = 0
) -> bytes:
    """The JSON body of one call. `room`: tokens the answer may take, 0 for the endpoint's own limit."""
    body: dict[str, Any] = {"model": model, "messages": _messages(profile, turns, answer)}
    if profile.structured == "json_schema":
        schema = {"name": purpose, "strict": True, "schema": wire_schema(answer)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif profile.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    if room:
        body[profile.limit_name] = room
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _messages(profile: Profile, turns: tuple[Turn, ...], answer: type[BaseModel]) -> list[dict[str, Any]]:
    messages = [{"role": turn.role, "content": _content(turn)} for turn in turns]
    if profile.structured == "json_schema" and profile.model_sees_schema:
        return messages
    words = schema_in_words(answer)
    if messages[0]["role"] == "system":
        messages[0]["content"] = f"{messages[0]['content']}\n\n{words}"
    else:
        messages.insert(0, {"role": "system", "content": words})
    return messages


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.pictures:
        return turn.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}]
    for media_type, data in turn.pictures:
        url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts
