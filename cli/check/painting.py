"""Is everything in place to paint? GPUs and their driver, torch, the painter and the room for it. Each is a finding.

torch is asked in a child process: loading it takes seconds and memory that nothing else here needs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.check.finding import Finding, bad, good, note
from config import child_environment, visible_gpus
from errors import BadInput, DramatisError
from files import existing_parent, size_in_words
from images.download import is_here, missing_parts
from images.models import Model, find_model
from images.pool.devices import Device, check_fit, find_devices, free_memory
from settings import PictureSettings

PAINTING = "painting"
TORCH_SECONDS = 180
_TORCH = (
    "import json, torch; c = torch.cuda; print(json.dumps({'version': torch.__version__, 'cuda': torch.version.cuda,"
    " 'gpus': [torch.cuda.get_device_name(i) for i in range(c.device_count())] if c.is_available() else []}))"
)


def check_painting(settings: PictureSettings) -> Iterator[Finding]:
    """What is found, the devices first."""
    try:
        devices = find_devices(settings.gpus, rehearse=settings.rehearse, visible=visible_gpus(), say=lambda _: None)
    except BadInput as error:
        yield bad(PAINTING, error.what, error.remedy)
        return
    yield from _devices(devices)
    yield from check_torch(devices, _torch_facts())
    try:
        model = find_model(settings.model)
        check_fit(model, devices)
    except DramatisError as error:
        yield bad(PAINTING, error.what, error.remedy)
        return
    yield from _painter(model)
    yield from _room(model, devices)


def _devices(devices: list[Device]) -> Iterator[Finding]:
    if any(device.kind == "cuda" for device in devices):
        driver, memory = _driver()
        for device in devices:
            held = memory.get(device.name)
            yield good(PAINTING, f"{device}{f', {size_in_words(held)} of memory' if held else ''}, driver {driver}.")
    elif devices[0].kind == "cpu":
        yield note(PAINTING, "No GPU is used: pictures are painted on the CPU.")
    else:
        yield good(PAINTING, f"{devices[0]}.")


def _driver() -> tuple[str, dict[str, int]]:
    """The driver's version, and the memory of each GPU by its name."""
    import pynvml

    pynvml.nvmlInit()
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        memory = {_text(pynvml.nvmlDeviceGetName(h)): int(pynvml.nvmlDeviceGetMemoryInfo(h).total) for h in handles}
        return _text(pynvml.nvmlSystemGetDriverVersion()), memory
    finally:
        pynvml.nvmlShutdown()


def _torch_facts() -> dict[str, Any]:
    """What torch says of itself; empty when it cannot be loaded, with its last words under "error"."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TORCH],
            capture_output=True,
            text=True,
            timeout=TORCH_SECONDS,
            env=child_environment({}),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"it did not load within {TORCH_SECONDS} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]}
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def check_torch(devices: Sequence[Device], facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether torch can use what the driver lists. `facts`: what torch says of itself, or "error"."""
    if "error" in facts:
        remedy = "Install it again: python -m pip install -r requirements.txt"
        yield bad(PAINTING, f"torch cannot be loaded: {facts['error']}.", remedy)
        return
    built = f"CUDA {facts['cuda']}" if facts["cuda"] else "no CUDA"
    gpus = [device for device in devices if device.kind == "cuda"]
    if gpus and not facts["gpus"]:
        what = f"The driver lists {len(gpus)} GPUs, and torch {facts['version']} ({built}) can use none of them."
        remedy = "Install the torch build for your CUDA version (pytorch.org), or update the driver."
        yield bad(PAINTING, what, remedy)
    else:
        yield good(PAINTING, f"torch {facts['version']} ({built}).")


def _painter(model: Model) -> Iterator[Finding]:
    size = size_in_words(model.weight_bytes) if model.weight_bytes else "of unknown size"
    if model.is_folder and (missing := missing_parts(Path(model.source))):
        what = f"The painter {model.source} is not whole: it lacks {', '.join(missing)}."
        yield bad(PAINTING, what, "Download or save it again, or name another with --image-model.")
    elif is_here(model):
        yield good(PAINTING, f"The painter {model.name} is here ({size}).")
    else:
        from huggingface_hub.constants import HF_HUB_CACHE

        free = shutil.disk_usage(existing_parent(Path(HF_HUB_CACHE))).free
        place = f"{HF_HUB_CACHE}, where {size_in_words(free)} are free"
        what = f"The painter {model.name} ({size}) is to be downloaded into {place}."
        if free < model.weight_bytes:
            yield bad(PAINTING, what, "Free some space, set HF_HOME to a larger disk, or use a smaller --image-model.")
        else:
            yield note(PAINTING, what)


def _room(model: Model, devices: list[Device]) -> Iterator[Finding]:
    """Whether the painter's weights fit into the memory of the device, or of this machine."""
    if devices[0].kind == "cuda":
        memory = _driver()[1]
        held = min((memory[device.name] for device in devices if device.name in memory), default=0)
        if held and model.weight_bytes > held:
            what = f"{model.name} ({size_in_words(model.weight_bytes)}) is larger than the GPU ({size_in_words(held)})."
            yield note(PAINTING, what, "Its parts take turns on the GPU, which is slower; flux2-klein-4b is smaller.")
        return
    free = free_memory()
    if free is not None and model.weight_bytes > free:
        what = f"{model.name} ({size_in_words(model.weight_bytes)}) needs more than the free {size_in_words(free)}."
        yield note(PAINTING, what, "Close other programs, or use a smaller --image-model.")


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
