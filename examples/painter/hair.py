"""Hair: the part behind the head and the part in front of it, style by style. Knows no faces."""

from __future__ import annotations

import math

from examples.painter.canvas import Canvas, Colour, darker, lighter, mirrored

STYLES = ("short", "bob", "long", "ponytail", "twintails", "bun", "curly", "spiky", "braids", "bald")


def draw_hair_behind(canvas: Canvas, style: str, colour: Colour) -> None:
    """What hangs down behind neck and shoulders."""
    deep = darker(colour, 0.16)
    if style == "long":
        canvas.blob(
            mirrored([(0, -1.15), (0.9, -0.9), (1.28, 0.2), (1.42, 1.5), (1.3, 2.6), (0.7, 2.75), (0, 2.5)]), deep
        )
    elif style == "bob":
        canvas.blob(mirrored([(0, -1.15), (0.92, -0.9), (1.22, 0.1), (1.28, 0.85), (0.9, 1.16), (0, 1.1)]), deep)
    elif style == "ponytail":
        canvas.blob([(0.5, -0.95), (1.2, -1.12), (1.78, -0.5), (1.82, 0.6), (1.5, 1.7), (1.3, 0.9), (1.1, 0.0)], deep)
    elif style == "twintails":
        for side in (-1, 1):
            canvas.blob([(side * x, y) for x, y in ((0.75, -0.55), (1.3, -0.8), (1.85, 0.1), (1.8, 1.3), (1.5, 2.1),
                                                    (1.3, 1.2), (1.05, 0.2))], deep)  # fmt: skip
            canvas.oval(side * 0.98, -0.5, 0.2, fill=(250, 245, 240))
    elif style == "bun":
        canvas.oval(0, -1.38, 0.56, 0.5, fill=deep)
        canvas.oval(-0.12, -1.5, 0.26, 0.18, fill=lighter(colour, 0.14))
    elif style == "curly":
        for k in range(11):
            turn = math.pi * (0.86 + k * 0.128)
            canvas.oval(1.02 * math.cos(turn), 0.02 + 1.02 * math.sin(turn), 0.5, fill=deep)
        for side in (-1, 1):
            canvas.oval(side * 1.14, 0.6, 0.42, fill=deep)
    elif style == "braids":
        canvas.blob(mirrored([(0, -1.1), (0.9, -0.85), (1.1, 0.1), (1.0, 0.7), (0, 0.9)]), deep)


def draw_hair_front(canvas: Canvas, style: str, colour: Colour, *, behind: bool = False) -> None:
    """The cap of hair with its fringe, and what falls over the shoulders. `behind`: seen from the back."""
    if style == "bald":
        return
    shine = lighter(colour, 0.26)
    if not behind:
        canvas.blob(_FRINGES[style], colour, parts=5 if style != "spiky" else 1)
    if style == "spiky":
        canvas.shape([(-1.1, 0.1), (-1.5, -0.5), (-1.06, -0.55), (-1.26, -1.2),
                      (-0.66, -0.98), (-0.56, -1.66), (-0.05, -1.12), (0.4, -1.72), (0.58, -1.02),
                      (1.18, -1.28), (1.04, -0.58), (1.5, -0.56), (1.1, 0.1),
                      (0.92, -0.28), (0.5, -0.6), (0.0, -0.5), (-0.5, -0.6), (-0.92, -0.28)], colour)  # fmt: skip
    elif style == "curly":
        for k in range(8):
            turn = math.pi * (1.06 + k * 0.126)
            canvas.oval(0.86 * math.cos(turn), -0.1 + 0.84 * math.sin(turn), 0.36, fill=colour)
        canvas.oval(0.1, -0.62, 0.42, fill=colour)
        canvas.oval(-0.4, -1.06, 0.16, 0.1, fill=shine)
        return
    elif style == "braids":
        for side in (-1, 1):
            for k in range(5):
                canvas.oval(
                    side * (1.0 + 0.04 * k), 0.72 + 0.4 * k, 0.3 - 0.02 * k, 0.26, fill=colour if k % 2 else shine
                )
            canvas.oval(side * 1.18, 2.66, 0.14, fill=(230, 70, 80))
    elif style == "long" and not behind:
        for side in (-1, 1):
            canvas.blob([(side * x, y) for x, y in ((0.8, -0.5), (1.06, -0.1), (1.2, 0.9), (1.22, 1.9), (0.98, 2.2),
                                                    (0.96, 1.1), (0.88, 0.3))], colour)  # fmt: skip
    canvas.line([(-0.62, -0.72), (-0.3, -0.9), (0.12, -0.96)], 0.11, shine)


def _fringe(low: list[tuple[float, float]], temple: float = 0.2) -> list[tuple[float, float]]:
    """Over the top of the head from ear to ear, then back along the lower edge."""
    return [(-0.98, temple), (-1.1, -0.3), (-0.82, -0.92), (0, -1.22), (0.82, -0.92), (1.1, -0.3), (0.98, temple), *low]


_SWEPT = [(0.84, -0.16), (0.62, -0.42), (0.2, -0.3), (-0.3, -0.34), (-0.72, -0.3), (-0.86, -0.1)]
_STRAIGHT = [(0.88, -0.02), (0.76, -0.22), (0.3, -0.24), (-0.3, -0.24), (-0.76, -0.22), (-0.88, -0.02)]
_PARTED = [(0.88, 0.1), (0.78, -0.2), (0.4, -0.5), (0.0, -0.74), (-0.4, -0.5), (-0.78, -0.2), (-0.88, 0.1)]
_SIDE = [(0.9, 0.14), (0.74, -0.12), (0.3, -0.34), (-0.3, -0.62), (-0.6, -0.52), (-0.8, -0.2), (-0.9, 0.1)]

_FRINGES = {
    "short": _fringe(_SWEPT, 0.06),
    "bob": _fringe(_STRAIGHT, 0.5),
    "long": _fringe(_SIDE, 0.4),
    "ponytail": _fringe(_SIDE, 0.06),
    "twintails": _fringe(_STRAIGHT, 0.3),
    "bun": _fringe(_PARTED, 0.12),
    "curly": _fringe(_STRAIGHT, 0.1),
    "spiky": _fringe(_SWEPT, 0.06),
    "braids": _fringe(_PARTED, 0.5),
}
