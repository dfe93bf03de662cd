"""Batches as they lie on the disk: whole ones are read, and all others are refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import BadInput
from files import Folders
from tests.studio import batch
from tweets.batch_file import change_batch, read_batch


def changed(**values: object) -> dict[str, object]:
    """A batch as it is saved, with other values."""
    return batch().model_dump(mode="json") | values


def saved(root: Path, value: object) -> Path:
    path = root / "batch.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


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


def test_a_batch_with_an_id_used_twice_is_not_changed_either(tmp_path: Path) -> None:
    post = json.loads(batch().posts[0].model_dump_json())
    path = saved(tmp_path, changed(posts=[post, post]))
    before = path.read_bytes()
    with pytest.raises(BadInput, match="2026-12-01-1 is used twice"):
        change_batch(path, Folders(tmp_path), lambda _: batch())
    assert path.read_bytes() == before
