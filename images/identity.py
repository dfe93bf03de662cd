"""What keeps a character itself in its pictures: weights trained on it, and the portrait as a reference.

Files are looked at here, in the parent, so that what is missing or no LoRA is said before anything loads. Knows no
torch, no processes, and nothing of how a persona is kept.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from errors import BadInput
from files import digest, write_bytes
from images.models import SIDE
from images.schema import LoraFile
from images.weights import sample_digest, tensor_shapes
from persona.schema.persona import Lora

REFERENCE_PIXELS = 768 * 768  # more costs time and shows little: 1024 x 1024 would double the work of a picture
_SHORTEST = 64  # pixels; and how much longer one side may be: what FLUX.2 accepts, with some room
_LONGEST_SHAPE = 4
# How the tensors of a LoRA are named: by peft, by kohya and by older diffusers.
_LORA_WEIGHTS = ("lora_A.", "lora_down.", "lora.down.", "lora_linear_layer.down.")


@dataclass(frozen=True, slots=True)
class Identity:
    """What all pictures of one character share beside the words. `portrait_digest` stands for `reference` in keys."""

    lora: LoraFile | None = None
    trigger_words: str = ""
    reference: str = ""
    portrait_digest: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What the key of a picture holds of it: the files' contents, never where they lie."""
        lora = (self.lora.digest, self.lora.strength) if self.lora else ()
        reference = (self.portrait_digest, REFERENCE_PIXELS) if self.reference else ()
        return (*lora, *reference)


NOBODY = Identity()


def find_lora(lora: Lora, card: Path) -> LoraFile:
    """The file of a character's LoRA, which the card at `card` names. BadInput when it is missing or is none."""
    path = (card.parent / Path(lora.file).expanduser()).absolute()
    where = f"{card}: data.extensions.dramatis.lora.file"
    if not path.is_file():
        raise BadInput(f"{where} names {lora.file}, and there is no file {path}.", "Put it there, or mend the path.")
    if path.suffix != ".safetensors":
        raise BadInput(
            f"{where} names {lora.file}, and only .safetensors files are read.", "Save the LoRA in that form."
        )
    if not any(mark in name for name in tensor_shapes(path) for mark in _LORA_WEIGHTS):
        raise BadInput(f"{path} holds no LoRA weights.", f"Name another file in {where}.")
    return LoraFile(path=str(path), strength=lora.strength, digest=sample_digest(path))


def prepare_reference(sha256: str, open_portrait: Callable[[], Image.Image], folder: Path) -> Path:
    """A small upright copy of the portrait with this digest, in `folder`. It is made once and used by every picture."""
    path = folder / f"{digest(sha256, REFERENCE_PIXELS, length=32)}.png"
    if not path.is_file():
        buffer = io.BytesIO()
        reference_of(open_portrait()).save(buffer, format="PNG")
        write_bytes(path, buffer.getvalue())
    return path


def reference_of(portrait: Image.Image) -> Image.Image:
    """`portrait` in at most REFERENCE_PIXELS, both sides multiples of 16 and no shorter than painters accept.

    One that is very long or very wide is cut to its middle.
    """
    scale = min(1.0, math.sqrt(REFERENCE_PIXELS / (portrait.width * portrait.height)))
    width, height = (max(_SHORTEST, math.floor(side * scale / SIDE) * SIDE) for side in portrait.size)
    width, height = min(width, _LONGEST_SHAPE * height), min(height, _LONGEST_SHAPE * width)
    return ImageOps.fit(portrait.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
