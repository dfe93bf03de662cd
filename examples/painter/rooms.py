"""Places under a roof, each with a window that shows the sky. Units as in places.py."""

from __future__ import annotations

import random
from collections.abc import Callable

from examples.painter.canvas import WHITE, Canvas, Colour, darker, lighter, mix
from examples.painter.light import Light, draw_sky, draw_weather

WOOD: Colour = (178, 124, 80)
SPINES: tuple[Colour, ...] = (
    (210, 80, 70),
    (240, 190, 80),
    (80, 150, 120),
    (90, 120, 190),
    (160, 100, 160),
    (236, 224, 200),
)


def _room(c: Canvas, wall: Colour, floor: Colour) -> None:
    c.box(0, 0, 100, 76, wall)
    c.box(0, 76, 100, 28, floor)
    c.box(0, 74.5, 100, 2, darker(floor))


def _window(
    c: Canvas, light: Light, rng: random.Random, x: float = 5, y: float = 8, wide: float = 24, high: float = 32
) -> None:
    c.box(x - 2, y - 2, wide + 4, high + 4, (250, 244, 234))
    draw_sky(c, light, rng, (x, y, wide, high))
    left, top = round(c.x + x * c.unit), round(c.y + y * c.unit)
    if light.wet:
        area = (left, top, round(left + wide * c.unit), round(top + high * c.unit))
        pane = c.image.crop(area).resize((240, 320))
        draw_weather(pane, light, rng)
        c.image.paste(pane.resize((area[2] - area[0], area[3] - area[1])), area[:2])
    c.box(x + wide / 2 - 0.8, y, 1.6, high, (250, 244, 234))
    c.box(x, y + high / 2 - 0.8, wide, 1.6, (250, 244, 234))
    c.box(x - 3, y + high + 1, wide + 6, 3, (232, 222, 208))


def _hanging_lamp(c: Canvas, x: float, low: float, light: Light, colour: Colour) -> None:
    c.box(x - 0.5, 0, 1, low, (80, 74, 84))
    if light.hour in ("night", "evening"):
        c.oval(x, low + 4, 9, fill=(255, 226, 150))
    c.oval(x, low + 4.4, 3, fill=(255, 240, 180))
    c.shape([(x - 6, low + 4), (x - 2, low - 3), (x + 2, low - 3), (x + 6, low + 4)], colour)


def _books(c: Canvas, x: float, foot: float, wide: float, high: float, rng: random.Random) -> None:
    at = x
    while at < x + wide - 2.4:
        tall = high * (0.72 + 0.28 * rng.random())
        c.box(at, foot - tall, 3, tall, rng.choice(SPINES))
        at += 3.4


def _kitchen(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (252, 236, 190), (226, 190, 150))
    for x in range(0, 100, 8):
        c.box(x + 0.4, 46, 7.2, 6, (176, 220, 220))
        c.box(x + 0.4, 53, 7.2, 6, (156, 206, 210))
    _window(c, light, rng)
    c.box(68, 14, 32, 3, WOOD)
    for x, colour in ((71, (226, 90, 80)), (80, (250, 210, 90)), (89, (100, 170, 200))):
        c.box(x, 5, 7, 9, colour, round_by=1.6)
    for x in (74, 86):
        c.line([(x, 18), (x, 25)], 1, (110, 110, 120), soft=False)
        c.oval(x, 28, 4.4, fill=(120, 124, 138))
    c.box(0, 60, 100, 4, (250, 246, 240))
    c.box(0, 64, 100, 40, (120, 176, 176))
    c.box(70, 66, 26, 26, (236, 236, 240), round_by=2)
    c.box(73, 74, 20, 13, (70, 70, 84), round_by=2)
    c.blob([(74, 60), (74, 52), (92, 52), (92, 60)], (206, 76, 66), parts=3)


def _library(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (122, 80, 58), (166, 74, 66))
    for x, wide in ((0, 2), (30, 40), (70, 30)):
        for y in (2, 20, 38, 56):
            c.box(x, y, wide, 16, (92, 58, 44))
            _books(c, x + 1, y + 16, wide - 1, 14, rng)
            c.box(x - 1, y + 16, wide + 2, 2, WOOD)
    _window(c, light, rng, 4, 6, 22, 36)
    c.box(0, 52, 29, 2, WOOD)
    _books(c, 1, 74, 27, 16, rng)
    c.box(28, 0, 2.4, 76, WOOD)
    c.box(68.6, 0, 2.4, 76, WOOD)


