"""What the pages for people say that can be held against the program: commands, flags, figures, the file tree."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_PLACEHOLDER = re.compile(r"(?:^|\s)\.\.\.(?=\s|$)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """The arguments of every `python main.py ...` in the page's blocks of code, without comments."""
    found = []
    for _, block in _BLOCK.findall(text_of(page)):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("python main.py"):
                found.append(shlex.split(_PLACEHOLDER.sub(" ", line), comments=True)[2:])
    return found


def flags_in(text: str) -> set[str]:
    return set(_FLAG.findall(text))


def tree(page: str) -> dict[str, str]:
    """The page's file tree: name -> what it is. It is the one block whose first line begins with main.py."""
    [block] = [block for _, block in _BLOCK.findall(text_of(page)) if block.startswith("main.py")]
    named = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in block.splitlines() if line.strip())
    return {name: " ".join(phrase) for name, *phrase in named}


def on_disk() -> set[str]:
    """What a reader finds at the top: modules, and folders (with a slash) that hold something of ours."""
    hidden = {"personas", "output_standalone", "output_images", "output_gallery", "demo"}
    folders = {
        f"{path.name}/"
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "__")) and path.name not in hidden
    }
    return folders | {path.name for path in ROOT.glob("*.py")}


def tables(page: str) -> Iterator[list[str]]:
    """The figures of each row of each table, row by row."""
    for line in text_of(page).splitlines():
        if line.startswith("|") and (figures := _FIGURE.findall(line)):
            yield figures
