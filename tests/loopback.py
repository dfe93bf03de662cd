"""A real HTTP server on loopback that speaks as an OpenAI-compatible endpoint, for tests.

A test gives it a handler: the parsed request in, a `Reply` out. Faults of the wire (a cut body, a reset, a drip)
are fields of the reply.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before anything is sent
    reset: bool = False  # close without an answer
    cut: int | None = None  # send only so many bytes of the body, then close
    drip: float = 0.0  # seconds between single bytes of the body


@dataclass(slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def purpose(self) -> str:
        """The kind of question, from the schema's name."""
        name: str = self.body.get("response_format", {}).get("json_schema", {}).get("name", "")
        return name

    @property
    def text(self) -> str:
        """All text of the conversation."""
        parts = []
        for message in self.body.get("messages", []):
            content = message["content"]
            parts.append(content if isinstance(content, str) else content[0]["text"])
        return "\n".join(parts)

    @property
    def pictures(self) -> int:
        contents = [message["content"] for message in self.body.get("messages", [])]
        return sum(part["type"] == "image_url" for content in contents if isinstance(content, list) for part in content)


Handler = Callable[[Request], Reply | Awaitable[Reply]]


@dataclass(slots=True)
class Server:
    """`url` is the endpoint's address; `requests` all that came, in order."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    def purposes(self) -> list[str]:
        return [request.purpose for request in self.requests]


def completion(value: object, *, finish: str = "stop", tokens: tuple[int, int] = (100, 20), **message: Any) -> bytes:
    """The body of a chat completion whose content is `value` as JSON (or as it is, if it is text)."""
    content = value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)
    return json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "model": "loopback",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
        }
    ).encode()


@contextlib.asynccontextmanager
async def serve(handler: Handler) -> AsyncIterator[Server]:
    """Serve on a free port of 127.0.0.1 while the context is open."""
    server = Server()
    writers: set[asyncio.StreamWriter] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            while (request := await _read(reader)) is not None:
                server.requests.append(request)
                server.in_flight += 1
                server.most_in_flight = max(server.most_in_flight, server.in_flight)
                try:
                    reply = handler(request)
                    reply = await reply if isinstance(reply, Awaitable) else reply
                    await asyncio.sleep(reply.delay)
                finally:
                    server.in_flight -= 1
                if not await _write(writer, reply):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):  # ValueError: no HTTP at all
            pass
        finally:
            writers.discard(writer)
            writer.close()

    listener = await asyncio.start_server(connection, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listener.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readline()
    if not head:
        return None
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(head.decode().split(" ")[1], headers, json.loads(body) if body else {})


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Send the reply; False when the connection is to be closed."""
    if reply.reset:
        writer.transport.abort()
        return False
    headers = {"content-type": "application/json", "content-length": str(len(reply.body)), **reply.headers}
    head = (
        f"HTTP/1.1 {reply.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    )
    writer.write(head.encode("latin-1"))
    body = reply.body if reply.cut is None else reply.body[: reply.cut]
    if reply.drip:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip)
    else:
        writer.write(body)
    await writer.drain()
    return reply.cut is None
