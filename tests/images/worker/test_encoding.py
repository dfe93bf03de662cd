"""What a pipeline is told of words: each prompt is encoded once, and the encoder can wait elsewhere meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from images.models import find_model
from images.schema import LoraFile
from tests.studio import job
from tests.tiny_pipelines import save_klein, save_sdxl, save_stable_diffusion, save_z_image

import torch  # isort: skip - after tiny_pipelines, which imports it quietly
from diffusers import DiffusionPipeline  # isort: skip

from images.worker.encoding import Encoder  # isort: skip
from images.worker.painter import Painter  # isort: skip

CLASSES = {"sd": save_stable_diffusion, "sdxl": save_sdxl, "klein": save_klein, "z-image": save_z_image}


def loaded(folder: Path) -> Any:
    pipe = DiffusionPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CLASSES)
def test_pictures_are_those_of_the_plain_pipeline(tmp_path: Path, name: str) -> None:
    model = find_model(str(CLASSES[name](tmp_path / name)))
    wanted = job(tmp_path, guidance=model.guidance, prompt="A girl. Sea.")
    painter = Painter(model, model.source, "cpu", 1)
    [ours] = painter.paint(painter.fit([wanted], []), [5], lambda step: None)
    words = {"prompt": wanted.prompt} | (
        {} if model.negative_prompt is None else {"negative_prompt": model.negative_prompt}
    )
    theirs = loaded(tmp_path / name)(
        **words,
        width=64,
        height=64,
        num_inference_steps=4,
        guidance_scale=model.guidance,
        generator=torch.Generator().manual_seed(5),
    )
    assert ours.tobytes() == theirs.images[0].tobytes()


@pytest.fixture
def z_image(tmp_path: Path) -> Any:
    return loaded(save_z_image(tmp_path / "Z-Image-Turbo"))


def encoder_of(pipe: Any, folder: Path) -> tuple[Encoder, list[int]]:
    """The encoder of a Z-Image pipeline, and a list that grows by one with every prompt that it encodes."""
    calls: list[int] = []
    pipe.text_encoder.register_forward_hook(lambda *_: calls.append(1))
    return Encoder(pipe, find_model(str(folder / "Z-Image-Turbo")), torch.cat), calls


def test_a_prompt_that_comes_again_is_not_encoded_again(tmp_path: Path, z_image: Any) -> None:
    encoder, calls = encoder_of(z_image, tmp_path)
    cat, dog = (job(tmp_path, prompt=prompt, guidance=0.0) for prompt in ("A cat.", "A dog."))
    lora = LoraFile(path="x.safetensors", digest="0")
    for jobs, encoded in (([cat], 1), ([cat, dog, cat], 2), ([dog], 2), ([cat.model_copy(update={"lora": lora})], 3)):
        assert len(encoder.arguments(jobs)["prompt_embeds"]) == len(jobs)
        assert len(calls) == encoded


def test_a_parked_encoder_comes_once_for_all_words_that_are_known(tmp_path: Path, z_image: Any) -> None:
    encoder, calls = encoder_of(z_image, tmp_path)
    jobs = [job(tmp_path, prompt=f"Cat {number}.", guidance=0.0) for number in range(3)]
    before = encoder.arguments(jobs[:1])
    assert encoder.can_park
    encoder.park("cpu")
    assert (z_image.text_encoder, encoder.can_park) == (None, False)
    with encoder.attached():
        assert z_image.text_encoder is not None
    assert z_image.text_encoder is None
    encoder.expect(jobs)
    assert len(calls) == 3
    after = encoder.arguments(jobs)
    assert len(calls) == 3
    assert torch.equal(before["prompt_embeds"][0], after["prompt_embeds"][0])
    assert z_image.text_encoder is None
    z_image(width=64, height=64, num_inference_steps=1, guidance_scale=0.0, **after)


def test_a_pipeline_that_nobody_knows_is_given_the_words(tmp_path: Path) -> None:
    class Unknown:
        def __call__(self, prompt: str, negative_prompt: str = "") -> None:
            """Paint."""

    encoder = Encoder(Unknown(), find_model("somebody/their-model"), torch.cat)
    one, two = job(tmp_path, "1", prompt="A cat."), job(tmp_path, "2", prompt="A dog.")
    assert encoder.fit(one) == one
    assert encoder.arguments([one]) == {"prompt": "A cat.", "negative_prompt": ""}
    assert encoder.arguments([one, two]) == {"prompt": ["A cat.", "A dog."], "negative_prompt": ["", ""]}
    assert not encoder.can_park
