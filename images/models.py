"""The painters that are known, and how each wants to be called: size, steps, guidance, argument names.

A name of the table, a hub id and a local folder all become a `Model`. Knows no torch, no network and no processes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

from errors import BadInput, Misconfigured
from files import digest
from images.weights import sample_digest
from settings import REHEARSAL

REHEARSAL_FOLDER = Path(__file__).resolve().parent.parent / "examples" / "painter" / "model"
LARGEST_ON_CPU = 8_000_000_000  # bytes of weights with which a CPU still paints within minutes
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One painter and its call defaults. `source` is a hub id or a folder."""

    name: str
    source: str
    pipeline: str = ""  # the diffusers class that its model_index.json names
    width: int = 1024
    height: int = 1024
    steps: int = 30
    guidance: float = 5.0
    guidance_name: str = "guidance_scale"
    negative_prompt: str | None = None  # None: this painter takes none
    quality: str = ""  # words of its makers that end every prompt
    dtype: str = "bfloat16"
    variant: str = ""  # "fp16": the hub keeps half-precision weights beside the full ones
    prompt_tokens: int = 0  # the most a prompt may have; 0: not known
    takes_reference: bool = False  # it can be shown a picture of the character
    weight_bytes: int = 0  # on disk, and about as much on the device; 0: not known
    licence: str = "see its model card"
    is_folder: bool = False
    fingerprint: str = ""  # stands for the files of a local folder

    @property
    def identity(self) -> str:
        """What the key of a picture holds of its painter: the same files give the same words anywhere."""
        return self.fingerprint or self.source or self.name


SDXL = Model(
    name="sdxl",
    source="stabilityai/stable-diffusion-xl-base-1.0",
    pipeline="StableDiffusionXLPipeline",
    negative_prompt="blurry, deformed, extra fingers, watermark, text",
    dtype="float16",
    variant="fp16",
    prompt_tokens=77,
    weight_bytes=7_000_000_000,
    licence="CreativeML Open RAIL++-M",
)
Z_IMAGE_TURBO = Model(
    name="z-image-turbo",
    source="Tongyi-MAI/Z-Image-Turbo",
    pipeline="ZImagePipeline",
    steps=8,
    guidance=0.0,  # in this pipeline anything above 0 paints twice, also 1.0
    prompt_tokens=512,
    weight_bytes=20_500_000_000,
    licence="Apache-2.0",
)
MODELS: tuple[Model, ...] = (
    Z_IMAGE_TURBO,
    Model(
        name="flux2-klein-4b",
        source="black-forest-labs/FLUX.2-klein-4B",
        pipeline="Flux2KleinPipeline",
        steps=4,
        guidance=1.0,
        prompt_tokens=512,
        takes_reference=True,
        weight_bytes=16_000_000_000,
        licence="Apache-2.0",
    ),
    Model(
        name="qwen-image",
        source="Qwen/Qwen-Image",
        pipeline="QwenImagePipeline",
        steps=50,
        guidance=4.0,
        guidance_name="true_cfg_scale",
        negative_prompt=" ",  # without one this pipeline leaves guidance out
        prompt_tokens=1024,
        weight_bytes=57_700_000_000,
        licence="Apache-2.0",
    ),
    Model(
        name="z-image",
        source="Tongyi-MAI/Z-Image",
        pipeline="ZImagePipeline",
        steps=28,
        guidance=4.0,
        negative_prompt="",
        prompt_tokens=512,
        weight_bytes=20_500_000_000,
        licence="Apache-2.0",
    ),
    SDXL,
    replace(  # as its model card has it
        SDXL,
        name="animagine-xl",
        source="cagliostrolab/animagine-xl-4.0",
        steps=28,
        quality="masterpiece, high score, great score, absurdres",
        negative_prompt="lowres, bad anatomy, bad hands, text, error, missing finger, extra digits, fewer digits, "
        "cropped, worst quality, low quality, low score, bad score, average score, signature, watermark, blurry",
        variant="",  # half precision is all there is
    ),
    replace(  # as its model card has it
        SDXL,
        name="noobai-xl",
        source="Laxhar/noobai-XL-1.1",
        steps=28,
        quality="masterpiece, best quality, newest, absurdres, highres, safe",
        negative_prompt="nsfw, worst quality, old, early, low quality, lowres, signature, username, logo, bad hands, "
        "mutated hands",
        variant="",
        licence="Fair AI Public License 1.0-SD; no commercial use",
    ),
    Model(
        name="sd-turbo",
        source="stabilityai/sd-turbo",
        pipeline="StableDiffusionPipeline",
        width=512,
        height=512,
        steps=2,
        guidance=0.0,
        dtype="float16",
        variant="fp16",
        prompt_tokens=77,
        weight_bytes=2_600_000_000,
        licence="Stability AI Community; commercial use: stability.ai/license",
    ),
)
# What a folder is given whose pipeline is of the table, but which is none of its models.
FOLDER_DEFAULTS = {model.pipeline: model for model in reversed(MODELS)} | {
    "StableDiffusionPipeline": Model(
        name="", source="", width=512, height=512, guidance=7.5, negative_prompt="", dtype="float16", prompt_tokens=77
    ),
}
# Pipelines that are shown pictures beside the words; others would take no notice of one.
TAKE_REFERENCES = {
    "Flux2KleinPipeline",
    "Flux2Pipeline",
    "FluxKontextPipeline",
    "QwenImageEditPlusPipeline",
    "QwenImage21Pipeline",
}
SIDE = 16  # both sides of a picture are multiples of it: what every painter of the table can divide
GENERAL = Model(name="", source="", negative_prompt="")


