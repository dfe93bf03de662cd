"""What there is to paint on."""

from __future__ import annotations

from typing import Any

import pytest

from errors import BadInput, Misconfigured
from images.models import find_model
from images.pool.devices import Device, Gpu, check_fit, find_devices
from images.pool.process import worker_environment

EIGHT = [Gpu(f"GPU-{number}{number}aa-bb", "RTX 4090") for number in range(8)]


def devices(wanted: int | None = None, *, gpus: int = 8, **given: Any) -> tuple[list[Device], list[str]]:
    said: list[str] = []
    values = {"rehearse": False, "visible": None, "cores": 2, "apple": False} | given
    return find_devices(wanted, gpus=EIGHT[:gpus], say=said.append, **values), said


def visible(**given: Any) -> list[str]:
    found, _ = devices(**given)
    return [worker_environment(device, 1)["CUDA_VISIBLE_DEVICES"] for device in found]


def test_every_gpu_has_a_worker_that_sees_it_alone() -> None:
    assert visible() == [gpu.uuid for gpu in EIGHT]
    assert visible(wanted=2) == [EIGHT[0].uuid, EIGHT[1].uuid]


def test_the_users_own_list_is_taken_entry_by_entry() -> None:
    assert visible(visible="5,2") == ["5", "2"]
    assert visible(visible=" 5 , GPU-22 ") == ["5", "GPU-22"]
    assert visible(visible="5,2,7", wanted=2) == ["5", "2"]
    assert visible(visible="MIG-1,MIG-2") == ["MIG-1", "MIG-2"]


@pytest.mark.parametrize(("entries", "counted"), [("1,9,2", 1), ("1,1", 1), ("3,-1,2", 1), ("GPU-99", 0), ("-1", 0)])
def test_a_list_ends_before_the_first_entry_that_is_not_there(entries: str, counted: int) -> None:
    found, _ = devices(visible=entries)
    assert len([device for device in found if device.kind == "cuda"]) == counted


@pytest.mark.parametrize("entries", ["", "-1"])
def test_hidden_gpus_are_not_used(entries: str) -> None:
    found, said = devices(visible=entries)
    assert [device.kind for device in found] == ["cpu"]
    assert "CPU" in said[0]


@pytest.mark.parametrize(
    ("wanted", "gpus", "words"), [(9, 8, "8 GPUs were found"), (2, 1, "one GPU was found"), (2, 0, "no GPU was found")]
)
def test_more_gpus_than_there_are_is_refused_with_their_number(wanted: int, gpus: int, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        devices(wanted, gpus=gpus)


def test_gpus_hidden_by_the_environment_are_mentioned() -> None:
    with pytest.raises(BadInput, match="CUDA_VISIBLE_DEVICES is '0,1'"):
        devices(4, visible="0,1")


@pytest.mark.parametrize("wanted", [0, -1])
def test_fewer_than_one_gpu_is_refused(wanted: int) -> None:
    with pytest.raises(BadInput, match="at least one"):
        devices(wanted)


def test_without_a_gpu_one_cpu_worker_paints_and_it_is_said() -> None:
    found, said = devices(gpus=0)
    assert [device.kind for device in found] == ["cpu"]
    assert len(said) == 1
    assert devices(1, gpus=0)[0] == found


def test_an_apple_gpu_counts_as_one() -> None:
    found, said = devices(gpus=0, apple=True)
    assert [device.kind for device in found] == ["mps"]
    assert not said
    with pytest.raises(BadInput, match="one GPU was found"):
        devices(2, gpus=0, apple=True)


def test_a_rehearsal_starts_as_many_painters_as_wanted() -> None:
    found, said = devices(4, rehearse=True, cores=16)
    assert [device.kind for device in found] == ["cpu"] * 4
    assert not said
    assert visible(wanted=1, rehearse=True) == [""]


def test_a_rehearsal_with_fewer_cores_says_how_many_start() -> None:
    found, said = devices(8, rehearse=True, cores=2)
    assert len(found) == 2
    assert "8" in said[0]
    assert "2 start" in said[0]


def test_a_large_painter_without_a_gpu_names_small_ones() -> None:
    found, _ = devices(gpus=0)
    with pytest.raises(Misconfigured, match="sd-turbo") as caught:
        check_fit(find_model("z-image-turbo"), found)
    assert "rehearsal" in caught.value.remedy
    check_fit(find_model("sd-turbo"), found)
    check_fit(find_model("rehearsal"), found)
    check_fit(find_model("z-image-turbo"), devices()[0])


def test_a_machine_without_a_driver_has_no_gpus() -> None:
    """Whatever this machine has: asking it raises nothing."""
    found = find_devices(None, rehearse=False, visible=None, say=lambda line: None)
    assert found
