"""The next command to type, when a run is over. Knows the modes and what each leaves behind; runs nothing."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from errors import Misconfigured, Unreachable
from settings import Settings

if TYPE_CHECKING:
    from pipeline.report import NextCommand, Outcome

LONGEST_COMMAND = 300  # characters of a command that is repeated as it was typed


def signpost(mode: str) -> NextCommand:
    """What to type after this mode."""
    return partial(_next, mode)


def _next(mode: str, over: Outcome) -> str:
    settings = over.settings
    if isinstance(over.error, Misconfigured | Unreachable):
        return _command(settings, "--check")
    if over.error is not None or over.progress.holes:
        typed = f"python {shlex.join(sys.argv)}"
        return typed if len(typed) <= LONGEST_COMMAND else "the same command again"
    if mode in {"generate-persona", "know-each-other"}:
        files = f"{shlex.quote(str(settings.folders.personas))}/*.json"
        return _command(settings, "--batch-mode", "--personas", files, "--generate-calendar")
    if mode == "posts":
        files = f"{shlex.quote(str(settings.folders.batches))}/*.json"
        return _command(settings, "--generate-images", "--tweets-batch", files)
    if mode in {"generate-images", "run-all"}:
        return _command(settings, "--review")
    return ""


def _command(settings: Settings, *words: str) -> str:
    """A command of ours, with the flags that make it go on where this run has worked."""
    root = settings.folders.root
    out = [] if root == Path() else ["--out", shlex.quote(str(root))]
    return " ".join(["python main.py", *words, *out, *(["--rehearse"] if settings.rehearse else [])])
