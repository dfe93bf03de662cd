"""The processes of one measurement: an endpoint, and the clients that ask it. Judges nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LONGEST = 900  # seconds that one client may take


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A loopback endpoint in a process of its own."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def stats(self) -> dict[str, Any]:
        """What has happened since the last reset."""
        return self._request("GET", "/stats")

    def reset(self) -> None:
        self._request("POST", "/reset")

    def _request(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - our own server on loopback
            value: dict[str, Any] = json.load(reply)
            return value


@contextlib.contextmanager
def endpoint(scenario: str, *options: object) -> Iterator[Endpoint]:
    """An endpoint that behaves as the scenario says, until the end of the block."""
    command = module("benchmarks.server", "--scenario", scenario, *options)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Endpoint(json.loads(process.stdout.readline())["port"])
        finally:
            process.terminate()


def measured(server: Endpoint, name: str, *options: object) -> dict[str, Any]:
    """What `python -m <name> ... --url URL` printed, and under "server" what the endpoint counted meanwhile."""
    server.reset()
    command = module(name, *options, "--url", server.url)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result | {"server": server.stats()}


def asked(server: Endpoint, client: str, calls: int, ceiling: int, *options: object) -> dict[str, Any]:
    """One client of benchmarks.asking, measured."""
    return measured(server, "benchmarks.asking", client, "--calls", calls, "--ceiling", ceiling, *options)


def module(name: str, *arguments: object) -> list[str]:
    """The command line of a module."""
    return [sys.executable, "-m", name, *map(str, arguments)]
