"""The rows of the client itself: C its own work, F faults, R a killed run. Each one measures and judges itself."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, Endpoint, asked, endpoint, module
from benchmarks.schedule import list_schedule
from benchmarks.table import Figure

DEADLINE = 3.0  # seconds after which a call that hangs is asked again
KILLS = 10


def own_work(*, quick: bool) -> Iterator[Figure]:
    """C: calls that take no time at the endpoint; what is left is the client."""
    calls, rounds = (200, 1) if quick else (2000, 5)
    clients = ("ours", "openai", "openai-aiohttp")
    results: dict[str, list[dict[str, Any]]] = {client: [] for client in clients}
    with endpoint("C") as server:
        for _ in range(rounds):
            for client in clients:
                results[client].append(asked(server, client, calls, 50))
    rate = {client: statistics.median(calls / one["seconds"] for one in results[client]) for client in clients}
    cpu = {client: statistics.median(1000 * one["cpu"] / calls for one in results[client]) for client in clients}
    lost = sum(one["lost"] + one["wrong"] for one in results["ours"])
    default, aiohttp = rate["ours"] / rate["openai"], rate["ours"] / rate["openai-aiohttp"]

    def told(client: str) -> str:
        return f"{rate[client]:.0f} calls/s, {cpu[client]:.2f} CPU s per 1000"

    yield Figure(
        row="C",
        work=f"{calls} calls, ceiling 50, no latency, journal on; medians of {rounds}",
        ours=f"{told('ours')}: {default:.2f} x default, {aiohttp:.2f} x aiohttp",
        lost=lost,
        plain=f"{told('openai')}; its aiohttp transport {told('openai-aiohttp')}",
        to_reach=">= 1.5 x its default, >= 0.85 x its aiohttp transport",
        reached=default >= 1.5 and aiohttp >= 0.85 and not lost,
    )


def faults(*, quick: bool) -> Iterator[Figure]:
    """F: one call in ten goes wrong, one in a hundred hangs."""
    calls = 100 if quick else 400
    with endpoint("F") as server:
        ours = asked(server, "ours", calls, 20, "--timeout", DEADLINE)
        plain = asked(server, "openai", calls, 20, "--timeout", DEADLINE)
    ideal = list_schedule([0.3] * calls, 20)
    met = sum(ours["server"]["faults"].values())
    yield Figure(
        row="F",
        work=f"{calls} calls, ceiling 20, 0.3 s, 10 % faults, 1 % hang (deadline {DEADLINE:g} s)",
        ideal=f"{ideal:.2f} s without faults",
        ours=f"{ours['seconds']:.2f} s, {met} faults met, {ours['wrong']} cut answers accepted",
        lost=ours["lost"],
        plain=f"{plain['seconds']:.1f} s, {plain['lost']} lost, {plain['wrong']} cut answers accepted",
        to_reach="0 lost, 0 cut answers accepted",
        reached=not ours["lost"] + ours["wrong"],
    )


@dataclass(slots=True)
class Killed:
    """Sums over all kills."""

    finished: int = 0  # answers in the journal when the process was killed
    repeated: int = 0  # of these, asked again by the next run
    asked: int = 0  # by the next run
    lost: int = 0


def resumed(*, quick: bool) -> Iterator[Figure]:
    """R: killed with -9 at a random moment and run again on the same journal."""
    calls, kills = (60, 1) if quick else (400, KILLS)
    draw = random.Random(3)
    sums = Killed()
    with endpoint("A") as server:
        for _ in range(kills):
            with tempfile.TemporaryDirectory() as folder:
                _kill_once(server, calls, Path(folder) / "journal.sqlite3", draw.uniform(0.05, 0.95), sums)
    whole = kills * calls
    yield Figure(
        row="R",
        work=f"{calls} calls, ceiling 20, 0.3 s, killed with -9 at {kills} random moments, run again",
        ours=f"{sums.finished} of {whole} finished when killed, {sums.repeated} of them asked again",
        lost=sums.lost,
        plain=f"keeps nothing: all {sums.finished} asked again",
        to_reach="0 finished calls asked again",
        reached=not sums.repeated and not sums.lost and sums.finished + sums.asked == whole,
    )


def _kill_once(server: Endpoint, calls: int, journal: Path, share: float, sums: Killed) -> None:
    server.reset()
    command = module("benchmarks.asking", "ours", "--calls", calls, "--ceiling", 20, "--url", server.url)
    with subprocess.Popen([*command, "--journal", str(journal)], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while not server.stats()["calls"] and process.poll() is None:
            time.sleep(0.02)
        time.sleep(share * list_schedule([0.3] * calls, 20))
        process.kill()
    finished = _kept(journal)
    again = asked(server, "ours", calls, 20, "--journal", journal)
    ids = again["server"]["ids"]
    sums.finished += len(finished)
    sums.repeated += sum(ids.get(item, 0) for item in finished)
    sums.asked += len(ids)
    sums.lost += again["lost"] + again["wrong"]


def _kept(journal: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(journal)) as database:
        return {item for (item,) in database.execute("select item from answers where kept = 1")}


ROWS = {"C": own_work, "F": faults, "R": resumed}
