"""More objects, each standing on the origin. Drawn through things.py."""

from __future__ import annotations

import math
from collections.abc import Callable

from examples.painter.canvas import INK, WHITE, Canvas, Colour, darker, lighter

WOOD: Colour = (150, 100, 62)
IRON: Colour = (120, 128, 140)
PAPER: Colour = (252, 248, 238)


def _bucket(c: Canvas, colour: Colour) -> None:
    c.line([(-0.55, -0.8), (-0.4, -1.4), (0.4, -1.4), (0.55, -0.8)], 0.09, IRON)
    c.shape([(-0.62, -0.84), (0.62, -0.84), (0.44, 0), (-0.44, 0)], colour)
    c.oval(0, -0.84, 0.62, 0.16, fill=darker(colour, 0.35))


def _box(c: Canvas, colour: Colour) -> None:
    c.line([(-0.24, -0.9), (-0.2, -1.14), (0.2, -1.14), (0.24, -0.9)], 0.1, darker(colour, 0.45))
    c.box(-0.78, -0.94, 1.56, 0.94, colour, round_by=0.12)
    for x in (-0.5, 0.34):
        c.box(x, -0.94, 0.16, 0.94, darker(colour, 0.3))


def _clock(c: Canvas, colour: Colour) -> None:
    c.oval(0, -0.66, 0.66, fill=colour)
    c.oval(0, -0.66, 0.5, fill=PAPER)
    c.line([(0, -1.0), (0, -0.66), (0.22, -0.56)], 0.09, INK, soft=False)


def _bird(c: Canvas, colour: Colour) -> None:
    c.blob([(-0.9, -0.5), (-0.3, -0.85), (0.3, -0.6), (0.3, -0.16), (-0.2, -0.05)], colour)
    c.oval(0.3, -0.86, 0.34, fill=colour)
    c.shape([(0.56, -0.94), (0.94, -0.8), (0.56, -0.74)], (250, 170, 50))
    c.oval(0.38, -0.94, 0.08, fill=INK)
    c.blob([(-0.6, -0.5), (0.0, -0.62), (0.05, -0.3), (-0.3, -0.22)], darker(colour))


def _cat(c: Canvas, colour: Colour) -> None:
    c.line([(0.4, -0.1), (0.86, -0.3), (0.76, -0.8)], 0.16, colour)
    c.blob([(-0.42, 0), (-0.4, -0.5), (0, -0.8), (0.4, -0.5), (0.42, 0)], colour)
    for side in (-1, 1):
        c.shape([(side * 0.44, -0.9), (side * 0.44, -1.56), (side * 0.06, -1.16)], colour)
    c.oval(0, -0.95, 0.46, 0.4, fill=colour)
    for side in (-1, 1):
        c.oval(side * 0.17, -0.98, 0.08, 0.1, fill=(250, 240, 170))
    c.oval(0, -0.84, 0.06, fill=(250, 150, 160))


def _dog(c: Canvas, colour: Colour) -> None:
    c.line([(0.4, -0.2), (0.78, -0.6)], 0.15, colour)
    c.blob([(-0.42, 0), (-0.4, -0.5), (0, -0.8), (0.4, -0.5), (0.42, 0)], colour)
    c.oval(0, -0.98, 0.44, 0.42, fill=colour)
    for side in (-1, 1):
        c.oval(side * 0.46, -0.94, 0.17, 0.36, fill=darker(colour, 0.35))
        c.oval(side * 0.15, -1.06, 0.07, 0.09, fill=INK)
    c.oval(0, -0.82, 0.22, 0.18, fill=lighter(colour, 0.7))
    c.oval(0, -0.88, 0.09, 0.07, fill=INK)


def _bell(c: Canvas, colour: Colour) -> None:
    c.oval(0, -0.1, 0.15, fill=darker(colour, 0.5))
    c.blob([(-0.66, -0.2), (-0.4, -0.5), (-0.32, -1.0), (0, -1.2), (0.32, -1.0), (0.4, -0.5), (0.66, -0.2)], colour)
    c.oval(0, -1.24, 0.12, fill=darker(colour, 0.3))


def _bread(c: Canvas, colour: Colour) -> None:
    c.blob([(-0.85, -0.1), (-0.8, -0.56), (0, -0.8), (0.8, -0.56), (0.85, -0.1), (0, 0)], (214, 146, 74))
    for x in (-0.4, 0.0, 0.4):
        c.line([(x - 0.1, -0.36), (x + 0.1, -0.6)], 0.1, (248, 214, 150))


def _bowl(c: Canvas, colour: Colour) -> None:
    c.oval(0, -0.6, 0.78, 0.16, fill=(250, 226, 160))
    c.blob([(-0.8, -0.6), (0.8, -0.6), (0.5, -0.04), (-0.5, -0.04)], colour, parts=3)
    for x in (-0.24, 0.24):
        c.line([(x, -0.9), (x + 0.1, -1.06), (x, -1.24)], 0.07, WHITE)


