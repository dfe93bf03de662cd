"""The rows that show whole stages: P personas, T posts, M memory. Each one measures and judges itself."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.casting import POST_SECONDS, POSTS_EACH, SCALE, answers, graph
from benchmarks.processes import ROOT, Endpoint, endpoint, measured
from benchmarks.schedule import graph_schedule, list_schedule, paced
from benchmarks.table import Figure

PLACES = 20
MEGABYTES = 400
GROWTH = 1.1  # of the memory between a quarter and the end that counts as flat
GUIDE = {1: 90, 5: 210, 10: 360, 20: 720}  # seconds for so many personas, in the user's guide
CASTING = "benchmarks.casting"


@contextlib.contextmanager
def _answering(post_seconds: float, scale: int = SCALE) -> Iterator[Endpoint]:
    """An endpoint without limits that answers every purpose; stages take the guide's times over `scale`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        path.write_text(json.dumps(answers(post_seconds=post_seconds, scale=scale)), encoding="utf-8")
        with endpoint("A", "--answers", path) as server:
            yield server


def personas(*, quick: bool) -> Iterator[Figure]:
    """P: the seven stages of 1 to 100 characters."""
    with _answering(POST_SECONDS / SCALE) as server:
        for number, eager in ((1, False), (1, True), *((n, False) for n in ((5,) if quick else (5, 10, 20, 100)))):
            ours = measured(server, CASTING, "personas", "-n", number, *(["--eager"] if eager else []))
            plain = measured(server, CASTING, "plain-personas", "-n", number)
            ideal = graph_schedule(graph(eager=eager), number, PLACES)
            times = ours["seconds"] / ideal
            people = "1 persona" if number == 1 else f"{number} personas"
            guide = f"; the guide {GUIDE[number]} s" if number in GUIDE else ""
            yield Figure(
                row=f"P {number}{' eager' if eager else ''}",
                work=f"{people}, stages of 20, 15, 25, 20, 15, 15, 25 s / {SCALE}, ceiling {PLACES}",
                ideal=f"{ideal:.2f} s",
                ours=f"{ours['seconds']:.2f} s; unscaled {ours['seconds'] * SCALE:.0f} s{guide}",
                times=times,
                lost=number - ours["made"],
                plain=f"{plain['seconds']:.2f} s",
                to_reach="<= 1.03",
                reached=times <= 1.03 and ours["made"] == number,
            )


def unscaled(*, quick: bool) -> Iterator[Figure]:
    """P as it is, without the work of the program counting twenty times: minutes of waiting."""
    with _answering(POST_SECONDS, SCALE if quick else 1) as server:
        for number in (1,) if quick else (20,):
            ours = measured(server, CASTING, "personas", "-n", number)
            ideal = graph_schedule(graph(eager=False, scale=SCALE if quick else 1), number, PLACES)
            times = ours["seconds"] / ideal
            yield Figure(
                row=f"P {number} unscaled",
                work=f"{number} personas, stages of 20, 15, 25, 20, 15, 15, 25 s, ceiling {PLACES}",
                ideal=f"{ideal:.2f} s",
                ours=f"{ours['seconds']:.2f} s; the guide {GUIDE[number]} s",
                times=times,
                lost=number - ours["made"],
                plain="",
                to_reach="<= 1.03",
                reached=times <= 1.03 and ours["made"] == number,
            )


def posts(*, quick: bool) -> Iterator[Figure]:
    """T: ten posts each of 1, 10 and 100 characters, scaled and as they are; then with `auto` against a rate."""
    for seconds in (POST_SECONDS / SCALE,) if quick else (POST_SECONDS / SCALE, POST_SECONDS):
        with _answering(seconds) as server:
            for cast in (1, 10) if quick else (1, 10, 100):
                yield _posts(server, cast, seconds)
    if not quick:
        yield _auto()


