"""From a batch of posts to picture jobs, and which of them are done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from errors import BadPicture
from files import Folders, file_digest
from images.identity import Identity
from images.jobs import is_done, picture_jobs, saved_answer
from images.models import find_model
from images.schema import LoraFile, PictureJob
from settings import PictureSettings
from tests.studio import batch, save_finished

TURBO = find_model("z-image-turbo")


def jobs_of(root: Path, **changes: Any) -> list[PictureJob]:
    return picture_jobs(batch(**changes), TURBO, Folders(root))


def test_each_post_with_a_picture_is_a_job(tmp_path: Path) -> None:
    first, second = jobs_of(tmp_path)
    assert first.path == str(tmp_path / "output_images" / "mira" / "0123abcd" / "2026-12-01-1.png")
    assert first.id == "mira/0123abcd/2026-12-01-1"
    assert first.prompt == "A girl with red hair. She looks at a kettle."
    assert (first.seed, second.seed) == (1, 2)
    assert (first.width, first.height, first.steps, first.guidance) == (1024, 1024, 8, 0.0)
    assert (first.title, first.alt_text) == ("Mira", "A kettle on a stove.")


def test_a_batch_without_pictures_gives_no_jobs(tmp_path: Path) -> None:
    assert jobs_of(tmp_path, posts=()) == []
    assert jobs_of(tmp_path, posts=batch().posts[2:]) == []


def test_paths_are_absolute_wherever_the_program_runs() -> None:
    [first, _] = picture_jobs(batch(), TURBO, Folders(Path()))
    assert Path(first.path).is_absolute()


def test_the_key_changes_with_all_that_a_picture_is_made_from(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    keys = [
        picture_jobs(batch(), TURBO, folders)[0].key,
        picture_jobs(batch(), TURBO, folders)[1].key,
        picture_jobs(batch(), find_model("z-image"), folders)[0].key,
        picture_jobs(batch(), TURBO, folders, PictureSettings(width=512, height=768))[0].key,
        picture_jobs(batch(), TURBO, folders, PictureSettings(width=768, height=512))[0].key,
        picture_jobs(batch(), TURBO, folders, PictureSettings(steps=4))[0].key,
    ]
    assert len(set(keys)) == len(keys)
    assert picture_jobs(batch(), TURBO, Folders(tmp_path / "elsewhere"))[0].key == keys[0]


def test_the_key_changes_with_lora_and_portrait_but_not_with_where_they_lie(tmp_path: Path) -> None:
    folders, wanted = Folders(tmp_path), PictureSettings()

    def key(**values: Any) -> str:
        return picture_jobs(batch(), TURBO, folders, wanted, Identity(**values))[0].key

    lora = LoraFile(path="a.safetensors", digest="0", strength=0.8)
    keys = [
        key(),
        key(lora=lora),
        key(lora=lora.model_copy(update={"strength": 0.7})),
        key(lora=lora.model_copy(update={"digest": "1"})),
        key(lora=lora, trigger_words="m1ra"),
        key(reference="a.png", portrait_digest="2"),
        key(reference="a.png", portrait_digest="3"),
    ]
    assert len(set(keys)) == len(keys)
    assert key(lora=lora.model_copy(update={"path": "b.safetensors"})) == keys[1]
    assert key(reference="b.png", portrait_digest="2") == keys[5]


def test_the_shape_of_pictures_is_as_asked(tmp_path: Path) -> None:
    def size(**values: Any) -> tuple[int, int]:
        made = picture_jobs(batch(), TURBO, Folders(tmp_path), PictureSettings(**values))[0]
        return made.width, made.height

    assert size() == (1024, 1024)
    assert size(width=640, height=512) == (640, 512)
    assert size(aspect=3 / 4) == (880, 1184)
    assert size(aspect=16 / 9) == (1360, 768)
    assert size(width=512, height=512, aspect=4.0) == (1024, 256)


def test_a_finished_picture_is_done(tmp_path: Path) -> None:
    first, second = jobs_of(tmp_path)
    save_finished(first)
    assert is_done(first)
    assert not is_done(second)


def test_a_picture_made_from_other_things_is_not_done(tmp_path: Path) -> None:
    first, _ = jobs_of(tmp_path)
    save_finished(first.model_copy(update={"key": "another"}))
    assert not is_done(first)


@pytest.mark.parametrize("bytes_left", [0, -1, -12, -400])
def test_a_truncated_picture_is_not_done(tmp_path: Path, bytes_left: int) -> None:
    first, _ = jobs_of(tmp_path)
    path = save_finished(first)
    path.write_bytes(path.read_bytes()[:bytes_left])
    assert not is_done(first)


@pytest.mark.parametrize("what", ["photo", "text", "folder"])
def test_what_is_not_ours_is_left_alone_and_named(tmp_path: Path, what: str) -> None:
    first, _ = jobs_of(tmp_path)
    path = Path(first.path)
    path.parent.mkdir(parents=True)
    if what == "photo":
        Image.new("RGB", (8, 8)).save(path)
    elif what == "text":
        path.write_text("my notes")
    else:
        path.mkdir()
    with pytest.raises(BadPicture, match="left alone") as caught:
        is_done(first)
    assert str(path) in caught.value.what
    assert "Move or delete" in caught.value.remedy


def test_a_huge_picture_is_checked_without_reading_its_pixels(tmp_path: Path) -> None:
    first, _ = jobs_of(tmp_path)
    path = save_finished(first)
    content = path.read_bytes()
    with path.open("wb") as file:
        file.write(content[: content.index(b"IDAT") + 4])
        file.seek(2_000_000_000, 1)
        file.write(content[-12:])
    assert is_done(first)


def test_what_a_dead_worker_had_saved_is_found_in_its_place(tmp_path: Path) -> None:
    first, second = jobs_of(tmp_path)
    path = save_finished(first)
    found = saved_answer(first)
    assert found is not None
    assert (found.id, found.size, found.mtime_ns) == (first.id, path.stat().st_size, path.stat().st_mtime_ns)
    assert found.sha256 == file_digest(path)
    assert saved_answer(second) is None
    assert saved_answer(first.model_copy(update={"key": "another", "kept": True})) is None
    path.write_text("not ours")
    assert saved_answer(first) is None
