"""Draw the example portraits: eight characters who do not exist, in the shapes that the painter also learns from.

python -m examples.portraits.draw --out examples/portraits
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from examples.painter.canvas import Canvas, Colour, tinted
from examples.painter.light import Light
from examples.painter.looks import Look, Stance
from examples.painter.people import draw_person
from examples.painter.places import draw_place

SIZE = (512, 768)
_FINER = 3  # times larger than asked for, made smaller at the end


@dataclass(frozen=True, slots=True)
class Portrait:
    """One character, where it is at home, and the colour of the haze between the two."""

    look: Look
    place: str
    light: Light
    haze: Colour
    stance: Stance = field(default_factory=Stance)


CAST = {
    "mira": Portrait(
        Look(skin="light", hair="orange", style="long", eyes="green", outfit="coat", cloth="blue", freckles=True,
             carries="umbrella", carries_colour="red"),
        "garden", Light("morning"), (255, 246, 222),
    ),
    "kaito": Portrait(
        Look(skin="tan", hair="black", style="spiky", eyes="brown", outfit="hoodie", cloth="teal", hat="headphones",
             hat_colour="yellow", carries="camera", carries_colour="red"),
        "street", Light("evening"), (255, 226, 206), Stance(pose="waving"),
    ),
    "amara": Portrait(
        Look(skin="dark", hair="maroon", style="curly", eyes="brown", outfit="dress", cloth="yellow", scarf="teal",
             carries="bag", carries_colour="orange"),
        "market", Light("noon"), (232, 246, 252), Stance(mood="laughing", pose="hips"),
    ),
    "fenn": Portrait(
        Look(kind="fox", build="slim", hair="orange", eyes="yellow", outfit="jacket", cloth="green", glasses=True,
             scarf="beige", carries="book", carries_colour="maroon"),
        "library", Light("evening"), (252, 232, 206),
    ),
    "liora": Portrait(
        Look(kind="elf", skin="pale", hair="teal", style="twintails", eyes="purple", outfit="robe", cloth="purple",
             carries="staff", carries_colour="yellow"),
        "forest", Light("morning"), (226, 248, 232),
    ),
    "bruno": Portrait(
        Look(build="sturdy", skin="brown", hair="gray", style="short", eyes="blue", outfit="apron", cloth="red",
             beard=True, carries="cup", carries_colour="white"),
        "cafe", Light("morning"), (255, 240, 222),
    ),
    "pixel": Portrait(
        Look(kind="robot", build="small", hair="blue", eyes="yellow", outfit="overalls", cloth="orange",
             carries="flower", carries_colour="pink"),
        "workshop", Light("noon"), (238, 244, 250), Stance(pose="waving"),
    ),
    "yuna": Portrait(
        Look(skin="pale", hair="purple", style="braids", eyes="blue", outfit="kimono", cloth="pink", hat="bow",
             hat_colour="red", carries="lantern", carries_colour="red"),
        "lake", Light("night"), (80, 92, 160),
    ),
}  # fmt: skip


def draw(portrait: Portrait, seed: int = 0) -> Image.Image:
    wide, high = (side * _FINER for side in SIZE)
    place = Image.new("RGB", (wide, high))
    draw_place(Canvas(place, high / 100, (wide - high) / 2), portrait.place, portrait.light, random.Random(seed))
    place = Image.blend(tinted(place, portrait.light.around), Image.new("RGB", place.size, portrait.haze), 0.34)
    figure = Image.new("RGBA", place.size)
    draw_person(Canvas(figure, wide * 0.245, wide * 0.5, high * 0.435), portrait.look, portrait.stance)
    place.paste(tinted(figure.convert("RGB"), portrait.light.on_people), (0, 0), figure.getchannel("A"))
    return place.resize(SIZE, Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the example portraits.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out: Path = parser.parse_args().out
    for name, portrait in CAST.items():
        draw(portrait).save(out / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
