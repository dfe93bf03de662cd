"""Make the pictures of the README: a contact sheet by the program's own workers, drawings beside it, the loss.

python -m examples.painter.show --loss DIR/loss.csv --curve loss.png
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from examples.painter.captions import appearance, scene
from examples.painter.draw import Label, draw, sheet
from examples.painter.light import Light
from examples.painter.looks import Look, Stance
from examples.portraits.draw import CAST
from images.models import find_model
from images.pool.devices import Device
from images.pool.pool import Pool
from images.schema import PictureJob

FOLDER = Path(__file__).parent
SCENES = (
    ("garden", Light("morning", "sunny"), "standing"),
    ("street", Light("evening", "rain"), "standing"),
    ("library", Light("noon", "sunny"), "standing"),
    ("beach", Light("noon", "sunny"), "waving"),
    ("forest", Light("morning", "snow"), "standing"),
    ("kitchen", Light("evening", "cloudy"), "standing"),
    ("rooftop", Light("night", "sunny"), "standing"),
    ("workshop", Light("night", "rain"), "sitting"),
)


def labels() -> list[list[Label]]:
    """One row for each character of the example portraits, one column for each scene."""
    looks: list[Look] = [portrait.look for portrait in CAST.values()]
    return [[Label(look, Stance(pose=pose), place, light) for place, light, pose in SCENES] for look in looks]


def prompts(rows: list[list[Label]]) -> list[str]:
    """The same appearance in every picture of a row."""
    found = []
    for number, row in enumerate(rows):
        fixed = appearance(row[0].look, random.Random(number))
        found += [f"{fixed} {scene(label, random.Random(f'{number} {k}'))}" for k, label in enumerate(row)]
    return found


async def paint(wanted: list[str], folder: Path) -> list[Image.Image]:
    """Painted by worker processes, as the program does it."""
    model = find_model("rehearsal")
    jobs = [
        PictureJob(
            id=f"sheet/{k}",
            key=str(k),
            prompt=prompt,
            seed=1000 + k // len(SCENES),
            width=model.width,
            height=model.height,
            steps=model.steps,
            guidance=model.guidance,
            path=str(folder / f"{k:02}.png"),
        )
        for k, prompt in enumerate(wanted)
    ]
    async with Pool([Device("cpu", 0, "CPU")], model, lambda: Path(model.source), folder) as pool:
        await asyncio.gather(*(pool.paint(job) for job in jobs))
    return [Image.open(job.path).convert("RGB") for job in jobs]


def curve(path: Path) -> Image.Image:
    """The loss over the steps, from 0 to 1 on the upright axis."""
    with path.open(newline="") as file:
        points = sorted({int(row[0]): float(row[1]) for row in csv.reader(file)}.items())
    wide, high, edge = 640, 240, 34
    page = Image.new("RGB", (wide, high), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    last = points[-1][0]

    def place(step: float, loss: float) -> tuple[float, float]:
        return edge + (wide - 2 * edge) * step / last, high - edge - (high - 2 * edge) * loss

    for tenth in range(0, 11, 2):
        pen.line((*place(0, tenth / 10), *place(last, tenth / 10)), fill=(226, 226, 232))
        pen.text((6, place(0, tenth / 10)[1] - 6), f"{tenth / 10:.1f}", fill=(90, 90, 100))
    for step in range(0, last + 1, 1000 if last > 1000 else 100):
        pen.text((place(step, 0)[0] - 10, high - edge + 8), str(step), fill=(90, 90, 100))
    pen.line([place(step, loss) for step, loss in points], fill=(56, 122, 224), width=2)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the README.")
    parser.add_argument("--loss", type=Path, help="the loss.csv of a training")
    parser.add_argument("--curve", default="loss.png", help="the name of its picture")
    args = parser.parse_args()
    rows = labels()
    with tempfile.TemporaryDirectory() as folder:
        painted = asyncio.run(paint(prompts(rows), Path(folder)))
    page = sheet(painted, len(SCENES))
    page.quantize(256, dither=Image.Dither.NONE).save(FOLDER / "contact.png", optimize=True)
    drawn = [draw(rows[k][k], 128, random.Random(k)) for k in range(4)]
    sheet(drawn, 4).save(FOLDER / "drawn.png", optimize=True)
    if args.loss:
        curve(args.loss).save(FOLDER / args.curve, optimize=True)


if __name__ == "__main__":
    main()
