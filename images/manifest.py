"""A line for each finished picture, so that a rerun knows ten thousand of them without opening one.

Only ever appended to. A picture counts as known while size and time of its file are those that were noted; any
other is asked for its own label (images/jobs.py). Knows no processes and no torch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

from files import digest
from images.schema import Labelling, Painted, PictureJob

_NOTED = ("seed", "seconds", "size", "mtime_ns", "sha256")
_PLAIN = Labelling()


class _ManifestEntry(NamedTuple):
    key: str
    labelling: str
    size: int
    mtime_ns: int


class Manifest:
    """The manifest of the pictures in one folder. What cannot be read of it is passed over: it only saves time.

    `labelling`: how pictures are labelled in this run; one that was labelled otherwise is not known.
    """

    def __init__(
        self, folder: Path, labelling: Labelling = _PLAIN, say: Callable[[str], None] = lambda line: None
    ) -> None:
        self.path = folder.absolute() / "manifest.jsonl"
        self._folder = f"{folder.absolute()}{os.sep}"
        self._labelling = digest(labelling.model_dump(), length=8)
        self._say = say
        self._file: TextIO | None = None
        self._is_writable = True
        self._entries = _read(self.path)

    def knows(self, job: PictureJob) -> bool:
        """Whether the file of `job` is the finished picture that was noted, kept or made from the same things."""
        entry = self._entries.get(self._name(job.path))
        if entry is None or entry.labelling != self._labelling or not (entry.key == job.key or job.kept):
            return False
        try:
            found = os.stat(job.path)  # noqa: PTH116 - making a Path of each takes longer than the rest
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (entry.size, entry.mtime_ns)

    def add(self, job: PictureJob, painted: Painted) -> None:
        """Note a picture that is in its place."""
        name = self._name(job.path)
        self._entries[name] = _ManifestEntry(job.key, self._labelling, painted.size, painted.mtime_ns)
        line = {"file": name, "key": job.key, "labelling": self._labelling, **painted.model_dump(include=set(_NOTED))}
        if not self._is_writable:
            return
        try:
            if self._file is None:
                self._file = self.path.open("a", encoding="utf-8")
                if self._file.tell():
                    self._file.write("\n")  # ends a line that a killed run left open; blank lines are passed over
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            self._is_writable = False
            self._say(f"{self.path} cannot be written ({error.strerror}): the next run looks into each picture.")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _name(self, path: str) -> str:
        """The path below the folder, so that both can be moved together."""
        return path.removeprefix(self._folder).replace(os.sep, "/")


def _read(path: Path) -> dict[str, _ManifestEntry]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    entries = {}
    for line in lines:
        try:
            value = json.loads(line)
            entries[value["file"]] = _ManifestEntry(value["key"], value["labelling"], value["size"], value["mtime_ns"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # blank, cut off by a kill, or somebody's own
    return entries
