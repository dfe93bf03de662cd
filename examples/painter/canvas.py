"""Flat shapes on a Pillow image, in the units of whatever is being drawn. Knows no people and no places.

Everything is drawn larger than asked for and made smaller at the end, which is what keeps the edges clean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

INK: Colour = (52, 44, 60)
WHITE: Colour = (255, 255, 255)

COLOURS: dict[str, Colour] = {
    "black": (48, 44, 54),
    "gray": (142, 146, 154),
    "white": (246, 244, 240),
    "brown": (124, 78, 46),
    "beige": (224, 196, 152),
    "red": (218, 52, 54),
    "maroon": (128, 30, 52),
    "orange": (240, 128, 44),
    "yellow": (250, 208, 70),
    "green": (70, 164, 80),
    "teal": (32, 168, 164),
    "blue": (56, 122, 224),
    "navy": (36, 54, 118),
    "purple": (138, 82, 192),
    "pink": (244, 140, 182),
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour, the rest of the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float = 0.22) -> Colour:
    return mix(colour, (40, 24, 70), share)


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    return mix(colour, (255, 252, 240), share)


def smooth(points: Sequence[Point], *, closed: bool = True, parts: int = 6) -> list[Point]:
    """A soft curve through the points (Catmull-Rom)."""
    count = len(points)
    out: list[Point] = []
    for i in range(count if closed else count - 1):
        near = [points[(i + k) % count] if closed else points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2)]
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = near
        for step in range(parts):
            t = step / parts
            w = (-t + 2 * t * t - t**3, 2 - 5 * t * t + 3 * t**3, t + 4 * t * t - 3 * t**3, t**3 - t * t)
            out.append(((w[0] * ax + w[1] * bx + w[2] * cx + w[3] * dx) / 2,
                        (w[0] * ay + w[1] * by + w[2] * cy + w[3] * dy) / 2))  # fmt: skip
    if not closed:
        out.append(points[-1])
    return out


def mirrored(points: Sequence[Point]) -> list[Point]:
    """The right half of a shape, from top to bottom, and its mirror image on the left."""
    return [*points, *((-x, y) for x, y in reversed(points) if x)]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A place to draw: `unit` pixels per unit, with the origin at (`x`, `y`) pixels."""

    image: Image.Image
    unit: float
    x: float = 0.0
    y: float = 0.0
    tilt: float = 0.0  # radians, turned around the origin

    def at(self, x: float, y: float, size: float = 1.0, tilt: float = 0.0) -> Canvas:
        """A smaller drawing on the same image, with its own origin and unit."""
        px, py = self._pixel((x, y))
        return Canvas(self.image, self.unit * size, px, py, self.tilt + tilt)

    def _pixel(self, point: Point) -> Point:
        x, y = point
        if self.tilt:
            sin, cos = math.sin(self.tilt), math.cos(self.tilt)
            x, y = x * cos - y * sin, x * sin + y * cos
        return self.x + x * self.unit, self.y + y * self.unit

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        ImageDraw.Draw(self.image).polygon([self._pixel(point) for point in points], fill=fill)

    def blob(self, points: Sequence[Point], fill: Colour, parts: int = 6) -> None:
        self.shape(smooth(points, parts=parts), fill)

    def oval(self, x: float, y: float, rx: float, ry: float | None = None, *, fill: Colour) -> None:
        ry = rx if ry is None else ry
        if self.tilt:
            turn = (k * math.tau / 28 for k in range(28))
            self.shape([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in turn], fill)
            return
        px, py = self._pixel((x, y))
        wide, high = abs(rx) * self.unit, abs(ry) * self.unit
        ImageDraw.Draw(self.image).ellipse((px - wide, py - high, px + wide, py + high), fill=fill)

    def box(self, x: float, y: float, wide: float, high: float, fill: Colour, *, round_by: float = 0.0) -> None:
        if self.tilt or not round_by:
            self.shape([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], fill)
            return
        corners = (*self._pixel((x, y)), *self._pixel((x + wide, y + high)))
        ImageDraw.Draw(self.image).rounded_rectangle(corners, round_by * self.unit, fill=fill)

    def line(self, points: Sequence[Point], width: float, fill: Colour, *, soft: bool = True) -> None:
        """A stroke with round ends."""
        path = smooth(points, closed=False) if soft and len(points) > 2 else list(points)
        pixels = [self._pixel(point) for point in path]
        draw, radius = ImageDraw.Draw(self.image), width * self.unit / 2
        draw.line(pixels, fill=fill, width=max(1, round(radius * 2)), joint="curve")
        rounded = pixels if radius > 8 else (pixels[0], pixels[-1])  # wide strokes would show gaps at their bends
        for px, py in rounded:
            draw.ellipse((px - radius, py - radius, px + radius, py + radius), fill=fill)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A picture that fades from one colour above to another below."""
    fade = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), fade)


def tinted(image: Image.Image, colour: Colour) -> Image.Image:
    """The picture as if seen in light of this colour."""
    return ImageChops.multiply(image, Image.new("RGB", image.size, colour))
