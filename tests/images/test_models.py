"""Which painter a name stands for, and how its pipeline is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import BadInput, Misconfigured
from images.models import MODELS, Model, find_model
from images.worker.drawing import call_arguments
from settings import REFERENCE_PAINTER
from tests.studio import job

Z_IMAGE_CALL = {"prompt", "width", "height", "num_inference_steps", "guidance_scale", "negative_prompt",
                "max_sequence_length", "generator"}  # fmt: skip


def folder_of(path: Path, pipeline: str) -> Path:
    path.mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    return path


def test_the_default_painter_is_called_as_its_makers_say() -> None:
    model = find_model("z-image-turbo")
    assert (model.source, model.steps, model.guidance) == ("Tongyi-MAI/Z-Image-Turbo", 8, 0.0)
    assert (model.dtype, model.width, model.height) == ("bfloat16", 1024, 1024)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_painter_is_found_by_name_and_by_hub_id(model: Model) -> None:
    assert find_model(model.name) is model
    assert find_model(f" {model.source.upper()} ") is model
    assert model.width % 16 == 0
    assert model.licence
    assert model.weight_bytes


def test_any_hub_id_is_a_painter() -> None:
    model = find_model("somebody/their-model_v1.5")
    assert model.source == "somebody/their-model_v1.5"
    assert model.steps > 1


def test_a_folder_is_called_like_its_pipeline(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "ZImagePipeline")
    model = find_model(str(folder))
    assert (model.name, model.source, model.is_folder) == ("mine", str(folder.resolve()), True)
    assert (model.steps, model.guidance) == (8, 0.0)
    assert find_model(str(folder_of(tmp_path / "old", "StableDiffusionPipeline"))).width == 512
    assert find_model(str(folder_of(tmp_path / "Z-Image", "ZImagePipeline"))).steps == 28


def test_other_weights_in_a_folder_are_another_painter(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "ZImagePipeline")
    weights = folder / "vae" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"one")
    first = find_model(str(folder)).identity
    assert find_model(str(folder)).identity == first
    weights.write_bytes(b"two")
    assert find_model(str(folder)).identity != first


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(BadInput, match="--image-model is empty"):
        find_model("  ")


def test_a_folder_without_an_index_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"holds no model_index\.json") as caught:
        find_model(str(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_a_single_file_is_refused_with_the_way_to_convert_it(tmp_path: Path) -> None:
    path = tmp_path / "anime.safetensors"
    path.write_bytes(b"weights")
    with pytest.raises(Misconfigured, match="is a single file") as caught:
        find_model(str(path))
    assert "from_single_file" in caught.value.remedy


def test_painters_that_are_shown_pictures_are_known(tmp_path: Path) -> None:
    assert find_model(REFERENCE_PAINTER).takes_reference
    assert not find_model("z-image-turbo").takes_reference
    assert find_model(str(folder_of(tmp_path / "edit", "QwenImageEditPlusPipeline"))).takes_reference


@pytest.mark.parametrize("name", ["z-image-trubo", "./nowhere/at/all", "../up", "a b/c"])
def test_an_unknown_name_is_told_the_ways_on(name: str) -> None:
    with pytest.raises(Misconfigured, match="z-image-turbo"):
        find_model(name)


def test_guidance_goes_by_the_pipelines_own_name(tmp_path: Path) -> None:
    qwen = call_arguments(find_model("qwen-image"), [job(tmp_path)], Z_IMAGE_CALL | {"true_cfg_scale"})
    assert qwen["true_cfg_scale"] == 4.0
    assert "guidance_scale" not in qwen
    assert call_arguments(find_model("a/b"), [job(tmp_path)], {"prompt", "true_cfg_scale"})["true_cfg_scale"] == 4.0


def test_only_what_a_pipeline_accepts_is_given(tmp_path: Path) -> None:
    klein = call_arguments(find_model("flux2-klein-4b"), [job(tmp_path)], Z_IMAGE_CALL - {"negative_prompt"})
    assert klein.keys() <= Z_IMAGE_CALL - {"negative_prompt"}
    turbo = call_arguments(find_model("z-image-turbo"), [job(tmp_path, guidance=0.0)], Z_IMAGE_CALL)
    assert turbo["guidance_scale"] == 0.0
