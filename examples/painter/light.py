"""Hours and weather: the sky, the colour of the light, rain and snow. Knows no places and no people."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from examples.painter.canvas import WHITE, Canvas, Colour, gradient, mix

HOURS = ("morning", "noon", "evening", "night")
WEATHERS = ("sunny", "cloudy", "rain", "snow")

_SKY: dict[str, tuple[Colour, Colour]] = {
    "morning": ((150, 208, 236), (255, 228, 166)),
    "noon": ((62, 156, 242), (176, 224, 252)),
    "evening": ((136, 84, 160), (255, 146, 82)),
    "night": ((16, 22, 62), (58, 66, 132)),
}
_LIGHT: dict[str, Colour] = {
    "morning": (255, 244, 218),
    "noon": (255, 255, 255),
    "evening": (255, 206, 170),
    "night": (112, 122, 186),
}
_ON_PEOPLE: dict[str, Colour] = {
    "morning": (255, 250, 240),
    "noon": (255, 255, 255),
    "evening": (255, 236, 222),
    "night": (218, 219, 240),
}
_DULL: Colour = (136, 148, 166)


@dataclass(frozen=True, slots=True)
class Light:
    """When it is, and what the weather is like."""

    hour: str = "noon"
    weather: str = "sunny"

    @property
    def wet(self) -> bool:
        return self.weather in ("rain", "snow")

    @property
    def around(self) -> Colour:
        """The colour of the light on the place."""
        light = _LIGHT[self.hour]
        return mix(light, (188, 198, 214), 0.3) if self.weather == "rain" else light

    @property
    def on_people(self) -> Colour:
        return _ON_PEOPLE[self.hour]

    def ground(self, colour: Colour) -> Colour:
        """What lies under the sky is white when it snows."""
        return mix(colour, (246, 250, 255), 0.8) if self.weather == "snow" else colour


def draw_sky(canvas: Canvas, light: Light, rng: random.Random, box: tuple[float, float, float, float]) -> None:
    """The sky in a box of left, top, width, height; sun, moon and clouds keep to its edges."""
    left, top, wide, high = box
    above, below = _SKY[light.hour]
    if light.weather != "sunny":
        share = 0.3 if light.weather == "cloudy" else 0.5
        above, below = mix(above, _DULL, share * 0.7), mix(below, _DULL, share)
    corner = (round(canvas.x + left * canvas.unit), round(canvas.y + top * canvas.unit))
    size = (max(1, round(wide * canvas.unit)), max(1, round(high * canvas.unit)))
    canvas.image.paste(gradient(size, above, below), corner)
    small = min(wide, high) / 60
    if light.hour == "night":
        for _ in range(int(14 * small) + 3):
            canvas.oval(left + rng.random() * wide, top + rng.random() * high * 0.8, 0.5, fill=(255, 250, 214))
        _moon(canvas, left + wide * 0.84, top + high * 0.22, 6.5 * small, above)
    elif light.weather in ("sunny", "cloudy"):
        x, y, colour = {
            "morning": (0.14, 0.6, (255, 214, 92)),
            "noon": (0.14, 0.2, (255, 236, 110)),
            "evening": (0.86, 0.62, (255, 92, 66)),
        }[light.hour]
        canvas.oval(left + wide * x, top + high * y, 8.6 * small, fill=mix(colour, below, 0.6))
        canvas.oval(left + wide * x, top + high * y, 6.4 * small, fill=colour)
    for share in {"sunny": (0.76,), "cloudy": (0.2, 0.5, 0.82), "rain": (0.16, 0.5, 0.84), "snow": (0.2, 0.8)}[
        light.weather
    ]:
        if light.weather == "sunny" and light.hour == "night":
            continue
        colour = mix(WHITE, above, 0.25 if light.weather == "sunny" else 0.45)
        _cloud(canvas, left + wide * share, top + high * (0.2 + 0.08 * rng.random()), small, colour)


def _moon(canvas: Canvas, x: float, y: float, size: float, sky: Colour) -> None:
    canvas.oval(x, y, size, fill=(255, 244, 190))
    canvas.oval(x - size * 0.42, y - size * 0.2, size * 0.84, fill=mix(sky, (58, 66, 132), 0.2))


def _cloud(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    for dx, dy, r in ((-6, 1, 3.4), (-1.5, -1.6, 4.8), (4, 0.4, 4), (8, 1.6, 2.8)):
        canvas.oval(x + dx * size, y + dy * size, r * size, r * size * 0.86, fill=colour)


def draw_weather(image: Image.Image, light: Light, rng: random.Random) -> None:
    """Rain or snow in front of everything."""
    wide, high = image.size
    draw = ImageDraw.Draw(image)
    if light.weather == "rain":
        for row in range(8):
            for column in range(8):
                x, y = (column + 0.6 * rng.random() + (row % 2) * 0.5) * wide / 8, (row + 0.3 * rng.random()) * high / 8
                draw.line((x, y, x - wide * 0.02, y + high * 0.06), fill=(196, 222, 244), width=max(1, wide // 110))
    elif light.weather == "snow":
        for row in range(7):
            for column in range(7):
                x, y = (column + 0.7 * rng.random() + (row % 2) * 0.5) * wide / 7, (row + 0.6 * rng.random()) * high / 7
                r = wide * (0.007 + 0.006 * rng.random())
                draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 252, 255))
