"""A folder that looks like the user's and is not: what is written there goes away, what is theirs is only read.

Files are links, folders are real: our writes rename a new file over a link and never go through it. Knows folders
and names; what is in a file is nobody's business here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from files import Folders

OURS = ("personas", "calendars", "output_standalone", "output_images", ".dramatis")
LEFT_OUT = ("reports", "exports", "logs")  # nothing is read from there
JOURNAL = "journal.sqlite3"
# Of these a new one takes the place of the old; all others, a journal above all, may be written in place: copied.
REPLACED = (".json", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".safetensors")


@dataclass(frozen=True, slots=True)
class Shadow:
    """`folders`: of the shadow. `real`: the user's."""

    folders: Folders
    real: Folders

    def copy(self, path: Path) -> Path:
        """Where the shadow has this file of the user's, with the files beside it, among which portraits are found."""
        with contextlib.suppress(ValueError):
            place = path.absolute().relative_to(self.real.root.absolute())
            if place.parts[0] in OURS:
                return self.folders.root / place
        beside = self.folders.root / "given" / str(abs(hash(path.parent.absolute())))
        if not beside.exists():
            beside.mkdir(parents=True)
            for file in path.parent.glob("*") if path.parent.is_dir() else ():
                if file.is_file():
                    _link(file, beside / file.name)
        return beside / path.name

    def copies(self, paths: Sequence[Path]) -> list[Path]:
        return [self.copy(path) for path in paths]

    def named(self, text: str) -> str:
        """`text` with the user's own paths in it."""
        root = "" if self.real.root == Path() else f"{self.real.root}{os.sep}"
        return text.replace(f"{self.folders.root}{os.sep}", root).replace(str(self.folders.root), str(self.real.root))


@contextlib.contextmanager
def shadow_of(real: Folders) -> Iterator[Shadow]:
    """A shadow of these folders, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="dramatis-") as name:
        root = Path(name)
        for entry in sorted(real.root.glob("*")) if real.root.is_dir() else ():
            if entry.name not in OURS:
                _link(entry, root / entry.name)
        for folder in OURS:
            _mirror(real.root / folder, root / folder)
        yield Shadow(Folders(root), real)


def _mirror(folder: Path, shadow: Path) -> None:
    if not folder.is_dir():
        return
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        there = shadow / Path(place).relative_to(folder)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            if name.lower().endswith(REPLACED):
                _link(Path(place) / name, there / name)
            else:
                shutil.copyfile(Path(place) / name, there / name)


def _link(file: Path, link: Path) -> None:
    try:
        link.symlink_to(file.absolute(), target_is_directory=file.is_dir())
    except OSError:  # Windows without the right to make links
        if file.is_file():
            shutil.copyfile(file, link)
