"""Names, atomic writes, reading with a clear error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import BadInput, DiskFull
from files import Folders, digest, expand, read_json, slug, write_json, write_text


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("img1", "img1"),
        ("My Hero (final)", "my-hero-final"),
        ("绫波 丽", "绫波-丽"),
        ("Ωmega", "ωmega"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("🦊", "unnamed"),
        ("con", "con-0"),
        ("a\u202eb\x00c", "a-b-c"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_a_slug_is_never_a_path(words: str, name: str) -> None:
    assert slug(words) == name


def test_a_slug_stays_short_in_bytes_and_whole_in_characters() -> None:
    name = slug("絵" * 500)
    assert len(name.encode()) <= 80
    assert set(name) == {"絵"}


def test_a_digest_depends_on_content_alone() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("x", length=8)) == 8


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_json(target, {"n": 1})
    (tmp_path / "occupied").mkdir()
    (tmp_path / "occupied" / "x").touch()
    with pytest.raises(DiskFull, match=r"occupied.*could not be written"):
        write_text(tmp_path / "occupied", "text")
    assert json.loads(target.read_text()) == {"n": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "occupied"]


def test_a_full_disk_is_said_and_leaves_nothing_half_written() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with pytest.raises(DiskFull):
        write_text(Path("/dev/full/x"), "text")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b"1" * 5000, "is not JSON"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        read_json(path, "persona")
    assert "x.json" in caught.value.what


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no file .*nothing\.json.*persona"):
        read_json(tmp_path / "nothing.json", "persona")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(tmp_path / "x.json", "persona") == {"a": 1}


def test_a_pattern_that_the_shell_left_alone_is_expanded(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "c.jpg", "weird[1].png"):
        (tmp_path / name).touch()
    found = expand([f"{tmp_path}/*.png", f"{tmp_path}/a.png", f"{tmp_path}/weird[1].png"], "--images")
    assert [path.name for path in found] == ["a.png", "b.png", "weird[1].png"]


def test_a_pattern_without_a_match_names_the_flag(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--images: no file matches"):
        expand([f"{tmp_path}/*.png"], "--images")


def test_a_file_that_is_missing_is_left_to_its_reader(tmp_path: Path) -> None:
    assert expand([str(tmp_path / "gone.png")], "--images") == [tmp_path / "gone.png"]


def test_an_output_folder_that_cannot_be_written_names_the_flag(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="--out"):
        Folders(tmp_path / "file" / "x").check_writable()
