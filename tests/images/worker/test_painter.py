"""Real diffusers pipelines in miniature: the rehearsal's Stable Diffusion, and the class of the default painter."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from errors import BadPicture, Misconfigured
from files import Folders
from images.download import fetch_model
from images.jobs import is_done, picture_jobs
from images.label import read_label
from images.models import find_model
from images.pool.pool import Pool
from images.schema import PictureJob, Speed
from images.worker.drawing import Undrawn, draw, is_blank
from settings import PictureSettings
from tests.studio import batch, cpus, job
from tests.tiny_pipelines import save_z_image

from images.worker.painter import Painter  # isort: skip - after tiny_pipelines, which imports torch quietly

REHEARSAL = find_model("rehearsal")


@pytest.fixture(scope="module")
def rehearsal() -> Painter:
    return Painter(REHEARSAL, str(REHEARSAL.source), "cpu", 1)


@pytest.fixture(scope="module")
def z_image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_z_image(tmp_path_factory.mktemp("painters") / "Z-Image-Turbo")


@pytest.fixture(scope="module")
def z_image(z_image_folder: Path) -> Painter:
    model = find_model(str(z_image_folder))
    return Painter(model, model.source, "cpu", 1)


def paint(painter: Painter, *jobs: PictureJob) -> list[Image.Image]:
    return painter.paint(jobs, [job.seed for job in jobs], lambda step: None)


def pixels(painter: Painter, wanted: PictureJob) -> str:
    return hashlib.sha256(paint(painter, wanted)[0].tobytes()).hexdigest()


@pytest.mark.parametrize("name", ["rehearsal", "z_image"])
def test_the_same_seed_gives_the_same_pixels(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    painter = request.getfixturevalue(name)
    first = pixels(painter, job(tmp_path))
    assert pixels(painter, job(tmp_path, seed=8)) != first
    assert pixels(painter, job(tmp_path, prompt="A boat.")) != first
    assert pixels(painter, job(tmp_path)) == first


def test_a_huge_seed_is_a_seed_too(tmp_path: Path, rehearsal: Painter) -> None:
    assert pixels(rehearsal, job(tmp_path, seed=2**200 + 7)) == pixels(rehearsal, job(tmp_path, seed=7))


def test_every_step_is_a_sign_of_life(tmp_path: Path, z_image: Painter) -> None:
    steps: list[int] = []
    z_image.paint([job(tmp_path, steps=8, guidance=0.0)], [7], steps.append)
    assert steps == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("name", ["rehearsal", "z_image"])
def test_a_batch_is_the_same_pictures_as_one_by_one(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    """But for the last bit, which depends on how many numbers are multiplied at once."""
    painter = request.getfixturevalue(name)
    jobs = [job(tmp_path, seed=seed, prompt=prompt) for seed, prompt in ((7, "A boat."), (8, "A cart."), (9, "A cat."))]
    together = paint(painter, *jobs)
    for one, image in zip(jobs, together, strict=True):
        difference = ImageChops.difference(paint(painter, one)[0], image)
        assert max(difference.tobytes()) <= 2


def test_sides_are_as_asked(tmp_path: Path, rehearsal: Painter) -> None:
    assert paint(rehearsal, job(tmp_path, width=96, height=64))[0].size == (96, 64)


def test_a_size_that_the_painter_refuses_costs_only_that_picture(tmp_path: Path, z_image: Painter) -> None:
    with pytest.raises(BadPicture, match="65x64"):
        paint(z_image, job(tmp_path, width=65))
    paint(z_image, job(tmp_path))


def test_a_blank_picture_is_tried_again_and_then_refused(tmp_path: Path) -> None:
    model = find_model(str(save_z_image(tmp_path / "grey", blank=True)))
    steps: list[int] = []
    [outcome] = draw(Painter(model, model.source, "cpu", 1), [job(tmp_path)], steps.append)
    assert isinstance(outcome, Undrawn)
    assert "blank picture 2 times" in str(outcome.reason)
    assert steps == [1, 2, 3, 4] * 2


def test_flat_pictures_are_blank_and_others_are_not() -> None:
    assert is_blank(Image.new("RGB", (64, 64), "black"))
    assert is_blank(Image.effect_noise((64, 64), 1))
    assert not is_blank(Image.effect_noise((64, 64), 30))
    red_to_blue = Image.composite(
        Image.new("RGB", (64, 64), (255, 0, 0)),
        Image.new("RGB", (64, 64), (0, 0, 255)),
        Image.radial_gradient("L").resize((64, 64)),
    )
    assert not is_blank(red_to_blue)


def test_a_damaged_folder_is_told_by_name(tmp_path: Path) -> None:
    folder = save_z_image(tmp_path / "damaged")
    weights = next((folder / "transformer").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    model = find_model(str(folder))
    with pytest.raises(Misconfigured, match=r"cannot be loaded from .*damaged"):
        Painter(model, model.source, "cpu", 1)


def test_an_attention_that_is_not_here_is_told(z_image_folder: Path) -> None:
    model = find_model(str(z_image_folder))
    with pytest.raises(Misconfigured, match="--attention sage cannot be used here"):
        Painter(model, model.source, "cpu", 1, Speed(attention="sage"))


def test_a_gpu_that_this_torch_cannot_use_is_told() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(Misconfigured, match="cannot use it"):
        Painter(REHEARSAL, "", "cuda", 1)


async def test_a_batch_is_painted_labelled_and_done(tmp_path: Path, z_image_folder: Path) -> None:
    """The whole way with a real worker: the class of the default painter, from a folder."""
    model = find_model(str(z_image_folder))
    wanted = picture_jobs(batch(2), model, Folders(tmp_path), PictureSettings(width=64, height=64))
    said: list[str] = []
    folder = fetch_model(model, "", said.append)
    async with Pool(cpus(1), model, lambda: folder, Folders(tmp_path).own / "logs", threads=1, say=said.append) as pool:
        for one in wanted:
            await pool.paint(one)
    assert all(is_done(one) for one in wanted)
    label = read_label(Path(wanted[0].path))
    assert label is not None
    assert label.model == "Z-Image-Turbo"
    with Image.open(wanted[0].path) as image:
        assert (
            "Steps: 8, Sampler: default, CFG scale: 0, Seed: 1, Size: 64x64, Model: Z-Image-Turbo"
            in image.info["parameters"]
        )
        painted = image.tobytes()
    [here] = paint(Painter(model, model.source, "cpu", 1), wanted[0])
    assert here.tobytes() == painted, "another process paints the same pixels"
    assert len(said) == 1
    assert "ready to paint" in said[0]


async def test_a_rehearsal_needs_no_download(tmp_path: Path) -> None:
    wanted = picture_jobs(batch(1), REHEARSAL, Folders(tmp_path))[0]
    async with Pool(cpus(1), REHEARSAL, lambda: fetch_model(REHEARSAL, "", print), tmp_path / "logs") as pool:
        await pool.paint(wanted)
    assert is_done(wanted)
    assert (wanted.width, wanted.height) == (128, 128)
