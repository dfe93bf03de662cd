"""Draw labelled pictures of characters in places: what the painter learns from.

    python -m examples.painter.draw --count 24 --size 256 --out sheet.png

A `Label` says everything that can be seen in a picture; `draw` makes the picture of it. Knows no words for it:
those are in captions.py.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from examples.painter.canvas import COLOURS, Canvas, tinted
from examples.painter.clothes import HATS, OUTFITS
from examples.painter.hair import STYLES
from examples.painter.light import HOURS, WEATHERS, Light, draw_weather
from examples.painter.looks import EYES, KINDS, MOODS, POSES, SKINS, VIEWS, WIDTHS, Look, Stance
from examples.painter.people import draw_person
from examples.painter.places import PLACES, draw_place
from examples.painter.rooms import ROOMS
from examples.painter.things import THINGS, draw_thing

FRAMINGS = {"close": 0.215, "middle": 0.17, "wide": 0.125}
_MIDDLES = {"close": 0.43, "middle": 0.4, "wide": 0.44}
_FINER = 2  # times larger than asked for, made smaller at the end


@dataclass(frozen=True, slots=True)
class Label:
    """Everything that can be seen in one picture."""

    look: Look = field(default_factory=Look)
    stance: Stance = field(default_factory=Stance)
    place: str = "garden"
    light: Light = field(default_factory=Light)
    framing: str = "middle"
    thing: str = ""
    thing_colour: str = "red"


def draw(label: Label, size: int, rng: random.Random, finer: int = _FINER) -> Image.Image:
    """The picture of a label; `rng` decides what the label leaves open."""
    side = size * finer
    image = Image.new("RGB", (side, side))
    draw_place(Canvas(image, side / 100), label.place, label.light, rng)
    image = tinted(image, label.light.around)
    if label.place not in ROOMS and label.light.wet:
        draw_weather(image, label.light, rng)
    figure = _figure(label, side)
    image.paste(tinted(figure.convert("RGB"), label.light.on_people), (0, 0), figure.getchannel("A"))
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _figure(label: Label, side: int) -> Image.Image:
    """The character and the thing beside it, on nothing."""
    layer = Image.new("RGBA", (side, side))
    draw_person(
        Canvas(layer, FRAMINGS[label.framing] * side, side * 0.5, side * _MIDDLES[label.framing]),
        label.look,
        label.stance,
    )
    if label.thing:
        corner = Canvas(layer, side * 0.13, side * 0.82, side * 0.94)
        corner.oval(0, 0.3, 1.5, 0.42, fill=(126, 84, 66))
        corner.oval(0, 0.2, 1.5, 0.4, fill=(190, 138, 98))
        draw_thing(corner.at(0, 0.2), label.thing, COLOURS[label.thing_colour])
    return layer


def random_look(rng: random.Random) -> Look:
    kind = rng.choice(KINDS) if rng.random() < 0.3 else "human"
    colours, human = tuple(COLOURS), kind in ("human", "elf")
    return Look(
        kind=kind,
        build=rng.choices(tuple(WIDTHS), (3, 1, 1))[0],
        skin=rng.choices(tuple(SKINS), (4, 5, 4, 4, 4, 1, 1, 1))[0] if human else "light",
        hair=rng.choice(colours),
        style=rng.choices(STYLES, [1.0] * (len(STYLES) - 1) + [0.5])[0] if human else "short",
        eyes=rng.choice(tuple(EYES)),
        outfit=rng.choice(OUTFITS),
        cloth=rng.choice(colours),
        glasses=rng.random() < 0.16,
        beard=human and rng.random() < 0.08,
        freckles=human and rng.random() < 0.08,
        hat=rng.choice(HATS) if rng.random() < 0.25 else "",
        hat_colour=rng.choice(colours),
        scarf=rng.choice(colours) if rng.random() < 0.14 else "",
        carries=rng.choice(THINGS) if rng.random() < 0.55 else "",
        carries_colour=rng.choice(colours),
    )


def random_label(rng: random.Random) -> Label:
    return Label(
        look=random_look(rng),
        stance=Stance(
            mood=rng.choices(MOODS, (6, 2, 1, 1, 1))[0],
            pose=rng.choices(POSES, (6, 2, 1, 1, 1.5))[0],
            view=rng.choices(VIEWS, (8, 1, 1, 0.7))[0],
        ),
        place=rng.choice(PLACES),
        light=Light(rng.choice(HOURS), rng.choices(WEATHERS, (5, 1.5, 2, 1.5))[0]),
        framing=rng.choices(tuple(FRAMINGS), (2, 5, 3))[0],
        thing=rng.choice(THINGS) if rng.random() < 0.5 else "",
        thing_colour=rng.choice(tuple(COLOURS)),
    )


def sheet(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Pictures of one size, side by side."""
    wide, high = pictures[0].size
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * (wide + 4) + 4, rows * (high + 4) + 4), (250, 250, 250))
    for k, picture in enumerate(pictures):
        page.paste(picture, (4 + k % columns * (wide + 4), 4 + k // columns * (high + 4)))
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("sheet.png"))
    args = parser.parse_args()
    rng = random.Random(args.seed)
    sheet([draw(random_label(rng), args.size, rng) for _ in range(args.count)], 6).save(args.out)


if __name__ == "__main__":
    main()
