"""A cast's posts in rehearsal, and what they are like: `python -m benchmarks.posts --languages en zh ja -n 100`.

Makes the personas, plans their calendars and writes ten posts each with the program's own commands, then reads them
and judges every post anew. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.processes import ROOT
from persona.cards.card import read_persona
from persona.facts.check import post_contradictions
from persona.schema.persona import Persona
from tweets.emoji import ANY, emoji_objections, read_habit
from tweets.length import LONGEST, links, weighted_length
from tweets.rules import SCENE_WORDS, hashtags_in
from tweets.schema import Tweet, TweetBatch

POSTS_EACH = 10
START = ("--start-date", "2026-12-01")
HEAD = (
    "| language | posts | invalid | near-duplicates | types within rounding | lengths | distinct-1, -2 | calls | CPU |"
)
WRAPPED = re.compile(r"""^(?:```|["“「『].*["”」』]$|\{.*\}$|(?:Tweet|Post)\s*:)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One language. `cpu`: milliseconds of the writing command for each post, its start included."""

    language: str
    variety: dict[str, Any]
    invalid: tuple[str, ...]
    calls: int
    cpu: float

    def __str__(self) -> str:
        told, same = self.variety, self.variety["near_duplicates"]
        lengths = ", ".join(f"{100 * share:.0f} % {name}" for name, share in told["lengths"].items())
        return (
            f"| {self.language} | {told['posts']} | {len(self.invalid)} | {same['within']} + {same['across']} "
            f"= {100 * same['rate']:.1f} % | {told['types_within_rounding']} of {told['characters']} | {lengths} "
            f"| {told['distinct_1']}, {told['distinct_2']} | {self.calls} | {self.cpu:.1f} ms |"
        )


def rehearsed(language: str, number: int) -> Rehearsed:
    """`number` characters in this language, made and judged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(number):
            Image.new("RGB", (48, 64), (index * 7 % 256, index * 13 % 256, 99)).save(folder / f"p{index:04}.png")
        _run("--generate-persona", "--images", f"{folder}/p*.png", "--language", language, "--out", folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        written = ["--batch-mode", "--personas", f"{folder}/personas/*.json", "--generate-calendar", *START]
        report = _run(*written, "--tweets", POSTS_EACH, "--out", folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        posts: int = report["variety"]["posts"]
        invalid = tuple(_judged(folder))
        return Rehearsed(language, report["variety"], invalid, report["usage"]["calls"], 1000 * seconds / posts)


def _run(*words: object) -> dict[str, Any]:
    command = [sys.executable, "main.py", *map(str, words), "--rehearse", "--json", "-q"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _judged(folder: Path) -> Iterator[str]:
    """What is wrong in the batch files, a line each; a hole is wrong too."""
    for path in sorted((folder / "output_standalone").glob("*.json")):
        batch = TweetBatch.model_validate_json(path.read_text(encoding="utf-8"))
        persona = read_persona(folder / "personas" / f"{batch.persona}.json")
        yield from (f"{path.stem} {hole.id}: {hole.cause}" for hole in batch.missing)
        for post in batch.posts:
            yield from (f"{path.stem} {post.id}: {wrong}" for wrong in wrongs(post, persona))


def wrongs(post: Tweet, persona: Persona) -> Iterator[str]:
    """What a reader of the batch can object to, found without the program's own verdict on the answer."""
    habit = read_habit(persona.core.speech.emoji) if persona.core else ANY
    if len({tag.casefold() for part in post.parts for tag in hashtags_in(part)}) > persona.mix.hashtags.most:
        yield "too many hashtags"
    for part in post.parts:
        if not part.strip() or weighted_length(part) > LONGEST:
            yield f"{weighted_length(part)} characters"
        if WRAPPED.match(part) or re.search(r"\{\w*\}|<\w+>|\[\w+\]", part) or links(part):
            yield f"a wrapper, a placeholder or a link: {part}"
        yield from emoji_objections("text", part, habit)
    if post.painting and len(post.painting.scene.split()) > SCENE_WORDS:
        yield "a long scene"
    if post.painting and not 0 < len(post.alt_text) <= 1000:
        yield "no alt text, or a long one"
    day = date.fromisoformat(post.id[:10])
    found = post_contradictions(persona, day, "\n".join(post.parts), told=post.theme)
    yield from (one.sentence for one in found if one.certain)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--languages", nargs="+", default=["en", "zh", "ja"])
    parser.add_argument("-n", "--number", type=int, default=100, help="characters")
    given = parser.parse_args()
    print(HEAD)
    print("| --- " * HEAD.count(" | ") + "| --- |")
    for language in given.languages:
        result = rehearsed(language, given.number)
        print(result, flush=True)
        for wrong in result.invalid:
            print(wrong, file=sys.stderr)


if __name__ == "__main__":
    main()