def _workshop(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (170, 158, 150), (132, 118, 112))
    _window(c, light, rng)
    c.box(67, 8, 33, 38, (206, 164, 112))
    c.line([(73, 14), (73, 36)], 2.4, (120, 78, 50), soft=False)
    c.box(69, 12, 9, 5, (86, 92, 106))
    c.line([(83, 18), (83, 38)], 2.6, (210, 70, 60), soft=False)
    c.oval(83, 15, 3.6, fill=(86, 92, 106))
    c.shape([(89, 14), (97, 18), (97, 38), (93, 38)], (206, 212, 220))
    c.box(91, 36, 7, 6, (120, 78, 50))
    c.oval(14, 57, 8, fill=(86, 92, 106))
    c.oval(14, 57, 4, fill=(170, 158, 150))
    c.box(0, 64, 100, 6, (186, 128, 78))
    for x in (4, 90):
        c.box(x, 70, 6, 34, (150, 100, 62))
    c.box(76, 56, 18, 8, (206, 66, 58), round_by=1)


def _cafe(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (186, 104, 82), (120, 82, 70))
    for y in range(0, 76, 6):
        for x in range(-6 if y % 12 else 0, 100, 12):
            c.box(x, y, 11, 5, (196, 116, 92))
    _window(c, light, rng)
    c.box(70, 12, 26, 24, (150, 104, 66))
    c.box(72, 14, 22, 20, (52, 66, 62))
    for y, wide in ((18, 14), (23, 10), (28, 16)):
        c.box(75, y, wide, 1.6, (230, 236, 226))
    _hanging_lamp(c, 40, 6, light, (60, 150, 140))
    _hanging_lamp(c, 62, 6, light, (60, 150, 140))
    c.box(64, 56, 40, 5, (232, 196, 150))
    c.box(66, 61, 38, 44, (96, 62, 52))
    c.box(78, 42, 16, 14, (206, 212, 220), round_by=2)
    c.oval(14, 66, 15, 3.4, fill=(232, 196, 150))
    c.box(13, 68, 2.4, 30, (80, 66, 66))
    c.box(9, 58, 6, 7, WHITE, round_by=1.4)


def _bedroom(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (206, 190, 230), (190, 146, 122))
    _window(c, light, rng)
    for x, colour in ((3, (240, 130, 160)), (27, (240, 130, 160))):
        c.shape([(x, 5), (x + 5, 5), (x + 6, 46), (x - 1, 46)], colour)
    c.box(74, 10, 18, 16, WHITE)
    c.box(76, 12, 14, 12, (140, 200, 220))
    c.shape([(76, 24), (83, 15), (90, 24)], (110, 180, 110))
    c.box(64, 44, 40, 30, (150, 100, 76), round_by=4)
    c.box(67, 52, 30, 14, WHITE, round_by=4)
    c.box(60, 62, 44, 26, (100, 150, 214), round_by=4)
    c.box(60, 62, 44, 6, (236, 240, 250), round_by=2)
    c.box(0, 66, 14, 20, WOOD)
    c.oval(7, 55, 6, 4, fill=(255, 230, 150))
    c.box(6, 58, 2, 8, (110, 100, 110))


def _studio(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (240, 232, 224), (206, 170, 134))
    _window(c, light, rng)
    for x in (70, 92):
        c.line([(82, 14), (x, 88)], 2, WOOD, soft=False)
    c.box(67, 20, 30, 36, (252, 250, 244))
    c.box(69, 22, 26, 32, (150, 206, 236))
    c.oval(88, 29, 4, fill=(255, 214, 80))
    c.shape([(69, 54), (69, 44), (80, 36), (95, 48), (95, 54)], (90, 170, 110))
    c.box(65, 56, 34, 2.6, WOOD)
    c.box(0, 62, 24, 3, WOOD)
    for x, colour in ((2, (226, 70, 70)), (9, (60, 130, 220)), (16, (250, 200, 70))):
        c.box(x, 55, 5.4, 7, colour, round_by=1)
    for x, y, colour in ((14, 86, (60, 130, 220)), (30, 92, (250, 200, 70)), (84, 94, (226, 70, 70))):
        c.oval(x, y, 4, 1.8, fill=colour)


