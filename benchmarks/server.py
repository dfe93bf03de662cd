"""A loopback endpoint that behaves as told, in its own process: `python -m benchmarks.server --scenario B --port 0`.

Prints {"port": ...} and serves /v1/chat/completions until it is stopped; GET /stats counts, POST /reset forgets. It
speaks just enough HTTP/1.1 to be quick: it must never be the bottleneck. Knows nothing of the program it serves.

A request may carry `x-seconds` (how long it is to take) and `x-reply` (the content of the answer). Its id is what
follows "id=" in the last user message, or the whole message. `--answers FILE` tells what to answer to each purpose,
the name of the response schema, and how long that takes: {"a_purpose": {"content": "...", "seconds": 1.5}}. "{number}"
in an answer becomes the number of the call, so that no two are the same.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import math
import re
import signal
import sys
import zlib
from collections import Counter, deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.scenarios import SCENARIOS, Counts, Scenario, fault_of, seconds_of

HANG = 3600.0
REASONS = {200: "OK", 404: "Not Found", 411: "Length Required", 429: "Too Many Requests", 500: "Internal Server Error"}
_ID = re.compile(r"\bid=([\w.:-]+)")


class Endpoint:
    """The places, the bucket and the counts behind all connections."""

    def __init__(self, scenario: Scenario, seed: int, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.scenario = scenario
        self.seed = seed
        self.answers = answers
        self.reset()

    def reset(self) -> None:
        self.counts = Counts()
        self.attempts: Counter[str] = Counter()
        self.inside = 0
        self.working = 0
        self.queue: deque[Connection] = deque()
        self.tokens = self.scenario.burst
        self.filled_at = asyncio.get_running_loop().time()

    def refusal(self) -> str | None:
        """The header lines of a refusal, or None if the call is let in."""
        scenario = self.scenario
        if scenario.places and not scenario.queues and self.inside >= scenario.places:
            return "retry-after: 1\r\n"
        if not scenario.rate:
            return None
        now = asyncio.get_running_loop().time()
        self.tokens = min(scenario.burst, self.tokens + scenario.rate * (now - self.filled_at))
        self.filled_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        wait = math.ceil((1 - self.tokens) / scenario.rate * 1000)
        return f"retry-after-ms: {wait}\r\n" if scenario.announces else "retry-after: 1\r\n"

    def announcement(self) -> str:
        """The header lines that tell the rate."""
        scenario = self.scenario
        if not scenario.announces:
            return ""
        reset = (scenario.burst - self.tokens) / scenario.rate * 1000
        return (
            f"x-ratelimit-limit-requests: {scenario.rate * 60:.0f}\r\n"
            f"x-ratelimit-remaining-requests: {int(self.tokens)}\r\n"
            f"x-ratelimit-reset-requests: {reset:.0f}ms\r\n"
        )

    def move(self, step: int) -> None:
        self.inside += step
        self.counts.levels.append((asyncio.get_running_loop().time(), self.inside))

    def seat(self, connection: Connection) -> None:
        """Begin to work on the call, now or when a place is free."""
        if self.scenario.places and self.working >= self.scenario.places:
            self.queue.append(connection)
        else:
            self.working += 1
            connection.work()

    def free(self, connection: Connection) -> None:
        """The call is over, or its caller is gone."""
        self.move(-1)
        if not connection.is_working:
            self.queue.remove(connection)
            return
        self.working -= 1
        if self.queue:
            self.working += 1
            self.queue.popleft().work()


class Connection(asyncio.Protocol):
    """One client connection, one request at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.counts = endpoint.counts
        self.data = b""
        self.is_busy = self.is_working = False
        self.timer: asyncio.TimerHandle | None = None
        self.id = self.extra = ""
        self.seconds = 0.0
        self.content: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.is_busy and self.counts is self.endpoint.counts:
            if self.timer is not None:
                self.timer.cancel()
            self.endpoint.free(self)
        self.is_busy = False

    def data_received(self, data: bytes) -> None:
        self.data += data
        while not self.is_busy and not self.transport.is_closing():
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            first, *lines = self.data[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if "transfer-encoding" in headers:
                self.reply(411, b"{}")
                return self.transport.close()
            size = end + 4 + int(headers.get("content-length", "0"))
            if len(self.data) < size:
                return
            body, self.data = self.data[end + 4 : size], self.data[size:]
            method, path, *_ = first.split(" ")
            self.request(method, path.partition("?")[0], headers, body)

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        if (method, path) == ("GET", "/stats"):
            self.reply(200, json.dumps(self.endpoint.counts.as_json()).encode())
        elif (method, path) == ("POST", "/reset"):
            self.endpoint.reset()
            self.reply(200, b"{}")
        elif method == "POST" and path.endswith("/chat/completions"):
            self.call(headers, json.loads(body))
        else:
            self.reply(404, b'{"error": {"message": "there is no such path"}}')

    def call(self, headers: dict[str, str], body: dict[str, Any]) -> None:
        endpoint, self.counts = self.endpoint, self.endpoint.counts
        self.counts.calls += 1
        refusal = endpoint.refusal()
        self.extra = endpoint.announcement()
        if refusal is not None:
            self.counts.refused += 1
            message = b'{"error": {"message": "too many requests", "type": "requests", "code": "rate_limit_exceeded"}}'
            return self.reply(429, message, self.extra + refusal)
        self.id = name_of(body)
        answer = endpoint.answers.get(purpose_of(body), {}) if endpoint.answers else {}
        asked = headers.get("x-seconds") or answer.get("seconds")
        self.seconds = seconds_of(endpoint.scenario, self.id, endpoint.seed) if asked is None else float(asked)
        self.content = headers.get("x-reply", answer.get("content"))
        if self.content is not None:
            self.content = self.content.replace("{number}", str(self.counts.calls))
            self.content = self.content.replace("{words}", words_of(self.counts.calls))
        self.is_busy = True
        endpoint.move(1)
        endpoint.seat(self)
        return None

    def work(self) -> None:
        """A place is free: take the time that the call takes."""
        self.is_working = True
        self.endpoint.attempts[self.id] += 1
        fault = fault_of(self.endpoint.scenario, self.id, self.endpoint.attempts[self.id], self.endpoint.seed)
        loop = asyncio.get_running_loop()
        if fault == "hang":
            self.counts.faults["hang"] += 1
        seconds = HANG if fault == "hang" else self.seconds
        if seconds > 0:
            self.timer = loop.call_later(seconds, self.finish, fault)
        else:
            self.finish(fault)

    def finish(self, fault: str) -> None:
        self.timer = None
        if self.counts is self.endpoint.counts:  # else it belongs to what was forgotten
            self.endpoint.free(self)
        self.is_busy = self.is_working = False
        if fault:
            self.counts.faults[fault] += 1
            self.fail(fault)
        else:
            self.counts.answered[self.id] += 1
            self.reply(200, completion(self.id, self.content), self.extra)
        if self.data:
            self.data_received(b"")

    def fail(self, fault: str) -> None:
        if fault == "500":
            self.reply(500, b'{"error": {"message": "something broke"}}')
        elif fault == "reset":
            self.transport.abort()
        elif fault == "cut":
            self.reply(200, completion(self.id, '{"text": "this sentence was go'), self.extra)
        elif fault == "length":
            self.reply(200, completion(self.id, '{"text": "this answer is too', finish="length"), self.extra)
        else:
            self.reply(200, completion(self.id, ""), self.extra)

    def reply(self, status: int, body: bytes, extra: str = "") -> None:
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        )
        self.transport.write(f"{head}{extra}\r\n".encode("latin-1") + body)


