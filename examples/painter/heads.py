"""Heads and faces. The unit is the radius of the head, the origin its middle. Knows no hair, clothes and bodies."""

from __future__ import annotations

from examples.painter.canvas import INK, WHITE, Canvas, Colour, darker, lighter, mirrored, mix
from examples.painter.looks import BEASTS, EYES, Look, Stance


def draw_head(canvas: Canvas, look: Look, stance: Stance) -> None:
    skin = look.skin_colour
    shift = {"left": -0.24, "right": 0.24}.get(stance.view, 0.0)
    behind = stance.view == "behind"
    if look.kind == "robot":
        _draw_robot(canvas, look, stance, shift)
        return
    _draw_ears(canvas, look, skin)
    if look.kind in BEASTS:
        canvas.blob(mirrored([(0, -0.98), (0.62, -0.86), (1.04, -0.05), (1.08, 0.42), (0.6, 0.92), (0, 1.02)]), skin)
    else:
        canvas.blob(mirrored([(0, -1.0), (0.64, -0.84), (0.95, -0.15), (0.9, 0.36), (0.56, 0.84), (0, 1.06)]), skin)
    if behind:
        return
    if look.kind in BEASTS:
        _draw_muzzle(canvas, look, shift)
    elif look.beard:
        canvas.blob(mirrored([(0, 0.5), (0.6, 0.42), (0.93, 0.05), (0.88, 0.6), (0.5, 1.16), (0, 1.34)]),
                    darker(look.hair_colour, 0.1))  # fmt: skip
        canvas.oval(shift, 0.62, 0.3, 0.16, fill=skin)
    face = canvas.at(shift, 0)
    for side in (-1, 1):
        canvas.oval(shift + side * 0.56, 0.5, 0.17, 0.1, fill=mix(skin, (250, 96, 96), 0.3))
        if look.freckles:
            for dx, dy in ((-0.1, 0.36), (0.06, 0.4), (0.0, 0.3)):
                face.oval(side * (0.5 + dx), dy, 0.035, fill=darker(skin, 0.35))
    _draw_eyes(face, look, stance.mood)
    if look.kind not in BEASTS:
        face.line([(-0.03, 0.42), (0.05, 0.44)], 0.07, darker(skin, 0.28))
        _draw_mouth(face, stance.mood, 0.64, skin)


def _draw_eyes(face: Canvas, look: Look, mood: str) -> None:
    iris = EYES[look.eyes]
    for side in (-1, 1):
        x = side * 0.4
        if mood in ("asleep", "laughing"):
            bend = 0.1 if mood == "asleep" else -0.14
            face.line([(x - 0.2, 0.16), (x, 0.16 + bend), (x + 0.2, 0.16)], 0.085, INK)
        else:
            tall = 0.3 if mood == "surprised" else 0.26
            face.oval(x, 0.14, 0.22, tall + 0.02, fill=INK)
            face.oval(x, 0.17, 0.19, tall - 0.02, fill=WHITE)
            face.oval(x, 0.16, 0.175, tall - 0.02, fill=iris)
            face.oval(x, 0.17, 0.085, 0.13, fill=mix(iris, INK, 0.8))
            face.oval(x - 0.07, 0.04, 0.07, 0.08, fill=WHITE)
        lift, raised = (0.1 if mood == "sad" else 0.0), (0.1 if mood == "surprised" else 0.0)
        brow = [(x - side * 0.2, -0.26 - lift - raised), (x, -0.32 - raised), (x + side * 0.2, -0.25 + lift - raised)]
        if look.kind not in BEASTS:
            face.line(brow, 0.07, darker(look.hair_colour, 0.4) if look.style != "bald" else INK)
        if look.glasses:
            face.oval(x, 0.15, 0.35, 0.37, fill=INK)
            face.oval(x, 0.15, 0.28, 0.3, fill=(222, 240, 250))
            face.oval(x, 0.17, 0.15, 0.2, fill=iris)
            face.oval(x, 0.18, 0.07, 0.1, fill=INK)
            face.oval(x - 0.06, 0.08, 0.05, 0.06, fill=WHITE)
    if look.glasses:
        face.line([(-0.12, 0.12), (0.12, 0.12)], 0.08, INK)


def _draw_mouth(face: Canvas, mood: str, y: float, skin: Colour) -> None:
    lip = mix(darker(skin, 0.5), (170, 50, 60), 0.4)
    if mood == "laughing":
        face.blob(
            [(-0.3, y - 0.08), (0, y - 0.04), (0.3, y - 0.08), (0.16, y + 0.18), (-0.16, y + 0.18)], (150, 40, 54)
        )
        face.oval(0, y + 0.13, 0.12, 0.06, fill=(244, 130, 130))
    elif mood == "surprised":
        face.oval(0, y + 0.04, 0.11, 0.14, fill=(150, 40, 54))
    else:
        bend = {"sad": -0.1, "asleep": 0.03}.get(mood, 0.11)
        face.line([(-0.2, y), (0, y + bend), (0.2, y)], 0.075, lip)


