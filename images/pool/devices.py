"""What there is to paint on: NVIDIA GPUs, an Apple GPU, or the CPU. One worker each.

Asks the driver, never torch. Knows no processes and no pictures.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errors import BadInput, Misconfigured
from images.models import LARGEST_ON_CPU, Model


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU as the driver names it."""

    uuid: str
    name: str
    capability: int = 0  # the major number of its compute capability: 8 Ampere and Ada, 9 Hopper; 0: not known


@dataclass(frozen=True, slots=True)
class Device:
    """What one worker paints on. `visible` is its CUDA_VISIBLE_DEVICES: with "" it sees no GPU."""

    kind: Literal["cuda", "mps", "cpu"]
    index: int
    name: str
    visible: str = ""
    capability: int = 0

    def __str__(self) -> str:
        return f"{self.short} ({self.name})"

    @property
    def short(self) -> str:
        return f"{'gpu' if self.kind == 'cuda' else self.kind} {self.index}"


def find_devices(
    wanted: int | None,
    *,
    rehearse: bool,
    visible: str | None,
    say: Callable[[str], None],
    gpus: Sequence[Gpu] | None = None,
    cores: int | None = None,
    apple: bool | None = None,
) -> list[Device]:
    """The devices to paint on; `wanted` is --num-gpus, `visible` the user's own CUDA_VISIBLE_DEVICES.

    `gpus`, `cores` and `apple` are asked of the machine when they are not given. BadInput when there are fewer GPUs
    than wanted.
    """
    if wanted is not None and wanted < 1:
        raise BadInput(f"--num-gpus {wanted}: at least one is needed.", "Leave it out to use all GPUs.")
    if rehearse:
        return _rehearsal_devices(wanted or 1, count_cores() if cores is None else cores, say)
    found = _visible_devices(nvidia_gpus() if gpus is None else gpus, visible)
    if not found and (_is_apple_silicon() if apple is None else apple):
        found = [Device("mps", 0, "Apple GPU")]
    if wanted is not None and wanted > max(1, len(found)):
        hidden = f" (CUDA_VISIBLE_DEVICES is {visible!r})" if visible is not None else ""
        raise BadInput(
            f"--num-gpus {wanted}: {_how_many(len(found))} found here{hidden}.",
            "Ask for fewer, or leave --num-gpus out to use what is there.",
        )
    if not found:
        say("No GPU was found: pictures are painted on the CPU, which takes minutes for each.")
        return [Device("cpu", 0, "CPU")]
    return found[:wanted]


def check_fit(model: Model, devices: Sequence[Device]) -> None:
    """Raise Misconfigured, naming smaller painters, when `model` is too large for a CPU that must paint it."""
    if model.weight_bytes > LARGEST_ON_CPU and any(device.kind == "cpu" for device in devices):
        raise Misconfigured(
            f"There is no GPU here, and {model.name} ({model.weight_bytes / 1e9:.0f} GB) is too large for a CPU.",
            "Use a small painter: --image-model sd-turbo paints on a CPU, --image-model rehearsal tries everything "
            "without a download. Or run this on a machine with a GPU: the posts are all it needs.",
        )


def nvidia_gpus() -> list[Gpu]:
    """The GPUs that the NVIDIA driver lists; none without a driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return [
            Gpu(
                _text(pynvml.nvmlDeviceGetUUID(handle)),
                _text(pynvml.nvmlDeviceGetName(handle)),
                int(pynvml.nvmlDeviceGetCudaComputeCapability(handle)[0]),
            )
            for handle in handles
        ]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def free_memory() -> int | None:
    """Bytes of main memory that are free or can be freed at once; None where the system does not say it so."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines)
    return int(sizes["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in sizes else None


def _rehearsal_devices(wanted: int, cores: int, say: Callable[[str], None]) -> list[Device]:
    number = min(wanted, max(1, cores))
    if number < wanted:
        say(f"Rehearsal: {wanted} painters were asked for; {number} start, one for each core of this machine.")
    return [Device("cpu", index, "CPU, rehearsal") for index in range(number)]


def _visible_devices(gpus: Sequence[Gpu], visible: str | None) -> list[Device]:
    """The user's own list, entry by entry, as CUDA reads it: it ends before the first entry that is not there."""
    if visible is None:
        return [Device("cuda", index, gpu.name, gpu.uuid, gpu.capability) for index, gpu in enumerate(gpus)]
    devices: list[Device] = []
    for entry in (part.strip() for part in visible.split(",")):
        gpu = _named(entry, gpus)
        if gpu is None or entry in {device.visible for device in devices}:
            break
        devices.append(Device("cuda", len(devices), gpu.name, entry, gpu.capability))
    return devices


def _named(entry: str, gpus: Sequence[Gpu]) -> Gpu | None:
    if entry.isdecimal():
        return gpus[int(entry)] if int(entry) < len(gpus) else None
    if entry.startswith("MIG-") and gpus:
        return Gpu(entry, "MIG slice", gpus[0].capability)
    return next((gpu for gpu in gpus if entry.startswith("GPU-") and gpu.uuid.startswith(entry)), None)


def _is_apple_silicon() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"


def _how_many(number: int) -> str:
    return {0: "no GPU was", 1: "one GPU was"}.get(number, f"{number} GPUs were")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
