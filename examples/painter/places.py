"""Places under the open sky. The picture is 100 units wide and high; its middle is left to the character."""

from __future__ import annotations

import random
from collections.abc import Callable

from examples.painter.canvas import WHITE, Canvas, Colour, darker, lighter, mix
from examples.painter.light import Light, draw_sky
from examples.painter.rooms import ROOMS

Place = Callable[[Canvas, Light, random.Random], None]
LEAF: Colour = (86, 168, 92)
PINE: Colour = (44, 116, 84)
BARK: Colour = (134, 92, 62)
GRASS: Colour = (142, 202, 106)
SEA: Colour = (56, 152, 210)


def draw_place(canvas: Canvas, place: str, light: Light, rng: random.Random) -> None:
    if place in ROOMS:
        ROOMS[place](canvas, light, rng)
    else:
        draw_sky(canvas, light, rng, (0, 0, 100, 70))
        OUTDOORS[place](canvas, light, rng)


def _tree(c: Canvas, light: Light, x: float, foot: float, size: float) -> None:
    c.box(x - 1.6 * size, foot - 14 * size, 3.2 * size, 14 * size, BARK)
    for dx, dy, r in ((-5, -18, 7.5), (5, -18, 7.5), (0, -25, 8.5)):
        c.oval(x + dx * size, foot + dy * size, r * size, fill=light.ground(LEAF) if dy == -25 else LEAF)


def _pine(c: Canvas, light: Light, x: float, foot: float, size: float) -> None:
    c.box(x - 2 * size, foot - 8 * size, 4 * size, 8 * size, BARK)
    for k in range(3):
        low, half = foot - (6 + 11 * k) * size, (13 - 3 * k) * size
        c.shape([(x - half, low), (x, low - 19 * size), (x + half, low)], mix(PINE, LEAF, 0.16 * k))
        if light.weather == "snow":
            c.shape([(x - half * 0.4, low - 11 * size), (x, low - 19 * size), (x + half * 0.4, low - 11 * size)], WHITE)


