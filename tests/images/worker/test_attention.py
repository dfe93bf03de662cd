"""Compiled and in fewer bits: on the class of the default painter in miniature."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from errors import BadPicture, Misconfigured
from images.models import find_model
from images.pool.pool import Pool
from images.schema import PictureJob, Speed
from images.worker.attention import Compiled
from images.worker.compiling import Compiling
from tests.studio import cpus, job
from tests.tiny_pipelines import save_z_image

from images.worker.painter import Painter  # isort: skip - after tiny_pipelines, which imports torch quietly


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_z_image(tmp_path_factory.mktemp("painters") / "Z-Image-Turbo")


def painter(folder: Path, **speed: str) -> Painter:
    model = find_model(str(folder))
    return Painter(model, model.source, "cpu", 1, Speed.model_validate(speed))


async def paint(folder: Path, jobs: list[PictureJob], logs: Path, **speed: str) -> list[Image.Image]:
    model = find_model(str(folder))
    async with Pool(cpus(1), model, lambda: folder, logs, threads=1, speed=Speed.model_validate(speed)) as pool:
        for one in jobs:
            await pool.paint(one)
    return [Image.open(one.path) for one in jobs]


def difference(one: Image.Image, other: Image.Image) -> int:
    return max(ImageChops.difference(one.convert("RGB"), other.convert("RGB")).tobytes())


def test_half_precision_paints_nearly_the_same(tmp_path: Path, folder: Path) -> None:
    wanted = job(tmp_path, guidance=0.0)
    full, half = (painter(folder, precision=name).paint([wanted], [1], lambda step: None)[0] for name in ("", "bf16"))
    assert 0 < difference(full, half) < 40


def test_eight_bit_floats_need_a_gpu_that_has_them(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="--precision fp8 needs"):
        painter(folder, precision="fp8")


@pytest.mark.skipif(importlib.util.find_spec("torchao") is not None, reason="torchao is here")
def test_without_torchao_the_way_to_it_is_named(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="needs torchao") as caught:
        painter(folder, precision="int8")
    assert "requirements-torchao.txt" in caught.value.remedy


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torchao") is None, reason="torchao is not here")
async def test_eight_bit_integers_paint_nearly_the_same(tmp_path: Path, folder: Path) -> None:
    wanted = job(tmp_path, guidance=0.0)
    [full] = await paint(folder, [wanted], tmp_path / "logs")
    [int8] = await paint(folder, [wanted], tmp_path / "logs", precision="int8")
    assert 0 < difference(full, int8) < 40


@pytest.mark.slow
async def test_compiled_it_paints_the_same(tmp_path: Path, folder: Path) -> None:
    jobs = [job(tmp_path, f"{number}", guidance=0.0, seed=number) for number in range(3)]
    eager = [image.copy() for image in await paint(folder, jobs, tmp_path / "logs", compile="off")]
    compiled = await paint(folder, jobs, tmp_path / "logs", compile="on")
    assert all(difference(one, other) <= 2 for one, other in zip(eager, compiled, strict=True))


class Blocks:
    """A denoiser that can be compiled, in name: the clock goes on by what each call is said to take."""

    _repeated_blocks = ("Block",)

    def __init__(self, eager: float, compiled: float, cost: float) -> None:
        self.transformer = self
        self.now, self.eager, self.compiled, self.cost = 0.0, eager, compiled, cost
        self._compiled_call_impl: object = None

    def compile_repeated_blocks(self, **_: object) -> None:
        self._compiled_call_impl = "kernels"

    def modules(self) -> list[Blocks]:
        return [self]

    def paint(self) -> None:
        if self._compiled_call_impl is None:
            self.now += self.eager
        else:
            self.now, self.cost = self.now + self.compiled + self.cost, 0.0


@pytest.mark.parametrize(("eager", "compiled", "stays"), [(1.0, 0.6, True), (1.0, 1.2, False)])
def test_what_compiling_costs_and_saves_is_measured(tmp_path: Path, eager: float, compiled: float, stays: bool) -> None:
    blocks = Blocks(eager, compiled, cost=20.0)
    decision = Compiling("auto", tmp_path, "gpu")
    silences: list[float] = []
    tuned = Compiled(blocks, decision, silences.append, lambda: blocks.now)
    for _ in range(5):
        tuned.consider(1000, "group")
        tuned.call("group", 1, blocks.paint)
    assert len(silences) == 1, "the parent is told once, before it becomes silent"
    experience = decision.experience()
    assert experience is not None
    assert (round(experience.eager, 6), round(experience.compiled, 6)) == (eager, compiled)
    assert round(experience.seconds, 6) == 20.0
    assert tuned.is_on == stays
    assert (blocks._compiled_call_impl is not None) == stays


def test_a_picture_that_fails_either_way_is_no_fault_of_compiling(tmp_path: Path) -> None:
    blocks, decision = Blocks(1.0, 0.5, cost=1.0), Compiling("on", tmp_path, "gpu")
    tuned = Compiled(blocks, decision, lambda seconds: None, lambda: blocks.now)
    tuned.consider(0, "group")
    with pytest.raises(RuntimeError, match="sizes of tensors"):
        tuned.call("group", 1, refuse)
    assert decision.experience() is None


def refuse() -> None:
    raise RuntimeError("sizes of tensors must match")


def test_a_painter_that_cannot_be_compiled_paints_as_before(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "/nowhere/no-compiler")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "kernels"))
    wanted = job(tmp_path, guidance=0.0)
    plain = painter(folder).paint([wanted], [1], lambda step: None)[0]
    broken = painter(folder, compile="on", learned=str(tmp_path / "speed"))
    broken.compile_if_worthwhile(wanted, 0)
    [image] = broken.paint([wanted], [1], lambda step: None)
    assert difference(plain, image) == 0
    [file] = (tmp_path / "speed").glob("*.json")
    assert json.loads(file.read_text())["compiled"] == 0.0


def test_a_refused_size_is_no_fault_of_compiling(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(BadPicture, match="65x64"):
        painter(folder).paint([job(tmp_path, width=65)], [1], lambda step: None)
