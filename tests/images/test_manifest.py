"""What a rerun knows of finished pictures without opening them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from errors import BadPicture
from images.jobs import find_done
from images.label import Label
from images.manifest import Manifest
from images.schema import Labelling, Painted, PictureJob
from tests.studio import job, save_finished


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    with closing(Manifest(tmp_path)) as opened:
        yield opened


def painted(folder: Path, name: str = "1", **changes: object) -> tuple[PictureJob, Painted]:
    """A finished picture and what its worker said of it."""
    wanted = job(folder / "mira", name, **changes)
    found = save_finished(wanted).stat()
    line = Painted(id=wanted.id, seconds=0.5, seed=7, size=found.st_size, mtime_ns=found.st_mtime_ns, sha256="0" * 64)
    return wanted, line


def test_a_later_run_knows_what_was_noted(tmp_path: Path, manifest: Manifest) -> None:
    wanted, line = painted(tmp_path)
    assert not manifest.knows(wanted)
    manifest.add(wanted, line)
    assert manifest.knows(wanted)
    assert Manifest(tmp_path).knows(wanted)
    [noted] = [json.loads(text) for text in manifest.path.read_text(encoding="utf-8").splitlines()]
    assert noted["file"] == "mira/1.png"
    assert noted["sha256"] == "0" * 64


@pytest.mark.parametrize("change", ["gone", "other size", "other time", "other key"])
def test_what_has_changed_is_not_known(tmp_path: Path, manifest: Manifest, change: str) -> None:
    wanted, line = painted(tmp_path)
    manifest.add(wanted, line)
    path = Path(wanted.path)
    if change == "gone":
        path.unlink()
    elif change == "other size":
        path.write_bytes(path.read_bytes()[:-1])
        os.utime(path, ns=(line.mtime_ns, line.mtime_ns))
    elif change == "other time":
        os.utime(path, ns=(line.mtime_ns, line.mtime_ns + 1_000_000))
    else:
        wanted = wanted.model_copy(update={"key": "of another prompt"})
    assert not manifest.knows(wanted)


def test_a_picture_that_was_kept_is_known_whatever_it_was_made_from(tmp_path: Path, manifest: Manifest) -> None:
    wanted, line = painted(tmp_path)
    manifest.add(wanted, line)
    assert manifest.knows(wanted.model_copy(update={"key": "of another prompt", "kept": True}))


def test_one_that_was_labelled_otherwise_is_looked_into(tmp_path: Path, manifest: Manifest) -> None:
    wanted, line = painted(tmp_path)
    manifest.add(wanted, line)
    assert not Manifest(tmp_path, Labelling(tell_prompt=False)).knows(wanted)


def test_folder_and_manifest_can_be_moved_together(tmp_path: Path) -> None:
    wanted, line = painted(tmp_path / "here")
    with closing(Manifest(tmp_path / "here")) as manifest:
        manifest.add(wanted, line)
    (tmp_path / "here").rename(tmp_path / "there")
    moved = job(tmp_path / "there" / "mira", "1")
    assert Manifest(tmp_path / "there").knows(moved)


def test_lines_of_a_kill_or_of_others_are_passed_over(tmp_path: Path) -> None:
    first, first_line = painted(tmp_path, "1")
    second, second_line = painted(tmp_path, "2")
    with closing(Manifest(tmp_path)) as manifest:
        manifest.add(first, first_line)
    with manifest.path.open("a", encoding="utf-8") as file:
        file.write('[]\n7\n{"file": "x"}\n{"file": "mira/2.png", "ke')
    with closing(Manifest(tmp_path)) as manifest:
        manifest.add(second, second_line)
    again = Manifest(tmp_path)
    assert again.knows(first)
    assert again.knows(second)


def test_one_that_cannot_be_written_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    wanted, line = painted(tmp_path)
    said: list[str] = []
    manifest = Manifest(tmp_path, say=said.append)
    manifest.path.mkdir()
    manifest.add(wanted, line)
    manifest.add(wanted, line)
    assert len(said) == 1
    assert "manifest.jsonl cannot be written" in said[0]


def test_the_label_is_asked_where_the_manifest_does_not_know(tmp_path: Path, manifest: Manifest) -> None:
    known, line = painted(tmp_path, "1")
    unknown, _ = painted(tmp_path, "2")
    missing = job(tmp_path / "mira", "3")
    foreign = job(tmp_path / "mira", "4")
    Path(foreign.path).write_text("my notes")
    manifest.add(known, line)
    found = find_done([known, unknown, missing, foreign], manifest)
    assert isinstance(found.pop(foreign.id), BadPicture)
    assert found.pop(known.id) == "known"
    label = found.pop(unknown.id)
    assert isinstance(label, Label)
    assert label.key == unknown.key
    assert found == {missing.id: None}