def _house(
    c: Canvas, x: float, foot: float, wide: float, high: float, colour: Colour, lit: bool, rng: random.Random
) -> None:
    c.box(x, foot - high, wide, high, colour)
    c.box(x, foot - high, wide, 2, darker(colour))
    for row in range(int(high // 12)):
        for column in range(max(1, int(wide // 8))):
            glow = (255, 226, 120) if lit and rng.random() < 0.75 else (112, 140, 170)
            c.box(x + 2.4 + column * 8, foot - high + 5 + row * 12, 4, 6.4, glow)


def _beach(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 44, 100, 26, SEA)
    for x, y in ((8, 49), (30, 52), (70, 49), (86, 55), (14, 57)):
        c.line([(x, y), (x + 8, y)], 1, lighter(SEA, 0.5), soft=False)
    c.shape([(10, 44), (24, 44), (21, 48), (13, 48)], (200, 80, 60))
    c.shape([(17, 26), (17, 43), (27, 43)], WHITE)
    c.blob([(-10, 66), (30, 62), (70, 67), (110, 62), (110, 110), (-10, 110)], light.ground((246, 218, 154)))
    c.line([(92, 78), (88, 52), (84, 30)], 3.4, (160, 112, 70))
    for dx, dy in ((-16, -2), (-11, -10), (2, -13), (12, -8), (15, 2)):
        c.blob(
            [(84, 29), (84 + dx * 0.6, 27 + dy), (84 + dx, 33 + dy * 0.6), (84 + dx * 0.5, 31 + dy * 0.4)],
            (70, 160, 90),
        )
    c.oval(14, 80, 3.6, 2.4, fill=(244, 120, 110))


def _forest(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 40, 100, 30, mix(PINE, (120, 180, 150), 0.35))
    for x in (-2, 16, 34, 66, 84, 102):
        _pine(c, light, x, 66, 0.95)
    c.box(0, 64, 100, 40, light.ground((92, 150, 80)))
    for x in (6, 93):
        _pine(c, light, x, 84, 1.75)
    for x, y in ((22, 80), (77, 84)):
        c.box(x - 1, y, 2, 4, (250, 240, 224))
        c.oval(x, y, 3.6, 2.4, fill=(220, 64, 60))


def _street(c: Canvas, light: Light, rng: random.Random) -> None:
    lit = light.hour in ("night", "evening")
    houses: tuple[tuple[float, float, float, Colour], ...] = (
        (0, 18, 62, (222, 140, 112)),
        (18, 14, 44, (240, 206, 150)),
        (68, 15, 50, (164, 186, 204)),
        (83, 18, 66, (206, 128, 140)),
        (32, 36, 30, (176, 172, 190)),
    )
    for x, wide, high, colour in houses:
        _house(c, x, 76, wide, high, colour, lit, rng)
    c.box(0, 74, 100, 30, light.ground((126, 128, 142)))
    c.box(0, 73, 100, 4, light.ground((196, 194, 200)))
    for x in (2, 26, 50, 74):
        c.box(x, 88, 14, 2, (244, 240, 220))
    c.line([(24, 78), (24, 40), (30, 38)], 1.6, (70, 74, 90))
    c.oval(30, 40, 3, fill=(255, 234, 140) if lit else (236, 236, 226))


def _mountain(c: Canvas, light: Light, rng: random.Random) -> None:
    for x, top, half, colour in (
        (50, 26, 46, (150, 158, 190)),
        (12, 16, 40, (122, 132, 170)),
        (88, 12, 42, (110, 122, 162)),
    ):
        c.shape([(x - half, 72), (x, top), (x + half, 72)], colour)
        k = (72 - top) * 0.3
        c.shape([(x - half * 0.3, top + k), (x, top), (x + half * 0.3, top + k), (x + half * 0.1, top + k * 0.76),
                 (x - half * 0.08, top + k * 1.2)], WHITE)  # fmt: skip
    c.blob([(-10, 68), (20, 64), (60, 68), (110, 62), (110, 110), (-10, 110)], light.ground(GRASS))
    for x in (7, 22, 90):
        _pine(c, light, x, 74, 0.5)


def _rooftop(c: Canvas, light: Light, rng: random.Random) -> None:
    lit = light.hour in ("night", "evening")
    houses: tuple[tuple[float, float, float, Colour], ...] = (
        (0, 10, 26, (120, 130, 160)),
        (10, 16, 38, (140, 150, 180)),
        (28, 16, 22, (128, 136, 168)),
        (60, 14, 30, (128, 136, 168)),
        (74, 10, 44, (140, 150, 180)),
        (84, 16, 28, (120, 130, 160)),
    )
    for x, wide, high, colour in houses:
        _house(c, x, 68, wide, high, colour, lit, rng)
    c.box(0, 66, 100, 40, light.ground((186, 150, 132)))
    for y in (56, 63):
        c.box(0, y, 100, 1.8, (84, 88, 108))
    for x in range(3, 100, 12):
        c.box(x, 56, 1.6, 14, (84, 88, 108))
    c.box(82, 36, 16, 16, (170, 104, 76))
    c.shape([(80, 37), (90, 28), (100, 37)], (120, 72, 60))
    for x in (84, 94):
        c.box(x, 52, 1.8, 18, (90, 70, 66))


def _market(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 58, 100, 46, light.ground((216, 190, 156)))
    for x, colour in ((-4, (226, 74, 70)), (66, (60, 140, 200))):
        for post in (x + 3, x + 34):
            c.box(post, 34, 2, 46, BARK)
        c.box(x + 2, 62, 36, 20, (176, 122, 78))
        for k in range(5):
            fruit = ((236, 80, 60), (250, 190, 60), (120, 190, 80), (244, 140, 50), (150, 90, 170))[k]
            for dx in (0.0, 3.4):
                c.oval(x + 6 + k * 6.8 + dx, 61, 2.5, fill=fruit)
        for k in range(5):
            c.shape(
                [(x + k * 8, 40), (x + 8 + k * 8, 40), (x + 6.6 + k * 7, 28), (x + k * 7 + 1, 28)],
                colour if k % 2 == 0 else WHITE,
            )
            c.oval(x + 4 + k * 8, 40, 4, 3, fill=colour if k % 2 == 0 else WHITE)


def _garden(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 54, 100, 50, light.ground(GRASS))
    for x in range(0, 104, 8):
        c.shape([(x, 66), (x, 44), (x + 2.6, 40), (x + 5.2, 44), (x + 5.2, 66)], (250, 246, 236))
    c.box(0, 50, 100, 2.6, (226, 220, 208))
    for x, size in ((4, 9), (20, 7), (80, 7), (97, 10)):
        c.oval(x, 66, size, size * 0.9, fill=LEAF)
    colours = ((240, 80, 110), (255, 210, 70), (170, 110, 220), (255, 150, 80))
    for k, (x, y) in enumerate(
        ((4, 62), (12, 70), (22, 66), (78, 66), (88, 71), (97, 62), (16, 84), (84, 86), (95, 82), (5, 82))
    ):
        for dx, dy in ((-1.8, 0), (1.8, 0), (0, -1.8), (0, 1.8)):
            c.oval(x + dx, y + dy, 1.7, fill=colours[k % 4])
        c.oval(x, y, 1.2, fill=(255, 246, 200))


def _harbour(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 50, 100, 30, mix(SEA, (40, 110, 160), 0.4))
    c.shape([(84, 52), (86, 20), (92, 20), (94, 52)], WHITE)
    for y in (24, 36):
        c.box(85, y, 8, 5, (226, 70, 66))
    c.box(86, 14, 6, 6, (255, 230, 120))
    c.shape([(85, 14), (89, 9), (93, 14)], (226, 70, 66))
    c.shape([(2, 54), (30, 54), (26, 63), (6, 63)], (60, 90, 150))
    c.line([(16, 54), (16, 22)], 1.4, BARK)
    c.shape([(17, 24), (17, 50), (29, 50)], WHITE)
    c.shape([(15, 28), (15, 50), (6, 50)], (240, 220, 190))
    c.box(0, 72, 100, 30, light.ground((176, 128, 90)))
    for x in range(0, 100, 12):
        c.box(x, 72, 0.9, 30, (134, 94, 66))
    for x in (6, 92):
        c.box(x, 62, 5, 18, (120, 82, 58))


def _station(c: Canvas, light: Light, rng: random.Random) -> None:
    c.box(0, 14, 100, 5, (96, 100, 120))
    c.box(0, 30, 100, 44, (228, 96, 74))
    c.box(0, 60, 100, 5, (250, 240, 220))
    for x in (3, 22, 64, 83):
        c.box(x, 37, 14, 15, (255, 232, 150) if light.hour == "night" else (176, 214, 234), round_by=2)
    c.box(0, 74, 100, 30, light.ground((190, 188, 194)))
    c.box(0, 77, 100, 3.4, (250, 208, 70))
    c.line([(12, 18), (12, 22)], 1, (60, 64, 80), soft=False)
    c.oval(12, 25, 5.6, fill=(60, 64, 80))
    c.oval(12, 25, 4.6, fill=WHITE)
    c.line([(12, 22), (12, 25), (14.4, 26)], 0.8, (60, 64, 80), soft=False)


def _park(c: Canvas, light: Light, rng: random.Random) -> None:
    c.blob([(-10, 56), (30, 50), (70, 54), (110, 48), (110, 110), (-10, 110)], light.ground(GRASS))
    _tree(c, light, 10, 62, 1.3)
    _tree(c, light, 30, 56, 0.6)
    _tree(c, light, 96, 58, 1.1)
    c.blob([(40, 106), (46, 76), (70, 62), (84, 60), (80, 70), (84, 106)], light.ground((240, 220, 176)))
    c.box(68, 68, 24, 3, (176, 112, 66))
    c.box(68, 60, 24, 3, (176, 112, 66))
    for x in (70, 88):
        c.box(x, 60, 2, 18, (84, 84, 96))


def _desert(c: Canvas, light: Light, rng: random.Random) -> None:
    c.shape([(0, 60), (6, 40), (24, 40), (32, 60)], (206, 122, 80))
    c.blob([(-10, 60), (24, 54), (56, 62), (110, 52), (110, 110), (-10, 110)], light.ground((240, 190, 112)))
    c.blob([(-10, 78), (40, 70), (110, 80), (110, 110), (-10, 110)], light.ground((228, 170, 94)))
    for x, foot, size in ((88, 76, 1.1), (8, 72, 0.7)):
        c.line([(x, foot), (x, foot - 30 * size)], 6 * size, (74, 150, 90), soft=False)
        for side in (-1, 1):
            out = x + side * 8 * size
            arm = [(x, foot - 12 * size), (out, foot - 13 * size), (out, foot - 22 * size)]
            c.line(arm, 4 * size, (74, 150, 90), soft=False)


def _lake(c: Canvas, light: Light, rng: random.Random) -> None:
    for x, top, half in ((14, 34, 34), (84, 30, 38), (50, 40, 30)):
        c.blob([(x - half, 58), (x, top), (x + half, 58)], mix(LEAF, (90, 140, 150), 0.45))
    c.box(0, 54, 100, 40, mix(SEA, (130, 210, 220), 0.45))
    for x, y in ((6, 60), (74, 62), (20, 68), (84, 72)):
        c.line([(x, y), (x + 10, y)], 1.1, (220, 244, 248), soft=False)
    c.blob([(4, 64), (10, 69), (24, 69), (30, 64), (17, 66)], (170, 104, 66))
    c.blob([(-10, 84), (40, 78), (110, 84), (110, 110), (-10, 110)], light.ground(GRASS))
    for x in (88, 92, 96):
        c.line([(x, 86), (x, 64)], 1.2, (90, 140, 70), soft=False)
        c.oval(x, 63, 1.5, 4, fill=BARK)


def _bridge(c: Canvas, light: Light, rng: random.Random) -> None:
    for x, wide, high in ((0, 14, 20), (16, 12, 28), (70, 14, 24), (86, 14, 32)):
        _house(c, x, 58, wide, high, (150, 150, 178), light.hour in ("night", "evening"), rng)
    c.box(0, 56, 100, 20, mix(SEA, (60, 130, 170), 0.5))
    c.line([(-4, 44), (14, 22), (32, 40), (50, 46), (68, 40), (86, 22), (104, 44)], 1.8, (176, 70, 62))
    for x in (14, 86):
        c.box(x - 2.4, 18, 4.8, 54, (206, 84, 72))
    for x in (4, 24, 34, 66, 76, 96):
        c.box(x, 40, 1, 28, (176, 70, 62))
    c.box(0, 68, 100, 36, light.ground((150, 146, 156)))
    c.box(0, 66, 100, 3.4, (206, 84, 72))


OUTDOORS: dict[str, Place] = {
    "beach": _beach, "forest": _forest, "street": _street, "mountain": _mountain,
    "rooftop": _rooftop, "market": _market, "garden": _garden, "harbour": _harbour,
    "station": _station, "park": _park, "desert": _desert, "bridge": _bridge,
    "lake": _lake,
}  # fmt: skip
PLACES = (*OUTDOORS, *ROOMS)