def _ball(c: Canvas, colour: Colour) -> None:
    c.oval(0, -0.6, 0.6, fill=colour)
    c.line([(-0.56, -0.5), (0, -0.76), (0.56, -0.5)], 0.14, WHITE)
    c.oval(-0.2, -0.92, 0.12, fill=lighter(colour, 0.7))


def _bottle(c: Canvas, colour: Colour) -> None:
    c.box(-0.2, -1.36, 0.4, 0.2, (190, 140, 90))
    c.box(-0.15, -1.2, 0.3, 0.4, lighter(colour, 0.4))
    c.box(-0.42, -0.92, 0.84, 0.92, colour, round_by=0.18)
    c.box(-0.3, -0.66, 0.6, 0.38, PAPER)


def _letter(c: Canvas, colour: Colour) -> None:
    c.box(-0.72, -0.96, 1.44, 0.94, PAPER, round_by=0.06)
    c.line([(-0.66, -0.9), (0, -0.44), (0.66, -0.9)], 0.07, (190, 176, 160), soft=False)
    c.oval(0, -0.42, 0.17, fill=colour)


def _hammer(c: Canvas, colour: Colour) -> None:
    c.line([(-0.1, 0), (0.1, -1.3)], 0.16, WOOD)
    c.box(-0.4, -1.56, 1.0, 0.4, colour, round_by=0.08)
    c.box(-0.4, -1.56, 0.3, 0.4, IRON)


def _key(c: Canvas, colour: Colour) -> None:
    c.line([(0, 0), (0, -0.8)], 0.15, colour)
    for y in (-0.06, -0.3):
        c.line([(0, y), (0.3, y)], 0.14, colour)
    c.oval(0, -1.06, 0.36, fill=colour)
    c.oval(0, -1.06, 0.17, fill=darker(colour, 0.65))


def _telescope(c: Canvas, colour: Colour) -> None:
    for x in (-0.4, 0.4):
        c.line([(0, -0.7), (x, 0)], 0.1, WOOD)
    c.line([(-0.6, -0.56), (0.5, -1.16)], 0.36, colour, soft=False)
    c.line([(0.34, -1.06), (0.72, -1.28)], 0.48, darker(colour, 0.4), soft=False)


def _rope(c: Canvas, colour: Colour) -> None:
    for r, shade in ((0.7, colour), (0.52, darker(colour)), (0.36, colour), (0.2, darker(colour, 0.6))):
        c.oval(0, -0.56, r, r * 0.8, fill=shade)


def _glass(c: Canvas, colour: Colour) -> None:
    c.line([(0.5, -0.04), (0.1, -0.6)], 0.17, WOOD)
    c.oval(-0.14, -0.94, 0.52, fill=colour)
    c.oval(-0.14, -0.94, 0.38, fill=(206, 236, 246))


def _chair(c: Canvas, colour: Colour) -> None:
    for x in (-0.44, 0.44):
        c.line([(x, 0), (x, -0.6)], 0.12, darker(colour, 0.3))
    c.box(-0.5, -1.6, 1.0, 0.8, colour, round_by=0.12)
    c.box(-0.6, -0.74, 1.2, 0.24, darker(colour, 0.18), round_by=0.08)


def _bicycle(c: Canvas, colour: Colour) -> None:
    for x in (-0.72, 0.72):
        c.oval(x, -0.46, 0.48, fill=INK)
        c.oval(x, -0.46, 0.36, fill=(232, 236, 240))
    c.line([(-0.72, -0.46), (-0.2, -1.0), (0.5, -1.0), (0.0, -0.46), (-0.72, -0.46)], 0.13, colour, soft=False)
    c.line([(0.72, -0.46), (0.46, -1.24), (0.74, -1.3)], 0.12, colour, soft=False)


def _wheel(c: Canvas, colour: Colour) -> None:
    c.oval(0, -0.72, 0.72, fill=colour)
    for k in range(8):
        turn = k * math.tau / 8
        c.oval(0.72 * math.cos(turn), -0.72 + 0.72 * math.sin(turn), 0.18, fill=colour)
    c.oval(0, -0.72, 0.28, fill=darker(colour, 0.6))


MORE_THINGS: dict[str, Callable[[Canvas, Colour], None]] = {
    "bucket": _bucket, "box": _box, "clock": _clock, "bird": _bird, "cat": _cat, "dog": _dog, "bell": _bell,
    "bread": _bread, "bowl": _bowl, "ball": _ball, "bottle": _bottle, "letter": _letter, "hammer": _hammer,
    "key": _key, "telescope": _telescope, "rope": _rope, "glass": _glass, "chair": _chair, "bicycle": _bicycle,
    "wheel": _wheel,
}  # fmt: skip