def name_of(body: dict[str, Any]) -> str:
    """The id of the request."""
    content = next((m.get("content") for m in reversed(body.get("messages", [])) if m.get("role") == "user"), "")
    if isinstance(content, list):
        content = " ".join(part.get("text", "") for part in content)
    match = _ID.search(str(content))
    return match[1] if match else f"{zlib.crc32(str(content).encode()):08x}"


def words_of(number: int) -> str:
    """Eight made-up words that hang on the number: no two posts of them say the same."""
    digits = hashlib.sha256(str(number).encode()).hexdigest()
    return " ".join("".join("bdfgklmnprstvzae"[int(one, 16)] for one in digits[8 * n : 8 * n + 8]) for n in range(8))


def purpose_of(body: dict[str, Any]) -> str:
    """The name of the response schema, "" if there is none."""
    return str(((body.get("response_format") or {}).get("json_schema") or {}).get("name", ""))


def completion(name: str, content: str | None, finish: str = "stop") -> bytes:
    """A chat completion; its content is a small JSON object unless something else is asked for."""
    text = json.dumps({"text": f"answer to {name}"} if content is None else content)
    if content is None:
        text = json.dumps(text)
    return (
        f'{{"id": "chatcmpl-{name}", "object": "chat.completion", "created": 1, "model": "loopback", "choices": '
        f'[{{"index": 0, "message": {{"role": "assistant", "content": {text}}}, "finish_reason": "{finish}"}}], '
        '"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}'
    ).encode()


async def serve(
    scenario: Scenario, port: int, seed: int, answers: Mapping[str, Mapping[str, Any]], ready: Callable[[int], None]
) -> None:
    """Serve until the process is told to stop."""
    loop = asyncio.get_running_loop()
    endpoint = Endpoint(scenario, seed, answers)
    server = await loop.create_server(lambda: Connection(endpoint), "127.0.0.1", port, backlog=2048)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    ready(server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="An endpoint on loopback that behaves as told.")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="A")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", type=Path, help="what to answer to each purpose, as JSON")
    given = parser.parse_args()
    answers = json.loads(given.answers.read_text(encoding="utf-8")) if given.answers else {}

    def ready(port: int) -> None:
        sys.stdout.write(json.dumps({"port": port}) + "\n")
        sys.stdout.flush()

    asyncio.run(serve(SCENARIOS[given.scenario], given.port, given.seed, answers, ready))


if __name__ == "__main__":
    main()
