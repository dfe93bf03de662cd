"""What `--rehearse` sees in a portrait: plain colour words for hair, eyes, skin, clothing and ground.

No model looks here. A portrait is taken to be a head above a body, in the middle of the picture.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image

from rehearsal.bank import looks

GRID = 40  # the portrait is read as a grid of this many points each way
_REGIONS = {  # left, top, right, bottom, in parts of the picture
    "hair": (0.32, 0.08, 0.68, 0.4),
    "eyes": (0.35, 0.36, 0.65, 0.52),
    "face": (0.4, 0.4, 0.6, 0.56),
    "clothing": (0.3, 0.7, 0.7, 1.0),
    "left": (0.0, 0.0, 0.12, 0.55),
    "right": (0.88, 0.0, 1.0, 0.55),
    "top": (0.0, 0.0, 1.0, 0.06),
    "all": (0.0, 0.0, 1.0, 1.0),
}
_EYES = ("blue", "green", "teal", "purple", "yellow")  # colours that stand out in a face
_SKIN = ((205, "pale"), (165, "light"), (120, "tan"), (75, "brown"), (0, "dark brown"))


@dataclass(frozen=True, slots=True)
class SeenPortrait:
    """Colour words. `eyes` is "" where the face shows none; `blank`: a picture of one colour."""

    hair: str
    eyes: str
    skin: str
    clothing: str
    ground: str
    palette: tuple[str, ...]
    blank: bool


NOTHING = SeenPortrait("brown", "", "light", "grey", "white", ("brown", "grey"), False)


def see(data: bytes) -> SeenPortrait:
    """The colours of a portrait; NOTHING where the bytes are no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (4 * GRID, 4 * GRID))
            small = image.convert("RGB").resize((GRID, GRID), Image.Resampling.NEAREST)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return NOTHING
    raw = small.tobytes()
    points = [(raw[at], raw[at + 1], raw[at + 2]) for at in range(0, len(raw), 3)]
    counts = {name: _count(points, region) for name, region in _REGIONS.items()}
    around = counts["left"] + counts["right"] + counts["top"]
    ground = [word for word, count in around.most_common() if count * 8 >= around.total()]
    face = counts["face"].most_common(1)[0][0]
    hair = _most(counts["hair"], besides=(*ground, face))
    palette = [word for word, _ in counts["all"].most_common(4)]
    return SeenPortrait(
        hair=hair,
        eyes=next((word for word, _ in counts["eyes"].most_common() if word in _EYES and word not in (hair, face)), ""),
        skin=_skin(points),
        clothing=_most(counts["clothing"], besides=ground),
        ground=around.most_common(1)[0][0],
        palette=tuple(palette if len(palette) > 1 else [*palette, "white" if palette[0] != "white" else "grey"]),
        blank=len({(red >> 3, green >> 3, blue >> 3) for red, green, blue in points}) == 1,
    )


def _cut(points: list[tuple[int, int, int]], region: tuple[float, float, float, float]) -> list[tuple[int, int, int]]:
    left, top, right, bottom = (round(part * GRID) for part in region)
    return [points[row * GRID + column] for row in range(top, bottom) for column in range(left, right)]


def _count(points: list[tuple[int, int, int]], region: tuple[float, float, float, float]) -> Counter[str]:
    return Counter(colour_word(red >> 3, green >> 3, blue >> 3) for red, green, blue in _cut(points, region))


def _most(counts: Counter[str], besides: Iterable[str]) -> str:
    """The commonest colour that is not one of `besides`, unless what remains is too little to go by."""
    left = Counter({word: count for word, count in counts.items() if word not in besides})
    return (left if left.total() * 6 >= counts.total() else counts).most_common(1)[0][0]


def _skin(points: list[tuple[int, int, int]]) -> str:
    face = _cut(points, _REGIONS["face"])
    red, green, blue = (sorted(point[channel] for point in face)[len(face) // 2] for channel in range(3))
    if red >= green >= blue and red - blue < 150:
        light = (2 * red + 3 * green + blue) // 6
        return next(word for least, word in _SKIN if light >= least)
    return colour_word(red >> 3, green >> 3, blue >> 3)


@lru_cache(maxsize=32_768)
def colour_word(red: int, green: int, blue: int) -> str:
    """The plain word nearest to a colour of five bits a channel."""
    point = (8 * red + 4, 8 * green + 4, 8 * blue + 4)
    return min(_colours(), key=lambda colour: _distance(point, colour[1]))[0]


@cache
def _colours() -> tuple[tuple[str, tuple[int, int, int]], ...]:
    return tuple((word, (red, green, blue)) for word, all_ in looks()["colours"].items() for red, green, blue in all_)


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """How different two colours look, by the weights of the "redmean" formula."""
    mean = (one[0] + other[0]) / 2
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return (2 + mean / 256) * red * red + 4.0 * green * green + (2 + (255 - mean) / 256) * blue * blue
