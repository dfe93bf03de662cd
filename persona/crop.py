"""From a portrait of any shape to the picture of a card: two to three, 512 by 768. Pixels only."""

from __future__ import annotations

from PIL import Image, ImageFilter

SIZE = (512, 768)
_SEEN = 64  # pixels across which the eye-catching part of a wide picture is looked for
_PULL = 0.5  # how much the middle counts, against what is drawn there


def card_picture(portrait: Image.Image) -> Image.Image:
    """The figure in a frame of two to three: from the top, where heads are; sideways, where most is drawn."""
    width, height = portrait.size
    wide = min(width, height * SIZE[0] // SIZE[1]) or 1
    tall = min(height, width * SIZE[1] // SIZE[0]) or 1
    left = _left(portrait, wide)
    return portrait.resize(SIZE, Image.Resampling.LANCZOS, box=(left, 0, left + wide, tall))


def _left(portrait: Image.Image, wide: int) -> int:
    """Where a frame of this width holds the most edges, drawn a little to the middle."""
    spare = portrait.width - wide
    if spare < 1:
        return 0
    small = portrait.convert("L").resize((_SEEN, _SEEN), Image.Resampling.BOX)
    # The filter leaves the rim as it was, so the rim does not count.
    edges = small.filter(ImageFilter.FIND_EDGES).crop((1, 1, _SEEN - 1, _SEEN - 1))
    columns = list(edges.resize((edges.width, 1), Image.Resampling.BOX).tobytes())
    frame = max(1, round(len(columns) * wide / portrait.width))
    places = range(len(columns) - frame + 1)
    middle = (len(columns) - frame) / 2
    total = sum(columns) or 1

    def worth(place: int) -> float:
        return sum(columns[place : place + frame]) / total - _PULL * abs(place - middle) / len(columns)

    best = max(places, key=lambda place: (worth(place), -abs(place - middle)))
    return round(spare * best / max(1, len(columns) - frame))