def _posts(server: Endpoint, cast: int, seconds: float) -> Figure:
    ours = measured(server, CASTING, "posts", "-n", cast)
    number = cast * POSTS_EACH
    plain = measured(server, CASTING, "plain-posts", "-n", cast) if seconds < POST_SECONDS else None
    ideal = list_schedule([seconds] * number, PLACES)
    times = ours["seconds"] / ideal
    return Figure(
        row=f"T {number}{'' if seconds < POST_SECONDS else ' unscaled'}",
        work=f"{number} posts of {seconds:g} s, ceiling {PLACES}",
        ideal=f"{ideal:.2f} s",
        ours=f"{ours['seconds']:.2f} s",
        times=times,
        lost=number - ours["made"],
        plain=f"{plain['seconds']:.2f} s" if plain else "",
        to_reach="<= 1.02",
        reached=times <= 1.02 and ours["made"] == number,
    )


def _auto() -> Figure:
    number, rate, burst = 1000, 20.0, 20.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.json"
        path.write_text(json.dumps(answers(post_seconds=POST_SECONDS)), encoding="utf-8")
        with endpoint("T-auto", "--answers", path) as server:
            ours = measured(server, CASTING, "posts", "-n", number // POSTS_EACH, "--ceiling", 0)
    ideal = paced(number, rate=rate, burst=burst, seconds=POST_SECONDS)
    times = ours["seconds"] / ideal
    return Figure(
        row="T auto",
        work=f"{number} posts of {POST_SECONDS:g} s, ceiling auto, {rate:g}/s announced (burst {burst:g})",
        ideal=f"{ideal:.2f} s",
        ours=f"{ours['seconds']:.2f} s",
        times=times,
        lost=number - ours["made"],
        refused=ours["server"]["refused"],
        in_flight=ours["server"]["mean_later"],
        plain="",
        to_reach="<= 1.05",
        reached=times <= 1.05 and ours["made"] == number,
    )


def memory(*, quick: bool) -> Iterator[Figure]:
    """M: a large cast in rehearsal, and what the process holds meanwhile."""
    number = 20 if quick else 2000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(number):
            Image.new("RGB", (48, 64), (index % 256, index // 256, 99)).save(folder / f"p{index:04}.png")
        commands = {
            "personas": ["--generate-persona", "--images", f"{folder}/*.png"],
            "posts": [
                *("--batch-mode", "--personas", f"{folder}/personas/*.json"),
                *("--generate-calendar", "--tweets", str(POSTS_EACH)),
            ],
        }
        for kind, flags in commands.items():
            made, seconds, sizes = _held(["main.py", *flags, "--rehearse", "--json", "-q", "--out", name])
            quarter, end, peak = sizes[len(sizes) // 4], sizes[-1], max(sizes)
            wanted = number * (POSTS_EACH if kind == "posts" else 1)
            yield Figure(
                row=f"M {kind}",
                work=f"{number} characters in rehearsal: {wanted} {kind}",
                ours=f"peak {peak:.0f} MB; {quarter:.0f} MB at a quarter, {end:.0f} MB at the end ({seconds:.0f} s)",
                lost=wanted - made["counts"][kind]["made"],
                plain="",
                to_reach=f"<= {MEGABYTES} MB, flat from a quarter on",
                reached=peak <= MEGABYTES and end <= GROWTH * quarter and made["counts"][kind]["made"] == wanted,
            )


def _held(arguments: list[str]) -> tuple[dict[str, Any], float, list[float]]:
    """The report of the command, its seconds, and its resident megabytes, second by second."""
    sizes: list[float] = []
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=out) as process,
    ):
        while process.poll() is None:
            if size := _resident(process.pid):  # none any more when it has just ended
                sizes.append(size)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
        out.seek(0)
        report: dict[str, Any] = json.loads(out.read())
    return report, time.perf_counter() - started, sizes


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


ROWS = {"P": personas, "P-unscaled": unscaled, "T": posts, "M": memory}
