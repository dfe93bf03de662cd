"""Paint one picture after another with a diffusers pipeline. The only file that imports torch and diffusers.

Knows one model on one device. Knows nothing of files to write, of other workers and of posts.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderTiny,
    DDIMScheduler,
    DiffusionPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from errors import BadPicture, Misconfigured
from images.engine import call_arguments
from images.models import Model
from images.schema import PictureJob

ROOM_TO_PAINT = 1.1  # memory that painting takes beyond the weights
_SEEDS = 2**63
_NO_MEMORY = re.compile(r"out of memory|can't allocate memory", re.IGNORECASE)
_DEVICE_FAULT = re.compile(r"cuda|cudnn|cublas|accelerator", re.IGNORECASE)
_SMALLER = "Use a smaller --size or a smaller --image-model."


class Painter:
    """A loaded pipeline. Misconfigured when it cannot be loaded here."""

    def __init__(self, model: Model, folder: str, device: str, threads: int) -> None:
        torch.set_num_threads(threads)
        if device == "cuda" and not torch.cuda.is_available():
            raise Misconfigured(
                f"The driver lists a GPU, but this torch ({torch.__version__}) cannot use it.",
                "Install the torch build for your CUDA version (pytorch.org), or update the driver.",
            )
        self._model = model
        self._device = device
        self._pipe = _load(model, folder, device)
        self._pipe.set_progress_bar_config(disable=True)
        self._tiling = False
        self._accepted = frozenset(inspect.signature(self._pipe.__call__).parameters)

    @property
    def device(self) -> str:
        return torch.cuda.get_device_name() if self._device == "cuda" else self._device

    def paint(self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]) -> list[Image.Image]:
        def on_step_end(_pipe: Any, step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            beat(step + 1)
            return tensors

        arguments = call_arguments(self._model, jobs, self._accepted)
        if "callback_on_step_end" in self._accepted:
            arguments["callback_on_step_end"] = on_step_end
        generators = [torch.Generator("cpu").manual_seed(seed % _SEEDS) for seed in seeds]
        arguments["generator"] = generators if len(generators) > 1 else generators[0]
        job = jobs[0]
        try:
            images = self._pipe(**arguments).images
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            if _is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            if _is_device_fault(error):
                raise  # nothing can be computed in this process any more: a new one is started
            raise BadPicture(
                f"{self._model.name} refused {job.width}x{job.height} in {job.steps} steps: {error}",
                "Try another --size or --steps, or another --image-model.",
            ) from error
        if len(images) != len(jobs) or not all(isinstance(image, Image.Image) for image in images):
            raise BadPicture(f"{self._model.name} returned no picture.", "Use a text-to-image model.")
        return list(images)

    def squeeze(self) -> bool:
        """Decode in tiles."""
        vae: Any = getattr(self._pipe, "vae", None)
        if self._tiling or not hasattr(vae, "enable_tiling"):
            return False
        vae.enable_tiling()
        self._tiling = True
        return True

    def free(self) -> None:
        if self._device == "cuda":
            torch.cuda.empty_cache()
        elif self._device == "mps":
            torch.mps.empty_cache()


def _is_out_of_memory(error: Exception) -> bool:
    """Only CUDA has a class for it; other devices say it in words."""
    return isinstance(error, torch.OutOfMemoryError) or bool(_NO_MEMORY.search(str(error)))


def _is_device_fault(error: Exception) -> bool:
    return isinstance(error, RuntimeError) and bool(_DEVICE_FAULT.search(str(error)))


def _load(model: Model, folder: str, device: str) -> Any:
    if not folder:
        return rehearsal_pipeline().to(device)
    # A CPU computes in float32 only: half precision is slower there, and not supported by every layer.
    dtype = torch.float32 if device == "cpu" else getattr(torch, model.dtype)
    try:
        pipe = DiffusionPipeline.from_pretrained(
            folder, dtype=dtype, variant=model.variant or None, use_safetensors=True, local_files_only=True
        )
        if device == "cuda" and _is_too_large(model):
            pipe.enable_model_cpu_offload()
        else:
            pipe.to(device)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError) as error:
        if _is_out_of_memory(error):
            raise Misconfigured(f"{model.name} does not fit into the memory of this device.", _SMALLER) from error
        raise Misconfigured(
            f"The painter {model.name} cannot be loaded from {Path(folder)}: {error}",
            "Download it again, or use another --image-model.",
        ) from error
    return pipe


def _is_too_large(model: Model) -> bool:
    """Whether the parts must take turns on the GPU, which is slower but fits."""
    return model.weight_bytes * ROOM_TO_PAINT > torch.cuda.get_device_properties(0).total_memory


def rehearsal_pipeline() -> Any:
    """A Stable Diffusion in small, with fixed random weights: every part is real, the pictures are patterns."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        letters = [chr(code) for code in range(33, 127)]
        words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
        vocabulary = {word: number for number, word in enumerate(words)}
        text = CLIPTextConfig(
            vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
            num_attention_heads=2, max_position_embeddings=77,
            bos_token_id=vocabulary["<|startoftext|>"], eos_token_id=vocabulary["<|endoftext|>"],
            pad_token_id=vocabulary["<|endoftext|>"],
        )  # fmt: skip
        return StableDiffusionPipeline(
            vae=AutoencoderTiny(
                encoder_block_out_channels=(16, 16, 16), decoder_block_out_channels=(16, 16, 16),
                num_encoder_blocks=(1, 1, 1), num_decoder_blocks=(1, 1, 1),
            ),
            text_encoder=CLIPTextModel(text),
            tokenizer=CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77),
            unet=UNet2DConditionModel(
                sample_size=16, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(32, 64),
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=32, norm_num_groups=8,
            ),
            scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )  # fmt: skip
