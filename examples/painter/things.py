"""Objects, to carry or to stand about. The origin is the hand, or the middle of the foot of the object."""

from __future__ import annotations

from collections.abc import Callable

from examples.painter.canvas import WHITE, Canvas, Colour, darker, lighter, mix
from examples.painter.tools import MORE_THINGS

WOOD: Colour = (150, 100, 62)
IRON: Colour = (120, 128, 140)
PAPER: Colour = (252, 248, 238)


def draw_thing(canvas: Canvas, thing: str, colour: Colour, *, held: bool = False) -> None:
    """`held`: in the hand at the origin; otherwise standing on it."""
    if thing in _IN_HAND:
        draw, foot = _IN_HAND[thing]
        draw(canvas if held else canvas.at(0, -foot), colour)
    else:
        _ON_FOOT[thing](canvas.at(0, 0.35) if held else canvas, colour)


def _umbrella(c: Canvas, colour: Colour) -> None:
    c = c.at(0, 0, 1.0, -0.12)
    c.line([(0, 0.5), (0, -2.6)], 0.12, WOOD)
    c.blob(
        [(-1.5, -1.9), (-1.2, -2.7), (0, -3.2), (1.2, -2.7), (1.5, -1.9), (0.8, -2.1), (0, -1.95), (-0.8, -2.1)], colour
    )
    c.blob([(-0.35, -2.0), (-0.3, -2.8), (0, -3.1), (0.3, -2.8), (0.35, -2.0)], lighter(colour, 0.24))


def _book(c: Canvas, colour: Colour) -> None:
    c.box(-0.5, -0.5, 1.0, 0.8, colour, round_by=0.08)
    c.box(-0.36, 0.18, 0.84, 0.1, PAPER)
    c.box(-0.24, -0.3, 0.5, 0.16, lighter(colour, 0.6))


def _cup(c: Canvas, colour: Colour) -> None:
    c.oval(0.38, -0.1, 0.24, fill=darker(colour, 0.2))
    c.oval(0.38, -0.1, 0.12, fill=PAPER)
    c.box(-0.36, -0.5, 0.72, 0.8, colour, round_by=0.14)
    c.box(-0.36, -0.5, 0.72, 0.16, lighter(colour, 0.55), round_by=0.07)
    c.line([(-0.1, -0.7), (0.02, -0.86), (-0.08, -1.04)], 0.08, WHITE)


def _lantern(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0.0), (0, 0.3)], 0.1, IRON)
    c.box(-0.4, 0.26, 0.8, 0.18, colour, round_by=0.06)
    c.box(-0.34, 0.42, 0.68, 0.66, (255, 232, 140), round_by=0.08)
    c.oval(0, 0.78, 0.16, 0.22, fill=(255, 170, 60))
    c.box(-0.4, 1.02, 0.8, 0.2, colour, round_by=0.06)


def _bag(c: Canvas, colour: Colour) -> None:
    c.line([(-0.3, 0.4), (-0.2, -0.04), (0.2, -0.04), (0.3, 0.4)], 0.11, darker(colour, 0.4))
    c.box(-0.55, 0.3, 1.1, 0.9, colour, round_by=0.18)
    c.box(-0.55, 0.3, 1.1, 0.34, darker(colour, 0.2), round_by=0.14)
    c.oval(0, 0.64, 0.1, fill=(250, 214, 100))


def _guitar(c: Canvas, colour: Colour) -> None:
    c = c.at(0.35, 0.1, 1.0, -0.5)
    c.line([(0, 0.6), (0, -1.7)], 0.18, WOOD)
    c.box(-0.17, -2.0, 0.34, 0.42, darker(WOOD, 0.4))
    c.oval(0, 0.3, 0.5, 0.42, fill=colour)
    c.oval(0, 0.85, 0.66, 0.56, fill=colour)
    c.oval(0, 0.6, 0.2, fill=darker(colour, 0.6))


def _camera(c: Canvas, colour: Colour) -> None:
    c.box(-0.5, -0.42, 1.0, 0.72, colour, round_by=0.12)
    c.box(-0.2, -0.58, 0.4, 0.2, darker(colour, 0.3))
    c.oval(0, -0.06, 0.27, fill=PAPER)
    c.oval(0, -0.06, 0.18, fill=(50, 60, 90))


def _flower(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0.3), (0.05, -0.7)], 0.1, (70, 150, 70))
    for x, y in ((-0.26, -1.0), (0.3, -1.0), (0.02, -1.28), (-0.16, -0.74), (0.22, -0.74)):
        c.oval(x, y, 0.24, fill=colour)
    c.oval(0.02, -0.98, 0.18, fill=(255, 222, 90) if colour != (250, 208, 70) else WOOD)


def _staff(c: Canvas, colour: Colour) -> None:
    c.line([(0.1, 2.2), (-0.1, -1.7)], 0.15, WOOD)
    c.oval(-0.12, -1.95, 0.4, fill=mix(colour, WOOD, 0.4))
    c.oval(-0.12, -1.95, 0.3, fill=colour)
    c.oval(-0.2, -2.05, 0.1, fill=WHITE)