def find_model(name: str) -> Model:
    """The painter that `name` stands for: a name of the table, "rehearsal", a local folder or a hub id."""
    name = name.strip()
    if not name:
        raise BadInput("--image-model is empty.", f"Name a painter: {_names()}, a hub id or a local folder.")
    if name == REHEARSAL:
        return _rehearsal()
    for model in MODELS:
        if name.lower() in {model.name, model.source.lower()}:
            return model
    folder = Path(name).expanduser()
    if folder.exists():
        return _folder_model(folder)
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        return replace(GENERAL, name=name, source=name)
    raise Misconfigured(
        f"--image-model {name}: no painter has this name, and there is no such folder.",
        f"Use one of {_names()}, a hub id such as {Z_IMAGE_TURBO.source}, or a folder that save_pretrained wrote.",
    )


def picture_size(model: Model, size: tuple[int, int], aspect: float) -> tuple[int, int]:
    """Width and height to paint. `size` (0, 0): the painter's own; `aspect`: a shape for as many pixels, 0: none."""
    width, height = size if all(size) else (model.width, model.height)
    if aspect:
        area = width * height
        width, height = (max(SIDE, round(side / SIDE) * SIDE) for side in (sqrt(area * aspect), sqrt(area / aspect)))
    return width, height


def _folder_model(folder: Path) -> Model:
    if folder.is_file():
        raise Misconfigured(
            f"--image-model {folder} is a single file, and a painter is a folder with a model_index.json.",
            "Convert it once with diffusers: from_single_file(FILE).save_pretrained(FOLDER); then name the folder.",
        )
    index = folder / "model_index.json"
    if not index.is_file():
        raise Misconfigured(
            f"--image-model {folder}: this folder holds no model_index.json, so it is no diffusers pipeline.",
            "Give the folder that save_pretrained wrote, or that a hub download made.",
        )
    try:
        pipeline = json.loads(index.read_text(encoding="utf-8")).get("_class_name")
    except (OSError, ValueError, AttributeError) as error:
        raise Misconfigured(f"{index} cannot be read: {error}.", "Download or save the model again.") from error
    folder = folder.resolve()
    defaults = FOLDER_DEFAULTS.get(str(pipeline), GENERAL)
    for model in MODELS:
        if model.source.split("/")[-1].lower() == folder.name.lower() and model.pipeline == pipeline:
            defaults = model
    weights = [path for path in sorted(folder.rglob("*.safetensors")) if path.is_file()]
    return replace(
        defaults,
        name=folder.name,
        source=str(folder),
        pipeline=str(pipeline),
        takes_reference=pipeline in TAKE_REFERENCES,
        variant="fp16" if weights and all(".fp16." in path.name for path in weights) else "",
        weight_bytes=sum(path.stat().st_size for path in weights),
        licence=GENERAL.licence,
        is_folder=True,
        fingerprint=_fingerprint(index, weights),
    )


def _rehearsal() -> Model:
    return replace(
        _folder_model(REHEARSAL_FOLDER),
        name=REHEARSAL,
        width=128,
        height=128,
        steps=12,
        guidance=3.0,
        negative_prompt="",
        dtype="float32",
        licence="our own",
    )


def _fingerprint(index: Path, weights: list[Path]) -> str:
    """Stands for the files of a folder."""
    parts: list[object] = [index.read_text(encoding="utf-8")]
    parts += [[path.relative_to(index.parent).as_posix(), sample_digest(path)] for path in weights]
    return digest(*parts, length=16)


def _names() -> str:
    return ", ".join(model.name for model in MODELS)
