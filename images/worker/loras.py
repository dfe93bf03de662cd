"""Lay a character's LoRA over a loaded pipeline, change it for another's, take it off again.

Works on any diffusers pipeline object; imports no torch. Which character wears what is not its business.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from errors import BadPicture
from images.models import Model
from images.schema import LoraFile

KEPT = 4  # that stay loaded while characters take turns


class Loras:
    """What one pipeline wears. After every call it wears exactly what was asked for, or nothing where that failed."""

    def __init__(self, pipe: Any, model: Model) -> None:
        self._pipe = pipe
        self._model = model
        self._loaded: list[str] = []
        self._worn: LoraFile | None = None

    def wear(self, lora: LoraFile | None) -> None:
        """Wear `lora` and nothing else; None: the painter as it is. BadPicture when it does not fit this painter."""
        if lora == self._worn:
            return
        if lora is None:
            self._take_all_off()
            return
        name = f"lora_{lora.digest[:16]}"
        try:
            if name not in self._loaded:
                self._load(lora, name)
            self._pipe.set_adapters([name], [lora.strength])
        except BadPicture:
            raise
        except (OSError, RuntimeError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
            self._take_all_off()
            raise self._does_not_fit(lora, " ".join(str(error).split())[:200]) from error
        self._worn = lora

    def _load(self, lora: LoraFile, name: str) -> None:
        path = Path(lora.path)
        self._pipe.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=name)
        if not any(name in names for names in self._pipe.get_list_adapters().values()):
            self._take_all_off()  # keys of another architecture are passed over with no more than a warning
            raise self._does_not_fit(lora, "none of its weights belongs to a layer of this painter")
        self._loaded.append(name)
        if len(self._loaded) > KEPT:
            self._pipe.delete_adapters(self._loaded.pop(0))

    def _take_all_off(self) -> None:
        self._pipe.unload_lora_weights()
        self._loaded, self._worn = [], None

    def _does_not_fit(self, lora: LoraFile, why: str) -> BadPicture:
        return BadPicture(
            f"The LoRA {lora.path} does not fit {self._model.name}: {why}.",
            "Give one that was trained for this painter, or the --image-model that it was trained for.",
        )
