"""From a batch of posts to picture jobs, and which of them are done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from errors import BadInput, BadPicture
from files import Folders, file_digest
from images.identity import Identity
from images.jobs import is_done, picture_jobs, read_batch, saved_answer
from images.models import find_model
from images.schema import LoraFile, PictureJob
from settings import PictureSettings
from tests.studio import batch, save_finished

TURBO = find_model("z-image-turbo")


def jobs_of(root: Path, **changes: Any) -> list[PictureJob]:
    return picture_jobs(batch(**changes), TURBO, Folders(root))


def changed(**values: object) -> dict[str, object]:
    """A batch as it is saved, with other values."""
    return batch().model_dump(mode="json") | values


def saved(root: Path, value: object) -> Path:
    path = root / "batch.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


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


@pytest.mark.parametrize("persona", ["../../x", "a/b", "..", "", "A B", "/etc", "a\\b", "x\0y", "con", "a" * 300])
def test_a_persona_that_is_no_file_name_never_becomes_a_path(tmp_path: Path, persona: str) -> None:
    with pytest.raises(BadInput, match=r"batch\.json.*persona"):
        read_batch(saved(tmp_path, changed(persona=persona)))


@pytest.mark.parametrize("key", ["../x", "0123ABCD", "0123abc", "0123abcd5", "0123abcd\n", "", "٠١٢٣٤٥٦٧", None])
def test_a_key_that_is_not_eight_hex_digits_is_refused(tmp_path: Path, key: str | None) -> None:
    with pytest.raises(BadInput, match=r"batch\.json.*key"):
        read_batch(saved(tmp_path, changed(key=key)))


@pytest.mark.parametrize("persona", ["mira", "mira-12ab34", "美羅", "m" * 80])
def test_names_that_the_program_gives_are_accepted(tmp_path: Path, persona: str) -> None:
    assert read_batch(saved(tmp_path, changed(persona=persona))).persona == persona


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    post = json.loads(batch().posts[0].model_dump_json())
    with pytest.raises(BadInput, match="2026-12-01-1 is used twice"):
        read_batch(saved(tmp_path, changed(posts=[post, post])))


def test_a_batch_is_read_back(tmp_path: Path) -> None:
    assert read_batch(saved(tmp_path, batch().model_dump_json())) == batch()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "is no batch of posts"),
        ({"spec": "chara_card_v2", "data": {}}, "is no batch of posts"),
        ({"format": 2, "casts": []}, "has format 2"),
        ({"persona": "mira", "character": "Mira", "key": "0123abcd", "posts": [{"id": "../../x"}]}, "no post id"),
    ],
)
def test_what_is_no_batch_is_said_in_a_sentence(tmp_path: Path, content: object, reason: str) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(BadInput, match=reason) as caught:
        read_batch(path)
    assert str(path) in str(caught.value)


def test_a_batch_of_another_kind_of_posts_names_the_field(tmp_path: Path) -> None:
    value = json.loads(batch().model_dump_json())
    del value["posts"][1]["text"]
    with pytest.raises(BadInput, match=r"posts\.1\.text"):
        read_batch(saved(tmp_path, value))


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