def _draw_ears(canvas: Canvas, look: Look, skin: Colour) -> None:
    inner = mix(skin, (250, 150, 150), 0.45)
    for side in (-1, 1):
        if look.kind in ("cat", "fox"):
            tall = -1.5 if look.kind == "cat" else -1.72
            canvas.shape([(side * 0.98, -0.25), (side * 1.0, tall), (side * 0.2, -0.85)], skin)
            canvas.shape([(side * 0.84, -0.5), (side * 0.88, tall + 0.34), (side * 0.42, -0.82)], inner)
        elif look.kind == "rabbit":
            canvas.oval(side * 0.45, -1.5, 0.28, 0.85, fill=skin)
            canvas.oval(side * 0.45, -1.45, 0.14, 0.6, fill=inner)
        elif look.kind == "bear":
            canvas.oval(side * 0.78, -0.8, 0.36, fill=skin)
            canvas.oval(side * 0.78, -0.78, 0.2, fill=inner)
        elif look.kind == "dragon":
            horn = [
                (side * 0.4, -0.8),
                (side * 0.62, -1.3),
                (side * 1.0, -1.62),
                (side * 0.86, -1.1),
                (side * 0.78, -0.6),
            ]
            canvas.blob(horn, (250, 226, 170))
        elif look.kind == "elf":
            canvas.shape([(side * 0.84, -0.1), (side * 1.66, -0.36), (side * 0.86, 0.46)], skin)
            canvas.shape([(side * 0.9, 0.02), (side * 1.42, -0.22), (side * 0.92, 0.32)], inner)
        else:
            canvas.oval(side * 0.94, 0.2, 0.18, 0.24, fill=skin)
            canvas.oval(side * 0.95, 0.22, 0.09, 0.13, fill=inner)


def _draw_muzzle(canvas: Canvas, look: Look, shift: float) -> None:
    pale = lighter(look.hair_colour, 0.72)
    if look.kind == "fox":
        canvas.blob(mirrored([(0, 0.26), (0.4, 0.4), (1.04, 0.3), (0.6, 0.9), (0, 1.02)]), WHITE)
    elif look.kind == "dragon":
        canvas.oval(shift, 0.62, 0.56, 0.34, fill=pale)
        for x in (-0.36, 0.0, 0.36):
            canvas.shape([(x - 0.16, -0.9), (x, -1.3 if x == 0 else -1.12), (x + 0.16, -0.9)], darker(look.hair_colour))
    else:
        canvas.oval(shift, 0.6, 0.46, 0.34, fill=pale)
    nose = (70, 50, 60) if look.kind != "rabbit" else (240, 130, 150)
    canvas.oval(shift, 0.44, 0.14, 0.1, fill=nose)
    canvas.line([(shift - 0.18, 0.7), (shift - 0.06, 0.76), (shift, 0.64), (shift + 0.06, 0.76), (shift + 0.18, 0.7)],
                0.06, (90, 50, 60))  # fmt: skip


def _draw_robot(canvas: Canvas, look: Look, stance: Stance, shift: float) -> None:
    shell = look.skin_colour
    canvas.line([(0, -0.9), (0, -1.35)], 0.12, darker(shell, 0.4))
    canvas.oval(0, -1.42, 0.18, fill=(250, 90, 80))
    for side in (-1, 1):
        canvas.box(side * 1.04 - 0.16, -0.15, 0.32, 0.6, darker(shell, 0.4), round_by=0.1)
    canvas.box(-1.0, -0.95, 2.0, 1.9, shell, round_by=0.36)
    canvas.box(-0.86, -0.82, 1.72, 0.3, lighter(shell, 0.4), round_by=0.14)
    if stance.view == "behind":
        return
    canvas.box(shift - 0.72, -0.36, 1.44, 1.06, (38, 44, 66), round_by=0.28)
    for side in (-1, 1):
        if stance.mood in ("asleep", "laughing"):
            canvas.line(
                [(shift + side * 0.34 - 0.14, 0.0), (shift + side * 0.34 + 0.14, 0.0)], 0.1, lighter(EYES[look.eyes])
            )
        else:
            canvas.oval(shift + side * 0.34, 0.02, 0.17, 0.21, fill=lighter(EYES[look.eyes], 0.25))
            canvas.oval(shift + side * 0.34 - 0.05, -0.06, 0.06, fill=WHITE)
    bend = -0.1 if stance.mood == "sad" else 0.12
    canvas.line([(shift - 0.22, 0.42), (shift, 0.42 + bend), (shift + 0.22, 0.42)], 0.08, (170, 240, 240))
