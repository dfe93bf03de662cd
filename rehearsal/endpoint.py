"""The stand-in endpoint behind `--rehearse`: a transport under the real client. No network, no key, no model.

It answers each of the program's questions with made-up, valid content that hangs on the question alone: the same
question has the same answer for ever. It reads what stands in the prompt's blocks (`<core>..</core>`) and the
colours of the portrait. It does not know the answer models: plain dicts go out, and the client checks them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import httpx2

from rehearsal import calendar, persona, posts
from rehearsal.acquaintance import acquaintance
from rehearsal.cast import Asked
from rehearsal.core import core
from rehearsal.judge import verdict

MODEL = "rehearsal"

Tokens = Callable[[str, str, str, int], tuple[int, int]]

_ANSWERS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "persona_core": core,
    **persona.ANSWERS,
    "persona_acquaintance": acquaintance,
    "calendar_plan": calendar.themes,
    "tweets_post": posts.post,
    "images_judge": verdict,
}
_NAMES = "language|draw|core|strategy|persona|first|second|story_lines|slot|draft|days|scene"
_BLOCK = re.compile(rf"<({_NAMES})>\s*(.*?)\s*</\1>", re.DOTALL)
_PICTURE = re.compile(r"data:image/[\w.+-]+;base64,(.*)", re.DOTALL)
_SIGNS = {  # fields that only one answer has, for a question that does not name its schema
    "persona_network": "open_matter",
    "persona_voice": "moods",
    "persona_knowledge": "entries",
    "persona_strategy": "rhythm",
}


def quarter(_purpose: str, prompt: str, answer: str, _pictures: int) -> tuple[int, int]:
    """Tokens in and out of a rehearsal: a quarter of the characters."""
    return len(prompt) // 4 + 1, len(answer) // 4 + 1


def at_once(_purpose: str) -> float:
    return 0.0


class RehearsalTransport(httpx2.AsyncBaseTransport):
    """An OpenAI-compatible endpoint in this process.

    `seconds`: before an answer to this purpose. `tokens`: in and out, of purpose, prompt, answer, number of pictures.
    """

    def __init__(self, seconds: Callable[[str], float] = at_once, tokens: Tokens = quarter) -> None:
        self._seconds = seconds
        self._tokens = tokens

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        route = (request.method, request.url.path.rstrip("/").rpartition("/v1")[2])
        if route == ("GET", "/models"):
            await self._wait("")
            one = {"id": MODEL, "object": "model", "created": 0, "owned_by": "dramatis"}
            return httpx2.Response(200, json={"object": "list", "data": [one]}, request=request)
        if route != ("POST", "/chat/completions"):
            return _refusal(request, 404, f"the rehearsal endpoint has no {request.method} {request.url.path}")
        try:
            question = json.loads(body)
            asked = _asked(question)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            return _refusal(request, 400, f"the request is no chat completion: {error!r}")
        purpose = _purpose(question, asked)
        answers = _ANSWERS | persona.in_bank(asked.bank)
        if purpose not in answers:
            known = ", ".join(answers)
            return _refusal(request, 400, f"the rehearsal cannot answer {purpose or 'this'!r}; it knows {known}")
        await self._wait(purpose)
        content = json.dumps(answers[purpose](asked), ensure_ascii=False)
        tokens = self._tokens(purpose, asked.text, content, int(bool(asked.picture)))
        return httpx2.Response(200, json=_completion(content, asked.text, tokens), request=request)

    async def _wait(self, purpose: str) -> None:
        if seconds := self._seconds(purpose):
            await asyncio.sleep(seconds)


def _asked(question: dict[str, Any]) -> Asked:
    """What the request asks about. Blocks are read from the first question; later turns only ask for another answer."""
    texts: list[str] = []
    first = ""
    picture = b""
    turns = 0
    for message in question["messages"]:
        content = message["content"]
        parts: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
        text = "\n".join(part["text"] for part in parts if part["type"] == "text")
        texts.append(text)
        if message["role"] == "user":
            turns += 1
            first = first or text
            for part in parts:
                if part["type"] == "image_url":
                    picture = _bytes(part["image_url"]["url"]) or picture
    blocks = dict(_BLOCK.findall(first))
    return Asked(
        language=blocks.pop("language", ""),
        blocks={name: _json(text) for name, text in blocks.items()},
        picture=picture,
        again=turns - 1,
        text="\n".join(texts),
    )


def _bytes(url: str) -> bytes:
    found = _PICTURE.match(url)
    try:
        return base64.b64decode(found[1]) if found else b""
    except binascii.Error:
        return b""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _purpose(question: dict[str, Any], asked: Asked) -> str:
    """Which question this is: by the name of its schema, or by what it brings along."""
    schema = (question.get("response_format") or {}).get("json_schema") or {}
    if name := schema.get("name"):
        return str(name)
    if "slot" in asked.blocks:
        return "tweets_post"
    if "scene" in asked.blocks:
        return "images_judge"
    if "days" in asked.blocks:
        return "calendar_plan"
    if "strategy" in asked.blocks:
        return "persona_examples"
    if "core" not in asked.blocks:
        return "persona_core" if asked.picture else ""
    if asked.picture:
        return "persona_visual"
    found = (purpose for purpose, sign in _SIGNS.items() if sign in asked.text)
    return next(found, "") or persona.named_by_fields(asked)


def _completion(content: str, prompt: str, tokens: tuple[int, int]) -> dict[str, Any]:
    tokens_in, tokens_out = tokens
    return {
        "id": f"rehearsal-{hashlib.sha256((prompt + content).encode()).hexdigest()[:16]}",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content, "refusal": None}}
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }


def _refusal(request: httpx2.Request, status: int, message: str) -> httpx2.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return httpx2.Response(status, json={"error": error}, request=request)
