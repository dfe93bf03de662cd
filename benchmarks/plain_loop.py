"""The loop that anybody would write over the small painter's pipeline: `python -m benchmarks.plain_loop NUMBER`.

Prints pictures a second as JSON: saving each as PNG, and saving none. The load and a first picture are not counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import torch
from diffusers import DiffusionPipeline

from benchmarks.rows_pipeline import OBJECTS
from images.models import find_model


def main(number: int) -> None:
    torch.set_num_threads(1)
    model = find_model("rehearsal")
    pipeline = DiffusionPipeline.from_pretrained(model.source, dtype=torch.float32, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)

    def paint(index: int, folder: Path | None) -> None:
        image = pipeline(
            prompt=f"A {OBJECTS[index % 8]}.",
            negative_prompt=model.negative_prompt,
            width=model.width,
            height=model.height,
            num_inference_steps=model.steps,
            guidance_scale=model.guidance,
            generator=torch.Generator("cpu").manual_seed(1000 + index),
        ).images[0]
        if folder is not None:
            image.save(folder / f"{index}.png")

    def pace(folder: Path | None) -> float:
        started = time.monotonic()
        for index in range(number):
            paint(index, folder)
        return number / (time.monotonic() - started)

    paint(0, None)
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps({"saving": pace(Path(place)), "bare": pace(None)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
