"""Pictures a second on one GPU, ours beside the plain loop: `python -m benchmarks.gpu_pictures --place DIR`.

Painters have the real size and random weights (about 21 and 16 GB in DIR, made once). Prints one JSON object a line.
Loads are not counted; they stand beside. `--tiny` runs the same on a CPU, to see that it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from images.models import find_model
from images.pool.devices import Device, nvidia_gpus
from images.pool.pool import Pool
from images.schema import PictureJob, Speed

ROOT = Path(__file__).parent.parent
SCENE = "A girl with red hair and a brass key, {} in a dim kitchen, rain on the window, seen from the side, number {}."
DEEDS = ("reading", "asleep", "cooking", "singing", "waiting", "laughing", "drawing", "dancing")
# Tera-operations of one picture of 1024 x 1024 in the steps below, text and decoding included: counted by
# torch.utils.flop_counter on these very modules without weights.
OPERATIONS = {"Z-Image-Turbo": 467.0, "FLUX.2-klein-4B": 153.0}
PEAKS = {"H100": 989.0, "H200": 989.0, "4090": 165.0}  # dense bfloat16, tera-operations a second, by the makers


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured: a painter, a size, and how many pictures."""

    painter: str
    side: int
    pictures: int
    tiny: bool
    place: Path

    @property
    def folder(self) -> Path:
        return self.place / ("tiny" if self.tiny else "real") / self.painter

    def facts(self) -> dict[str, Any]:
        model, device = find_model(str(self.folder)), _device(self.tiny)
        peak = next((value for name, value in PEAKS.items() if name in device.name), 0.0)
        ideal = peak / OPERATIONS[self.painter] if not self.tiny and self.side == 1024 else 0.0
        return {
            "painter": self.painter,
            "weights": "random, tiny" if self.tiny else "random, real size",
            "size": f"{self.side}x{self.side}",
            "steps": model.steps,
            "precision": "float32" if self.tiny else model.dtype,
            "pictures": self.pictures,
            "device": device.name,
            "torch": importlib.metadata.version("torch"),
            "diffusers": importlib.metadata.version("diffusers"),
            "ideal_per_second": round(ideal, 3) or None,
        }

    def jobs(self, folder: Path, number: int) -> Iterator[PictureJob]:
        model = find_model(str(self.folder))
        for index in range(number):
            yield PictureJob(
                id=f"benchmark/0123abcd/{folder.name}-{index}",
                key="",
                prompt=SCENE.format(DEEDS[index % len(DEEDS)], index),
                seed=index,
                width=self.side,
                height=self.side,
                steps=model.steps,
                guidance=model.guidance,
                path=str(folder / f"{index}.png"),
            )


def plain(work: Work) -> dict[str, Any]:
    """The loop that anybody would write, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gpu_pictures", "--plain", work.painter, "--place", str(work.place)]
    command += ["--side", str(work.side), "--pictures", str(work.pictures), *(["--tiny"] if work.tiny else [])]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def plain_loop(work: Work) -> dict[str, Any]:
    import torch
    from diffusers import DiffusionPipeline

    started = time.monotonic()
    dtype, device = (torch.float32, "cpu") if work.tiny else (torch.bfloat16, "cuda")
    torch.set_num_threads(1 if work.tiny else torch.get_num_threads())
    pipe = DiffusionPipeline.from_pretrained(work.folder, dtype=dtype).to(device)
    pipe.set_progress_bar_config(disable=True)
    loaded = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        for number, job in enumerate(work.jobs(Path(place), work.pictures + 1)):
            if number == 1:
                started_painting = time.monotonic()  # the first is not counted
            generator = torch.Generator("cpu").manual_seed(job.seed)
            size = {"width": job.width, "height": job.height, "num_inference_steps": job.steps}
            image = pipe(prompt=job.prompt, guidance_scale=job.guidance, generator=generator, **size).images[0]
            image.save(job.path)
    return {"load": round(loaded - started, 2), "seconds": round(time.monotonic() - started_painting, 3)}


async def ours(work: Work, *, compiled: str, batch: int | None = None) -> dict[str, Any]:
    """The program's own pool with one worker; `seconds` from the first counted picture's start to the last file."""
    model = find_model(str(work.folder))
    with tempfile.TemporaryDirectory() as place:
        logs, learned = Path(place) / "logs", Path(place) / "speed"
        for name in ("first", "rest"):
            (Path(place) / name).mkdir()
        speed = Speed(compile=compiled, learned=str(learned))
        started = time.monotonic()
        pool = Pool(
            [_device(work.tiny)], model, lambda: work.folder, logs,
            speed=speed, batch=batch, threads=1 if work.tiny else None,
        )  # fmt: skip
        async with pool:
            [first] = work.jobs(Path(place) / "first", 1)
            await pool.paint(first)
            warm = time.monotonic()
            await asyncio.gather(*(pool.paint(job) for job in work.jobs(Path(place) / "rest", work.pictures)))
            seconds = time.monotonic() - warm
        notes = [json.loads(file.read_text()) for file in learned.glob("*.json")]
    return {"load": round(warm - started, 2), "seconds": round(seconds, 3), "compiling": notes}


def rows(place: Path, pictures: list[int], *, tiny: bool) -> Iterator[dict[str, Any]]:
    """One row for each painter, count of pictures and way."""
    from benchmarks.gpu_models import painter_folder

    side = 64 if tiny else 1024
    for painter in OPERATIONS:
        painter_folder(painter, place, tiny=tiny, device="cpu" if tiny else "cuda")
        for number in pictures:
            work = Work(painter, side, number, tiny, place)
            yield _row(work, "plain loop", plain(work))
            for compiled in ("off", "on", "auto"):
                yield _row(work, f"ours, --compile {compiled}", asyncio.run(ours(work, compiled=compiled)))
        small = Work(painter, side // 2, max(pictures), tiny, place)
        for batch in (1, None):
            way = f"ours, --batch {batch or 'auto'}"
            yield _row(small, way, asyncio.run(ours(small, compiled="off", batch=batch)))


def _row(work: Work, way: str, measured: dict[str, Any]) -> dict[str, Any]:
    rate = round(work.pictures / measured["seconds"], 3)
    return {"way": way, **work.facts(), **measured, "per_second": rate}


def _device(tiny: bool) -> Device:
    gpus = [] if tiny else nvidia_gpus()
    return Device("cuda", 0, gpus[0].name, gpus[0].uuid) if gpus else Device("cpu", 0, "CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", type=Path, required=True, help="where the painters are built and found again")
    parser.add_argument("--pictures", type=int, nargs="+", default=[10, 80], help="counts to measure with")
    parser.add_argument("--tiny", action="store_true", help="tiny painters on the CPU")
    parser.add_argument("--side", type=int, default=64, help=argparse.SUPPRESS)
    parser.add_argument("--plain", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.plain:
        print(json.dumps(plain_loop(Work(given.plain, given.side, given.pictures[0], given.tiny, given.place))))
        return
    if not given.tiny and not nvidia_gpus():
        parser.error("there is no GPU here; --tiny runs on a CPU")
    for row in rows(given.place, given.pictures, tiny=given.tiny):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
