"""How many pictures are painted in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from images.pool.batch_size import BatchSizes
from images.pool.devices import Device
from tests.studio import job

HOPPER, ADA, TURING = (Device("cuda", 0, "GPU", "GPU-1", capability) for capability in (9, 8, 7))
BLACKWELL = Device("cuda", 0, "GPU", "GPU-1", 12)
CPU, APPLE = Device("cpu", 0, "CPU"), Device("mps", 0, "Apple GPU")


@pytest.mark.parametrize(
    ("device", "side", "most"),
    [
        (HOPPER, 1024, 1),
        (HOPPER, 512, 8),
        (BLACKWELL, 512, 8),
        (ADA, 512, 4),
        (ADA, 768, 1),
        (TURING, 512, 2),
        (CPU, 64, 1),
        (APPLE, 512, 1),
    ],
)
def test_small_pictures_share_a_call_where_the_device_has_room(
    tmp_path: Path, device: Device, side: int, most: int
) -> None:
    assert BatchSizes(None).most(job(tmp_path, width=side, height=side), device) == most


def test_a_size_that_was_asked_for_is_kept(tmp_path: Path) -> None:
    assert BatchSizes(3).most(job(tmp_path, width=1024, height=1024), CPU) == 3
    assert BatchSizes(1).most(job(tmp_path), HOPPER) == 1


@pytest.mark.parametrize("wanted", [None, 8])
def test_what_did_not_fit_is_remembered_for_its_group_alone(tmp_path: Path, wanted: int | None) -> None:
    sizes = BatchSizes(wanted)
    large, small = job(tmp_path, width=512, height=512), job(tmp_path, width=256, height=512)
    sizes.lower(large.group, 4)
    sizes.lower(large.group, 2)
    sizes.lower(large.group, 4)
    assert sizes.most(large, HOPPER) == 2
    assert sizes.most(small, HOPPER) >= 8
