"""A character's LoRA and portrait: found, checked and made ready before anything loads."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from PIL import Image

from errors import BadInput
from images.identity import REFERENCE_PIXELS, find_lora, prepare_reference, reference_of
from images.weights import count_parameters, tensor_shapes
from persona.schema.persona import Lora


def save_tensors(path: Path, *names: str, side: int = 2) -> Path:
    """A .safetensors file of squares of zeros, written by hand."""
    size = 4 * side * side
    header = {
        name: {"dtype": "F32", "shape": [side, side], "data_offsets": [size * number, size * (number + 1)]}
        for number, name in enumerate(names)
    }
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(size * len(names)))
    return path


def test_a_lora_is_found_beside_its_card(tmp_path: Path) -> None:
    save_tensors(tmp_path / "loras" / "mira.safetensors", "unet.to_q.lora_A.weight", "unet.to_q.lora_B.weight")
    lora = Lora(file="loras/mira.safetensors", strength=0.8, trigger_words="m1ra")
    found = find_lora(lora, tmp_path / "mira.json")
    assert (found.path, found.strength) == (str(tmp_path / "loras" / "mira.safetensors"), 0.8)
    assert find_lora(lora.model_copy(update={"file": found.path}), Path("/elsewhere/x.json")) == found


def test_other_weights_are_another_lora(tmp_path: Path) -> None:
    first = find_lora(Lora(file=save_tensors(tmp_path / "a.safetensors", "x.lora_down.weight").name), tmp_path / "card")
    save_tensors(tmp_path / "a.safetensors", "x.lora_down.weight", side=3)
    assert find_lora(Lora(file="a.safetensors"), tmp_path / "card").digest != first.digest


def test_a_missing_lora_is_named_with_its_card(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no file .*mira\.safetensors") as caught:
        find_lora(Lora(file="mira.safetensors"), tmp_path / "mira.json")
    assert str(tmp_path / "mira.json") in caught.value.what


@pytest.mark.parametrize("content", [b"", b"\x02\0\0\0\0\0\0\0{}", b"\xff" * 40, b"\x08\0\0\0\0\0\0\0[1,2,3] ", b"PK"])
def test_what_is_no_weights_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(BadInput, match=r"x\.safetensors"):
        find_lora(Lora(file="x.safetensors"), tmp_path / "card")


def test_a_lora_that_was_cut_short_is_said(tmp_path: Path) -> None:
    path = save_tensors(tmp_path / "x.safetensors", "x.lora_A.weight")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadInput, match="cut short"):
        find_lora(Lora(file="x.safetensors"), tmp_path / "card")


def test_a_whole_checkpoint_is_no_lora(tmp_path: Path) -> None:
    save_tensors(tmp_path / "x.safetensors", "model.diffusion_model.out.weight")
    with pytest.raises(BadInput, match="holds no LoRA weights"):
        find_lora(Lora(file="x.safetensors"), tmp_path / "card")


def test_pickled_weights_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(b"cos\nsystem\n")
    with pytest.raises(BadInput, match=r"only \.safetensors"):
        find_lora(Lora(file="x.pt"), tmp_path / "card")


@pytest.mark.parametrize("size", [(4000, 3000), (512, 512), (300, 900), (5, 5), (8000, 20)])
def test_a_reference_is_small_and_its_sides_can_be_divided(size: tuple[int, int]) -> None:
    reference = reference_of(Image.new("RGB", size))
    assert reference.width * reference.height <= REFERENCE_PIXELS
    assert reference.width % 16 == reference.height % 16 == 0
    assert min(reference.size) >= 64
    assert max(reference.size) <= 4 * min(reference.size)
    if min(size) >= 300:
        assert abs(reference.width / reference.height - size[0] / size[1]) < 0.1


def test_a_reference_is_made_once(tmp_path: Path) -> None:
    opened = []

    def portrait() -> Image.Image:
        opened.append(1)
        return Image.effect_noise((1600, 1200), 40)

    first = prepare_reference("ab" * 32, portrait, tmp_path / "references")
    assert prepare_reference("ab" * 32, portrait, tmp_path / "references") == first
    assert prepare_reference("cd" * 32, portrait, tmp_path / "references") != first
    assert len(opened) == 2
    with Image.open(first) as image:
        assert image.size == (880, 656)


def test_parameters_are_counted_from_headers(tmp_path: Path) -> None:
    path = save_tensors(tmp_path / "part" / "model.safetensors", "a", "b", side=5)
    save_tensors(tmp_path / "part" / "model.fp16.safetensors", "a", side=5)
    assert tensor_shapes(path) == {"a": (5, 5), "b": (5, 5)}
    assert count_parameters(tmp_path / "part") == 50
    assert count_parameters(tmp_path / "part", "fp16") == 25
    assert count_parameters(tmp_path / "nothing") == 0
