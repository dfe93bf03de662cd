"""The pictures that the painter learns from: drawn once, kept as latents, made again from the same seeds.

Only the first few thousand are kept as pixels, for the decoder. Knows no model but the codec's encoder.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import random
import time
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderTiny

from examples.painter import parts
from examples.painter.draw import Label, draw, random_label
from examples.painter.words import PLACES

COUNT = 15_500
KEPT = 1_900
SEED = 20_261_123
_CHUNK = 100
Array = npt.NDArray[Any]


def label_of(number: int) -> Label:
    return random_label(random.Random(f"{SEED}/{number}"))


@cache
def numbers() -> tuple[int, ...]:
    """The seeds of the album's pictures: those whose places the painter has words for."""
    return tuple(islice((number for number in count() if label_of(number).place in PLACES), COUNT))


def picture_of(number: int) -> Array:
    rng = random.Random(f"{SEED}/{number}")
    return np.asarray(draw(random_label(rng), parts.SIZE, rng))


def as_tensor(pictures: Array) -> torch.Tensor:
    """uint8 pictures as the codec wants them: channels first, -1 to 1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


class Album:
    """Pictures and latents in a folder; `fill` goes on where it was stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._state = folder / "album.json"
        side = parts.SIZE // parts.PATCH
        self.pictures = self._array("pictures.npy", (KEPT, parts.SIZE, parts.SIZE, 3), np.uint8)
        self.latents = self._array("latents.npy", (COUNT, parts.CHANNELS, side, side), np.float16)

    def _array(self, name: str, shape: tuple[int, ...], kind: type) -> Array:
        path = self.folder / name
        if path.exists():
            found: Array = np.load(path, mmap_mode="r+")
            return found
        made: Array = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
        return made

    @property
    def filled(self) -> int:
        return int(json.loads(self._state.read_text())["filled"]) if self._state.exists() else 0

    def codec(self) -> AutoencoderTiny:
        """A codec whose encoder is set from five hundred pictures; its decoder is untrained."""
        torch.manual_seed(SEED)
        vae = parts.codec()
        parts.fold(vae, np.stack([picture_of(number) for number in range(500)]))
        return vae

    @torch.no_grad()
    def fill(self, until: float = math.inf) -> None:
        """Draw what is missing, or as much of it as the clock (of time.time) leaves time for."""
        vae, started = self.codec(), time.time()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for start in range(self.filled, COUNT, _CHUNK):
                drawn = np.stack(pool.map(picture_of, numbers()[start : start + _CHUNK], chunksize=25))
                end = start + len(drawn)
                self.pictures[start:end] = drawn[: max(0, KEPT - start)]
                self.latents[start:end] = vae.encode(as_tensor(drawn)).latents.half().numpy()
                self._state.write_text(json.dumps({"filled": end}))
                if time.time() > until:
                    return
                print(f"drawn {end} of {COUNT}, {time.time() - started:.0f} s", flush=True)
