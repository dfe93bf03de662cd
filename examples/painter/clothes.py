"""Outfits, scarves and hats. The unit and the origin are those of the head. Knows no faces."""

from __future__ import annotations

from examples.painter.canvas import WHITE, Canvas, Colour, darker, lighter, mirrored, mix

OUTFITS = (
    "shirt",
    "coat",
    "jacket",
    "hoodie",
    "sweater",
    "dress",
    "robe",
    "overalls",
    "suit",
    "armor",
    "kimono",
    "apron",
)
HATS = ("cap", "beanie", "straw", "witch", "headphones", "bow", "crown")
GOLD: Colour = (244, 196, 72)
STEEL: Colour = (176, 184, 198)


def sleeve(outfit: str, cloth: Colour) -> Colour:
    """The colour of the arms."""
    if outfit in ("overalls", "apron"):
        return (250, 246, 236)
    return darker(STEEL, 0.12) if outfit == "armor" else darker(cloth, 0.14)


def draw_outfit(canvas: Canvas, outfit: str, cloth: Colour, width: float, skin: Colour, *, front: bool) -> None:
    under: Colour = (250, 246, 236)
    flare = {"dress": 1.55, "robe": 1.6, "coat": 1.3, "kimono": 1.25}.get(outfit, 1.0)
    waist = 0.78 if outfit == "dress" else 0.96
    long = outfit in ("dress", "robe", "coat", "kimono")
    torso = mirrored([(0, 1.36), (width * 0.5, 1.42), (width * 0.98, 1.72), (width * waist, 2.7),
                      (width * flare, 4.5 if long else 3.5), (0, 4.6 if long else 3.55)])  # fmt: skip
    main = under if outfit in ("overalls", "apron") else cloth
    if outfit == "hoodie":
        canvas.oval(0, 1.36, 0.92, 0.46, fill=darker(cloth, 0.3))
    canvas.blob(torso, main)
    shade = [
        (width * 0.5, 1.75),
        (width * 0.92, 1.8),
        (width * waist * 0.94, 2.7),
        (width * 0.9, 3.3),
        (width * 0.64, 3.3),
    ]
    canvas.blob(shade, darker(main, 0.09))
    if outfit == "overalls":
        canvas.blob(
            mirrored(
                [(0, 2.1), (width * 0.55, 2.1), (width * 0.66, 2.6), (width * 0.98, 2.8), (width * 0.98, 3.6), (0, 3.6)]
            ),
            cloth,
        )
        for side in (-1, 1):
            canvas.line([(side * width * 0.5, 1.55), (side * width * 0.46, 2.2)], 0.24, cloth)
            if front:
                canvas.oval(side * width * 0.44, 2.24, 0.09, fill=GOLD)
    elif outfit == "apron":
        canvas.blob(
            mirrored(
                [
                    (0, 1.9),
                    (width * 0.5, 1.85),
                    (width * 0.62, 2.4),
                    (width * 1.02, 2.75),
                    (width * 1.06, 3.9),
                    (0, 4.0),
                ]
            ),
            cloth,
        )
        for side in (-1, 1):
            canvas.line([(side * 0.34, 1.45), (side * width * 0.44, 2.0)], 0.16, cloth)
    if front:
        _FRONTS[outfit](canvas, cloth, width, skin)