def _sword(c: Canvas, colour: Colour) -> None:
    c.shape([(-0.14, -0.3), (-0.14, -2.1), (0, -2.5), (0.14, -2.1), (0.14, -0.3)], (214, 222, 232))
    c.shape([(0, -0.3), (0, -2.5), (0.14, -2.1), (0.14, -0.3)], (168, 178, 194))
    c.box(-0.46, -0.4, 0.92, 0.2, colour, round_by=0.08)
    c.box(-0.1, -0.24, 0.2, 0.7, darker(colour, 0.3))


def _balloon(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0), (-0.1, -0.9), (-0.2, -1.5)], 0.06, (240, 240, 240))
    c.oval(-0.2, -2.25, 0.68, 0.8, fill=colour)
    c.oval(-0.42, -2.5, 0.16, 0.22, fill=lighter(colour, 0.6))


def _brush(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0.5), (0, -0.8)], 0.14, WOOD)
    c.box(-0.13, -1.0, 0.26, 0.3, IRON)
    c.blob([(-0.18, -1.0), (0.18, -1.0), (0.16, -1.3), (0, -1.62), (-0.16, -1.3)], colour)


def _kettle(c: Canvas, colour: Colour) -> None:
    c.line([(0.4, -0.4), (0.9, -0.85)], 0.2, darker(colour, 0.2))
    c.line([(-0.45, -0.8), (-0.3, -1.4), (0.3, -1.4), (0.45, -0.8)], 0.12, IRON)
    c.blob([(-0.7, -0.1), (-0.66, -0.6), (0, -1.02), (0.66, -0.6), (0.7, -0.1)], colour)
    c.oval(0, -1.0, 0.13, fill=darker(colour, 0.4))


def _cake(c: Canvas, colour: Colour) -> None:
    c.box(-0.7, -0.6, 1.4, 0.6, (244, 212, 160), round_by=0.08)
    c.box(-0.7, -0.76, 1.4, 0.32, colour, round_by=0.12)
    c.oval(0, -0.86, 0.16, fill=(226, 50, 60))


def _plant(c: Canvas, colour: Colour) -> None:
    for x, tilt in ((-0.42, -0.5), (0.42, 0.5), (0.0, 0.0)):
        c.at(x * 0.6, -0.7, 1.0, tilt).oval(0, -0.5, 0.24, 0.62, fill=(76, 164, 86) if x else (104, 190, 100))
    c.shape([(-0.5, -0.74), (0.5, -0.74), (0.36, 0), (-0.36, 0)], colour)
    c.box(-0.54, -0.84, 1.08, 0.22, darker(colour, 0.2))


def _lamp(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0), (0, -0.9)], 0.12, IRON)
    c.oval(0, -0.04, 0.36, 0.1, fill=IRON)
    c.shape([(-0.3, -1.6), (0.3, -1.6), (0.62, -0.8), (-0.62, -0.8)], colour)
    c.oval(0, -0.8, 0.5, 0.12, fill=(255, 240, 170))


def _laptop(c: Canvas, colour: Colour) -> None:
    c.box(-0.7, -1.0, 1.4, 0.96, (60, 64, 80), round_by=0.08)
    c.box(-0.6, -0.9, 1.2, 0.76, mix(colour, WHITE, 0.35))
    c.box(-0.85, -0.12, 1.7, 0.14, (170, 176, 188), round_by=0.06)


def _candle(c: Canvas, colour: Colour) -> None:
    c.box(-0.2, -0.8, 0.4, 0.8, colour)
    c.oval(0, -1.08, 0.15, 0.26, fill=(255, 176, 50))
    c.oval(0, -1.02, 0.07, 0.13, fill=(255, 244, 190))


def _basket(c: Canvas, colour: Colour) -> None:
    c.line([(-0.6, -0.6), (-0.4, -1.2), (0.4, -1.2), (0.6, -0.6)], 0.11, WOOD)
    for x in (-0.4, 0.0, 0.4):
        c.oval(x, -0.66, 0.28, fill=colour)
    c.shape([(-0.8, -0.6), (0.8, -0.6), (0.6, 0), (-0.6, 0)], (206, 154, 92))


def _fruit(c: Canvas, colour: Colour) -> None:
    for x, y in ((-0.4, -0.36), (0.4, -0.36), (0.0, -0.68)):
        c.oval(x, y, 0.34, fill=colour)
    c.blob([(-0.85, -0.34), (0.85, -0.34), (0.5, 0), (-0.5, 0)], PAPER)


_Drawing = Callable[[Canvas, Colour], None]

# What is drawn around the hand, with the height of the hand above its foot; and what stands by itself.
_IN_HAND: dict[str, tuple[_Drawing, float]] = {
    "umbrella": (_umbrella, 0.5), "book": (_book, 0.3), "cup": (_cup, 0.3), "lantern": (_lantern, 1.2),
    "bag": (_bag, 1.2), "guitar": (_guitar, 1.3), "camera": (_camera, 0.3), "flower": (_flower, 0.3),
    "staff": (_staff, 1.0), "sword": (_sword, 0.5), "balloon": (_balloon, 0.0), "brush": (_brush, 0.5),
}  # fmt: skip
_ON_FOOT: dict[str, _Drawing] = {
    "kettle": _kettle, "cake": _cake, "plant": _plant, "lamp": _lamp, "laptop": _laptop, "candle": _candle,
    "basket": _basket, "fruit": _fruit, **MORE_THINGS,
}  # fmt: skip
THINGS = (*_IN_HAND, *_ON_FOOT)
