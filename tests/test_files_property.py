"""What holds for every name: it can stand on every disk, and no two pictures of a run get the same."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path, PureWindowsPath

from hypothesis import given
from hypothesis import strategies as st

from files import LONGEST_NAME, slug
from persona.portrait import Portrait, name_portraits
from tests.properties import many, steady

RESERVED = ("con", "PRN", "aux.txt", "nul", "COM1", "lpt9", "com¹", "CONIN$", "..", "~", "-", "_", "İ", "ﬁ", "ͅ")
words = st.text(max_size=120) | st.lists(st.sampled_from(RESERVED) | st.text(max_size=2), max_size=4).map("".join)


@many
@given(words, st.sampled_from(["", "-0a1b2c", f"-{'f' * 64}"]))
def test_any_words_become_a_name_that_every_disk_takes(given_words: str, suffix: str) -> None:
    name = slug(given_words, suffix)
    assert 0 < len(name.encode()) <= LONGEST_NAME
    assert name.endswith(suffix)
    assert all(c.isalnum() or c in "-_" or unicodedata.category(c) in {"Mn", "Mc"} for c in name)
    assert not PureWindowsPath(name).is_reserved()
    assert name == slug(name), "a name is its own slug"
    assert name == slug(given_words.swapcase(), suffix) or name.casefold() != slug(given_words.swapcase(), suffix)
    # A disk that knows no case, or takes names apart as macOS does, finds the same file.
    assert slug(unicodedata.normalize("NFD", name)) == slug(name.upper()) == name


@steady
@given(st.lists(st.tuples(st.sampled_from(["img", "IMG", "a b", "a-b", "ｉｍｇ", "é", "e\u0301"]), st.integers(0, 9))))
def test_different_pictures_never_share_a_name(pictures: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, (stem, content) in enumerate(pictures):
            path = Path(folder) / str(number) / f"{stem}.png"
            path.parent.mkdir()
            path.write_bytes(bytes([content]))
            paths.append(path)
        named = list(name_portraits(paths, Path(folder) / "personas"))
    portraits = [one for one in named if isinstance(one, Portrait)]
    assert len(portraits) == len(named) == len({content for _, content in pictures})
    assert len({one.name for one in portraits}) == len({one.sha256 for one in portraits}) == len(portraits)