def _shirt(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.oval(0, 1.36, 0.4, 0.3, fill=darker(skin, 0.2))
    canvas.line([(-0.42, 1.42), (0, 1.72), (0.42, 1.42)], 0.12, lighter(cloth, 0.4))


def _lapels(canvas: Canvas, cloth: Colour, inner: Colour, low: float) -> None:
    canvas.shape([(-0.42, 1.36), (0.42, 1.36), (0, low)], inner)
    for side in (-1, 1):
        canvas.shape([(side * 0.4, 1.3), (side * 0.74, 1.7), (side * 0.36, 2.1), (0, low + 0.1)], darker(cloth, 0.26))


def _coat(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    _lapels(canvas, cloth, WHITE, 2.3)
    canvas.line([(0, 2.35), (0, 4.4)], 0.08, darker(cloth, 0.36))
    for y in (2.6, 3.1, 3.6):
        canvas.oval(0.28, y, 0.1, fill=GOLD)


def _jacket(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.shape([(-0.34, 1.36), (0.34, 1.36), (0.3, 3.5), (-0.3, 3.5)], WHITE)
    for side in (-1, 1):
        canvas.line([(side * 0.36, 1.4), (side * 0.32, 3.5)], 0.14, darker(cloth, 0.32))
    canvas.box(-width * 0.98, 3.3, width * 1.96, 0.22, darker(cloth, 0.3))


def _hoodie(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.line([(-0.56, 1.36), (0, 1.82), (0.56, 1.36)], 0.3, darker(cloth, 0.18))
    for side in (-1, 1):
        canvas.line([(side * 0.2, 1.8), (side * 0.22, 2.34)], 0.09, WHITE)
    canvas.shape([(-0.6, 3.3), (-0.42, 2.8), (0.42, 2.8), (0.6, 3.3)], darker(cloth, 0.2))


def _sweater(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.box(-0.44, 1.16, 0.88, 0.42, lighter(cloth, 0.2), round_by=0.18)
    for y in (2.3, 2.7):
        canvas.line([(-width * 0.72, y), (width * 0.72, y)], 0.15, lighter(cloth, 0.5))


def _dress(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.oval(0, 1.38, 0.46, 0.36, fill=darker(skin, 0.1))
    for side in (-1, 1):
        canvas.oval(side * 0.3, 1.66, 0.24, 0.15, fill=WHITE)
    canvas.line([(-width * 0.74, 2.66), (width * 0.74, 2.66)], 0.2, lighter(cloth, 0.5))


def _robe(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.blob(
        mirrored([(0, 1.3), (0.6, 1.3), (width * 1.06, 1.78), (width * 0.9, 2.14), (0, 2.06)]), darker(cloth, 0.24)
    )
    canvas.oval(0, 1.92, 0.17, fill=GOLD)
    canvas.line([(0, 2.1), (0, 4.4)], 0.09, darker(cloth, 0.34))


def _overalls(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.box(-0.3, 2.4, 0.6, 0.46, darker(cloth, 0.24), round_by=0.08)


def _apron(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.box(-0.46, 3.0, 0.92, 0.44, darker(cloth, 0.22), round_by=0.1)


def _suit(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    _lapels(canvas, cloth, WHITE, 2.6)
    canvas.shape([(-0.12, 1.5), (0.12, 1.5), (0.17, 2.25), (0, 2.5), (-0.17, 2.25)], mix(cloth, (240, 70, 70), 0.75))


def _armor(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.box(-0.5, 1.2, 1.0, 0.4, STEEL, round_by=0.16)
    for side in (-1, 1):
        canvas.oval(side * width * 0.92, 1.84, 0.44, 0.36, fill=STEEL)
        canvas.oval(side * width * 0.92, 1.76, 0.26, 0.16, fill=lighter(STEEL, 0.6))
    canvas.box(-width * 0.92, 2.8, width * 1.84, 0.24, darker(STEEL, 0.4))
    canvas.shape([(0, 1.86), (0.3, 2.14), (0, 2.6), (-0.3, 2.14)], GOLD)


def _kimono(canvas: Canvas, cloth: Colour, width: float, skin: Colour) -> None:
    canvas.shape([(-0.34, 1.36), (0.34, 1.36), (0, 1.86)], darker(skin, 0.16))
    canvas.line([(0.42, 1.34), (-0.36, 2.4)], 0.2, lighter(cloth, 0.6))
    canvas.line([(-0.42, 1.34), (0.1, 1.94)], 0.2, lighter(cloth, 0.6))
    canvas.box(-width * 0.9, 2.45, width * 1.8, 0.5, mix(cloth, GOLD, 0.7))


_FRONTS = {
    "shirt": _shirt, "coat": _coat, "jacket": _jacket, "hoodie": _hoodie, "sweater": _sweater, "dress": _dress,
    "robe": _robe, "overalls": _overalls, "suit": _suit, "armor": _armor, "kimono": _kimono, "apron": _apron,
}  # fmt: skip


def draw_scarf(canvas: Canvas, colour: Colour) -> None:
    canvas.box(0.3, 1.4, 0.42, 1.3, darker(colour, 0.16), round_by=0.12)
    canvas.box(-0.82, 1.02, 1.64, 0.62, colour, round_by=0.28)
    canvas.line([(-0.5, 1.36), (0.3, 1.42)], 0.1, lighter(colour, 0.45))


def draw_hat(canvas: Canvas, hat: str, colour: Colour) -> None:
    deep = darker(colour, 0.28)
    if hat == "cap":
        canvas.blob(mirrored([(0, -1.36), (0.7, -1.18), (1.1, -0.5), (0.6, -0.44), (0, -0.46)]), colour)
        canvas.blob(
            [(-0.9, -0.6), (0.2, -0.66), (1.1, -0.46), (0.4, -0.3), (-0.9, -0.36), (-1.5, -0.2), (-1.4, -0.44)], deep
        )
    elif hat == "beanie":
        canvas.blob(mirrored([(0, -1.5), (0.76, -1.24), (1.12, -0.46), (0.6, -0.4), (0, -0.42)]), colour)
        canvas.box(-1.12, -0.72, 2.24, 0.4, deep, round_by=0.18)
        canvas.oval(0, -1.56, 0.28, fill=lighter(colour, 0.6))
    elif hat == "straw":
        canvas.oval(0, -0.62, 1.75, 0.34, fill=colour)
        canvas.blob(mirrored([(0, -1.5), (0.6, -1.36), (0.86, -0.72), (0, -0.6)]), colour)
        canvas.box(-0.86, -0.96, 1.72, 0.26, deep)
    elif hat == "witch":
        canvas.oval(0, -0.66, 1.8, 0.32, fill=colour)
        canvas.shape([(-0.86, -0.72), (-0.3, -1.7), (0.36, -2.3), (0.3, -1.7), (0.86, -0.72)], colour)
        canvas.box(-0.84, -0.98, 1.68, 0.26, deep)
        canvas.box(-0.18, -1.02, 0.36, 0.34, GOLD)
    elif hat == "headphones":
        canvas.line([(-1.08, 0.0), (-0.96, -0.8), (0, -1.32), (0.96, -0.8), (1.08, 0.0)], 0.18, deep)
        for side in (-1, 1):
            canvas.oval(side * 1.08, 0.16, 0.28, 0.38, fill=colour)
    elif hat == "bow":
        for side in (-1, 1):
            canvas.blob([(0.6, -1.06), (0.6 + side * 0.52, -1.46), (0.6 + side * 0.56, -0.76)], colour)
        canvas.oval(0.6, -1.08, 0.16, fill=deep)
    elif hat == "crown":
        canvas.shape(
            [(-0.7, -0.86), (-0.84, -1.6), (-0.4, -1.22), (0, -1.74), (0.4, -1.22), (0.84, -1.6), (0.7, -0.86)], colour
        )
        canvas.box(-0.7, -1.0, 1.4, 0.18, deep)
