"""What a .safetensors file says of itself in its first bytes: the names and shapes of its tensors.

Gigabytes are never read for it. Knows the file format (length, JSON header, data), no torch and no model.
Source: the format's own description, https://huggingface.co/docs/safetensors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from errors import BadInput
from files import digest

_LARGEST_HEADER = 100_000_000  # the format's own limit
_SAMPLE = 65_536


def tensor_shapes(path: Path) -> Mapping[str, tuple[int, ...]]:
    """Each tensor's shape by its name. BadInput when `path` is no such file or was cut short."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if 0 < length <= _LARGEST_HEADER else None
        tensors = {name: value for name, value in dict(header or {}).items() if name != "__metadata__"}
        shapes = {name: tuple(int(side) for side in value["shape"]) for name, value in tensors.items()}
        end = max((int(value["data_offsets"][1]) for value in tensors.values()), default=0)
        whole = bool(shapes) and path.stat().st_size >= 8 + length + end
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadInput(f"{path} is no .safetensors file: {error}.", "Download or save it again.") from error
    if not whole:
        raise BadInput(f"{path} is empty or was cut short.", "Download or save it again.")
    return shapes


def count_parameters(folder: Path, variant: str = "") -> int:
    """The numbers in all weights of one part of a pipeline; 0 where it has none or they cannot be read."""
    files = [path for path in folder.glob("*.safetensors") if (f".{variant or 'fp16'}" in path.name) == bool(variant)]
    try:
        return sum(math.prod(shape) for path in files for shape in tensor_shapes(path).values())
    except BadInput:
        return 0


def sample_digest(path: Path) -> str:
    """Stands for the content of a large file: its size and a piece of its middle, since reading all would be felt."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size // 2 - _SAMPLE // 2))
        return digest(size, file.read(_SAMPLE).hex(), length=32)
