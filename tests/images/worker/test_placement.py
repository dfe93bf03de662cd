"""Where the parts of a painter live, by what a device has room for."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from images.worker.placement import Placement, place

BILLION = 1_000_000_000


def save_part(folder: Path, name: str, numbers: int) -> None:
    """A part whose header promises so many numbers; the file is as long as they need, and nearly empty on disk."""
    header = {"w": {"dtype": "BF16", "shape": [numbers], "data_offsets": [0, 2 * numbers]}}
    text = json.dumps(header).encode()
    path = folder / name / "model.safetensors"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + 2 * numbers)


@pytest.fixture
def z_image(tmp_path: Path) -> Path:
    """As large as Z-Image-Turbo."""
    save_part(tmp_path, "transformer", 6_155_000_000)
    save_part(tmp_path, "text_encoder", 4_022_000_000)
    save_part(tmp_path, "vae", 84_000_000)
    (tmp_path / "scheduler").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("free", "placement"),
    [
        (140, Placement.ALL),
        (25, Placement.ALL),
        (22, Placement.ENCODER_WAITS),
        (20, Placement.TURNS),
        (16, Placement.TURNS),
        (0, Placement.TURNS),
    ],
)
def test_a_painter_is_placed_by_what_is_free(z_image: Path, free: int, placement: Placement) -> None:
    assert place(z_image, "", 2, free * BILLION) is placement


def test_numbers_of_four_bytes_need_twice_the_room(z_image: Path) -> None:
    assert place(z_image, "", 4, 40 * BILLION) is not Placement.ALL
    assert place(z_image, "", 4, 50 * BILLION) is Placement.ALL
