"""Prompts as the program itself makes them, about characters whom nobody has seen.

Portraits of characters by lot go through `--rehearse` to personas and posts; what images/jobs.py would have painted
is the prompt. Nothing here is made for the painter: the words are those of the rehearsal.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from pathlib import Path

from examples.painter.draw import random_look
from examples.painter.light import Light
from examples.portraits.draw import Portrait, draw
from files import Folders
from images.jobs import picture_jobs
from images.models import find_model
from main import main
from tweets.batch_file import read_batch

SCENES = 10
_POSTS = 3 * SCENES  # some posts have no picture
_HOME, _LIGHT, _HAZE = "garden", Light("noon"), (255, 255, 255)


def program_prompts(characters: int, seed: str) -> list[list[str]]:
    """Ten prompts for each of so many characters. RuntimeError when the program made fewer."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(characters):
            look = random_look(random.Random(f"{seed} {number}"))
            draw(Portrait(look, _HOME, _LIGHT, _HAZE)).save(root / f"lot{number:03}.png")
        _run("--generate-persona", "--images", f"{root}/lot*.png", "--out", root)
        posts = ("--generate-calendar", "--tweets", _POSTS, "--start-date", "2026-12-01")
        _run("--batch-mode", "--personas", f"{root}/personas/*.json", *posts, "--out", root)
        made = [_prompts(path, root) for path in sorted((root / "output_standalone").glob("*.json"))]
    if len(made) < characters or any(len(prompts) < SCENES for prompts in made):
        raise RuntimeError(f"{characters} characters in {SCENES} pictures were wanted, {sum(map(len, made))} made")
    return [prompts[:SCENES] for prompts in made]


def _run(*arguments: object) -> None:
    with contextlib.redirect_stdout(io.StringIO()):  # the paths of what was made, for pipes
        code = main([*map(str, arguments), "--rehearse", "--quiet"])
    if code:
        raise RuntimeError(f"the rehearsal ended with code {code}")


def _prompts(path: Path, root: Path) -> list[str]:
    return [job.prompt for job in picture_jobs(read_batch(path), find_model("rehearsal"), Folders(root))]
