"""The readers of other projects that run under node. Where node is missing their tests are skipped, but not in CI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "readers"


def verdicts(questions: Sequence[tuple[str, Any]]) -> list[str]:
    """For each (reader, card): "" when the reader takes the card, else what it has against it."""
    return ["" if answer["ok"] else answer["why"] or "refused" for answer in _answers(questions)]


def read(reader: str, *made: object) -> list[Any]:
    """What the reader finds in each of these."""
    return [answer["value"] for answer in _answers([(reader, one) for one in made])]


def _answers(questions: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    missing = None
    if shutil.which("node") is None:
        missing = "node is not installed"
    elif not (FOLDER / "node_modules").is_dir():
        missing = "the readers are not installed: make tests/readers/node_modules/.ready"
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    lines = "".join(json.dumps({"reader": reader, "card": card}) + "\n" for reader, card in questions)
    done = subprocess.run(
        ["node", "check.mjs"],  # noqa: S607 - the node that the user has
        cwd=FOLDER,
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
    assert len(answers) == len(questions), done.stdout
    return answers