def _classroom(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (232, 226, 190), (196, 156, 112))
    _window(c, light, rng, 3, 8, 20, 32)
    c.box(28, 6, 70, 46, (150, 104, 66))
    c.box(30, 8, 66, 42, (48, 110, 88))
    c.line([(72, 18), (90, 18)], 1.4, (230, 240, 232), soft=False)
    c.line([(72, 26), (86, 26)], 1.4, (230, 240, 232), soft=False)
    c.oval(82, 38, 5, fill=(230, 240, 232))
    c.oval(82, 38, 3.8, fill=(48, 110, 88))
    for x in (0, 74):
        c.box(x, 72, 26, 4, (226, 178, 120))
        for leg in (x + 2, x + 22):
            c.box(leg, 76, 2, 24, (110, 110, 124))


def _castle(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (150, 148, 166), (110, 104, 122))
    for y in range(0, 76, 9):
        for x in range(-9 if y % 2 else 0, 100, 18):
            c.box(x + 0.6, y + 0.6, 16.8, 7.8, (162, 160, 178))
    c.oval(17, 14, 11, 11, fill=(110, 106, 124))
    c.box(6, 14, 22, 34, (110, 106, 124))
    draw_sky(c, light, rng, (8, 12, 18, 34))
    c.box(16.2, 8, 1.6, 38, (110, 106, 124))
    c.shape([(74, 6), (94, 6), (94, 48), (84, 40), (74, 48)], (186, 44, 60))
    c.box(74, 6, 20, 3, (244, 196, 72))
    c.shape([(84, 16), (89, 24), (84, 32), (79, 24)], (244, 196, 72))
    for x in (33, 68):
        c.box(x - 1, 40, 2.4, 12, WOOD)
        c.oval(x, 37, 2.6, 4.4, fill=(255, 176, 60))
    c.shape([(30, 104), (40, 76), (60, 76), (70, 104)], (166, 40, 56))


def _stage(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (58, 44, 84), (150, 96, 70))
    _window(c, light, rng, 6, 12, 22, 26)
    for x, colour in ((50, (120, 100, 160)), (76, (110, 92, 150))):
        c.shape([(x - 3, 0), (x + 3, 0), (x + 18, 76), (x - 18, 76)], colour)
        c.box(x - 4, 0, 8, 4, (40, 36, 50))
    for x in (0, 4, 88, 94):
        c.box(x, 0, 6 if x > 50 else 4, 80, (190, 40, 60) if x in (0, 94) else (214, 56, 74))
    c.box(0, 0, 100, 5, (190, 40, 60))
    c.box(72, 54, 14, 22, (40, 36, 50), round_by=1)
    c.oval(79, 60, 3.6, fill=(110, 106, 124))
    c.oval(79, 69, 4.8, fill=(110, 106, 124))


def _laboratory(c: Canvas, light: Light, rng: random.Random) -> None:
    _room(c, (206, 228, 232), (170, 184, 194))
    _window(c, light, rng)
    for y in (20, 42):
        c.box(66, y, 34, 2.4, (120, 136, 150))
        for k, x in enumerate((71, 81, 91)):
            colour = ((120, 220, 130), (250, 120, 170), (110, 170, 250), (250, 210, 90))[(k + y) % 4]
            c.shape([(x - 1.4, y - 12), (x + 1.4, y - 12), (x + 4.4, y), (x - 4.4, y)], lighter(colour, 0.6))
            c.shape([(x - 2.6, y - 6.4), (x + 2.6, y - 6.4), (x + 4.4, y), (x - 4.4, y)], colour)
    c.box(0, 62, 100, 5, (246, 248, 250))
    c.box(0, 67, 100, 37, (120, 150, 172))
    c.oval(12, 57, 6, fill=mix((120, 220, 130), WHITE, 0.2))
    c.box(10.6, 46, 2.8, 8, (220, 236, 240))
    c.box(80, 52, 14, 10, (84, 96, 112), round_by=1)


ROOMS: dict[str, Callable[[Canvas, Light, random.Random], None]] = {
    "kitchen": _kitchen, "library": _library, "workshop": _workshop, "cafe": _cafe, "bedroom": _bedroom,
    "studio": _studio, "classroom": _classroom, "castle": _castle, "stage": _stage, "laboratory": _laboratory,
}  # fmt: skip
