"""Paint pictures with a diffusers pipeline. The only file that imports torch and diffusers.

Knows one model on one device. Knows nothing of files to write, of other workers and of posts.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import DiffusionPipeline
from PIL import Image

from errors import BadPicture, Misconfigured
from images.models import Model
from images.schema import PictureJob, Speed, WorkerConfig
from images.worker.attention import Compiled, set_attention
from images.worker.compiling import Compiling
from images.worker.drawing import call_arguments
from images.worker.encoding import Encoder
from images.worker.loras import Loras
from images.worker.placement import Placement, place

_SEEDS = 2**63
_NO_MEMORY = re.compile(r"out of memory|can't allocate memory", re.IGNORECASE)
_DEVICE_FAULT = re.compile(r"cuda|cudnn|cublas|accelerator", re.IGNORECASE)
_CUDNN_REFUSES = re.compile(r"cudnn.*(execution plan|not supported|frontend)", re.IGNORECASE | re.DOTALL)
_SMALLER = "Use a smaller --size or a smaller --image-model."
_FAILURES = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError)
_AS_IT_COMES = Speed()
_log = logging.getLogger(__name__)  # goes to the worker's log file


def load(config: WorkerConfig, expect_silence: Callable[[float], None]) -> Painter:
    """The painter as a worker asks for it."""
    return Painter(config.model, config.folder, config.device, config.threads, config.speed, expect_silence)


class Painter:
    """A loaded pipeline. Misconfigured when it cannot be loaded here."""

    def __init__(
        self,
        model: Model,
        folder: str,
        device: str,
        threads: int,
        speed: Speed = _AS_IT_COMES,
        expect_silence: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        torch.set_num_threads(threads)
        if device == "cuda" and not torch.cuda.is_available():
            raise Misconfigured(
                f"The driver lists a GPU, but this torch ({torch.__version__}) cannot use it.",
                "Install the torch build for your CUDA version (pytorch.org), or update the driver.",
            )
        self._model = model
        self._device = device
        self._placement = _placement(model, folder, device)
        self._pipe = _load(model, folder, device, self._placement, speed.precision)
        self._pipe.set_progress_bar_config(disable=True)
        self._accepted = frozenset(inspect.signature(self._pipe.__call__).parameters)
        self._encoder = Encoder(self._pipe, model, torch.cat)
        self._loras = Loras(self._pipe, model)
        self._squeezes = self._ways_to_save_memory()
        self._settle(speed)
        mode = "off" if speed.compile == "auto" and device != "cuda" else speed.compile  # a CPU gains little by it
        kind = f"{self.device} {model.identity} {speed.precision} {torch.__version__} {diffusers.__version__}"
        decision = Compiling(mode, Path(speed.learned) if speed.learned else None, kind)
        self._compiled = Compiled(self._pipe, decision, expect_silence)

    @property
    def device(self) -> str:
        return torch.cuda.get_device_name() if self._device == "cuda" else self._device

    def fit(self, jobs: Sequence[PictureJob], later: Sequence[PictureJob]) -> Sequence[PictureJob]:
        with torch.no_grad():
            self._encoder.expect([self._encoder.fit(job) for job in (*jobs, *later)])
        return [self._encoder.fit(job) for job in jobs]

    def compile_if_worthwhile(self, job: PictureJob, left: int) -> None:
        if job.lora is None:
            self._compiled.consider(left, job.group)

    def paint(self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]) -> list[Image.Image]:
        group = jobs[0].group
        if jobs[0].lora is not None and self._compiled.is_on:
            self._compiled.undo()  # its layers come between those that were compiled
        with self._encoder.attached():
            self._loras.wear(jobs[0].lora)
        try:
            images = self._compiled.call(group, len(jobs), lambda: self._call(jobs, seeds, beat))
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            if _is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            if _is_device_fault(error):
                raise  # nothing can be computed in this process any more: a new one is started
            job = jobs[0]
            raise BadPicture(
                f"{self._model.name} refused {job.width}x{job.height} in {job.steps} steps: {error}",
                "Try another --size or --steps, or another --image-model.",
            ) from error
        if len(images) != len(jobs) or not all(isinstance(image, Image.Image) for image in images):
            raise BadPicture(f"{self._model.name} returned no picture.", "Use a text-to-image model.")
        return images

    def use_less_memory(self) -> bool:
        if not self._squeezes:
            return False
        words, act = self._squeezes.pop(0)
        _log.warning("Out of memory: from now on %s.", words)
        act()
        self.free()
        return True

    def free(self) -> None:
        if self._device == "cuda":
            torch.cuda.empty_cache()
        elif self._device == "mps":
            torch.mps.empty_cache()

    def _settle(self, speed: Speed) -> None:
        """What is set once after loading."""
        vae = getattr(self._pipe, "vae", None)
        if self._device == "cuda" and vae is not None:
            vae.to(memory_format=torch.channels_last)  # its convolutions run faster so
        if self._placement is Placement.ENCODER_WAITS:
            self._encoder.park(self._device)
        self._attention = set_attention(self._pipe, speed.attention, self._device)
        _log.warning("%s on %s: %s; attention %s.", self._model.name, self.device, self._placement, self._attention)

    def _ways_to_save_memory(self) -> list[tuple[str, Callable[[], None]]]:
        """Each costs more time than the one before."""
        ways: list[tuple[str, Callable[[], None]]] = []
        vae: Any = getattr(self._pipe, "vae", None)
        if hasattr(vae, "enable_tiling"):
            ways.append(("pictures are decoded in tiles", vae.enable_tiling))
        if self._device == "cuda" and self._placement is Placement.ALL and self._encoder.can_park:
            ways.append(("the text encoder waits in main memory", lambda: self._encoder.park(self._device)))
        return ways

    def _arguments(
        self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]
    ) -> dict[str, Any]:
        def on_step_end(_pipe: Any, step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            beat(step + 1)
            return tensors

        with torch.no_grad():
            arguments = call_arguments(self._model, jobs, self._accepted) | self._encoder.arguments(jobs)
        if jobs[0].reference and "image" in self._accepted:
            arguments["image"] = [_reference(jobs[0])]
        if "callback_on_step_end" in self._accepted:
            arguments["callback_on_step_end"] = on_step_end
        generators = [torch.Generator("cpu").manual_seed(seed % _SEEDS) for seed in seeds]
        arguments["generator"] = generators if len(generators) > 1 else generators[0]
        return arguments

    def _call(self, jobs: Sequence[PictureJob], seeds: Sequence[int], beat: Callable[[int], None]) -> list[Image.Image]:
        """The pictures. Whoever calls again must get the same noise, so all arguments are made for one call alone."""
        try:
            return list(self._pipe(**self._arguments(jobs, seeds, beat)).images)
        except RuntimeError as error:
            if not (self._attention == "_native_cudnn" and _CUDNN_REFUSES.search(str(error))):
                raise
            _log.warning("cuDNN's attention refuses this size (%s); torch's own is used.", error)
        self._attention = set_attention(self._pipe, "native", self._device)
        return list(self._pipe(**self._arguments(jobs, seeds, beat)).images)


def _reference(job: PictureJob) -> Image.Image:
    try:
        with Image.open(job.reference) as image:
            return image.convert("RGB")
    except OSError as error:
        raise BadPicture(
            f"The reference {job.reference} cannot be read: {error}.", "Run the same command again."
        ) from error


def _is_out_of_memory(error: Exception) -> bool:
    """Only CUDA has a class for it; other devices say it in words."""
    return isinstance(error, torch.OutOfMemoryError) or bool(_NO_MEMORY.search(str(error)))


def _is_device_fault(error: Exception) -> bool:
    return isinstance(error, RuntimeError) and bool(_DEVICE_FAULT.search(str(error)))


def _dtype(model: Model, device: str, precision: str = "") -> torch.dtype:
    """A CPU computes in float32 unless told otherwise: half precision is slower there."""
    wanted = "bfloat16" if precision == "bf16" else "float32" if device == "cpu" else model.dtype
    dtype = getattr(torch, wanted)
    if not isinstance(dtype, torch.dtype):
        raise Misconfigured(f"{model.dtype} is no number type of torch.")
    return dtype


def _placement(model: Model, folder: str, device: str) -> Placement:
    if device != "cuda":
        return Placement.ALL
    return place(Path(folder), model.variant, _dtype(model, device).itemsize, torch.cuda.mem_get_info()[0])


def _quantized(precision: str, device: str) -> dict[str, Any]:
    """How `from_pretrained` is told to compute the denoiser in eight bits. Misconfigured where that cannot be."""
    if precision not in {"int8", "fp8"}:
        return {}
    if precision == "fp8" and (device != "cuda" or torch.cuda.get_device_capability() < (8, 9)):
        raise Misconfigured(
            "--precision fp8 needs an NVIDIA GPU of the Ada or a later generation.", "Use --precision int8."
        )
    try:
        from torchao import quantization as ao
    except ImportError as error:
        raise Misconfigured(
            f"--precision {precision} needs torchao.", "Install it: pip install -r requirements-torchao.txt"
        ) from error
    int8 = precision == "int8"
    config = ao.Int8DynamicActivationInt8WeightConfig() if int8 else ao.Float8DynamicActivationFloat8WeightConfig()
    parts = {part: diffusers.TorchAoConfig(config) for part in ("transformer", "unet")}
    return {"quantization_config": diffusers.PipelineQuantizationConfig(quant_mapping=parts)}


def _load(model: Model, folder: str, device: str, placement: Placement, precision: str) -> Any:
    # Straight to the device where all of it fits: what is not copied through main memory is shared by all workers.
    where = {"device_map": device} if placement is Placement.ALL and device != "mps" else {}
    try:
        pipe = DiffusionPipeline.from_pretrained(
            folder,
            dtype=_dtype(model, device, precision),
            variant=model.variant or None,
            use_safetensors=True,
            local_files_only=True,
            **where,
            **_quantized(precision, device),
        )
        if placement is Placement.TURNS:
            pipe.enable_model_cpu_offload()
        elif not where:
            for name, part in pipe.components.items():
                if isinstance(part, torch.nn.Module) and not (
                    placement is Placement.ENCODER_WAITS and "encoder" in name
                ):
                    part.to(device)
    except _FAILURES as error:
        if _is_out_of_memory(error):
            raise Misconfigured(f"{model.name} does not fit into the memory of this device.", _SMALLER) from error
        raise Misconfigured(
            f"The painter {model.name} cannot be loaded from {Path(folder)}: {error}",
            "Download it again, or use another --image-model.",
        ) from error
    return pipe
