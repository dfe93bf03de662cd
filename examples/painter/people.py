"""A character, drawn from a plain description. Heads, hair, clothes and things have their own files.

The unit is the radius of the head, the origin its middle. Knows no places and no captions.
"""

from __future__ import annotations

from examples.painter.canvas import COLOURS, WHITE, Canvas, Colour, Point, darker, mirrored, mix
from examples.painter.clothes import draw_hat, draw_outfit, draw_scarf, sleeve
from examples.painter.hair import draw_hair_behind, draw_hair_front
from examples.painter.heads import draw_head
from examples.painter.looks import BEASTS, WIDTHS, Look, Stance
from examples.painter.things import draw_thing


def draw_person(canvas: Canvas, look: Look, stance: Stance | None = None) -> None:
    stance = stance or Stance()
    behind = stance.view == "behind"
    width = WIDTHS[look.build]
    if stance.pose == "sitting":
        _draw_seat(canvas)
    if look.kind not in BEASTS and look.kind != "robot" and not behind:
        draw_hair_behind(canvas, look.style, look.hair_colour)
    _draw_body(canvas, look, stance, width)
    if look.scarf:
        draw_scarf(canvas, COLOURS[look.scarf])
    draw_head(canvas, look, stance)
    if look.kind not in BEASTS and look.kind != "robot":
        if behind:
            canvas.blob(mirrored([(0, -1.2), (0.8, -0.92), (1.06, -0.1), (0.98, 0.55), (0.5, 0.86), (0, 0.9)]),
                        look.hair_colour)  # fmt: skip
            draw_hair_behind(canvas, look.style, look.hair_colour)
        draw_hair_front(canvas, look.style, look.hair_colour, behind=behind)
    if look.hat:
        draw_hat(canvas, look.hat, COLOURS[look.hat_colour])


def _draw_seat(canvas: Canvas) -> None:
    """The back of a chair, behind the shoulders."""
    canvas.box(-1.62, 0.95, 3.24, 3.4, (150, 96, 60), round_by=0.4)
    for x in (-1.3, -0.36, 0.58):
        canvas.box(x, 1.3, 0.72, 2.8, (186, 128, 82), round_by=0.2)


# -- body --------------------------------------------------------------------------------------------


def _draw_body(canvas: Canvas, look: Look, stance: Stance, width: float) -> None:
    skin, cloth = look.skin_colour, COLOURS[look.cloth]
    for side in (-1, 1):  # legs and shoes
        canvas.box(side * width * 0.42 - 0.3, 3.2, 0.6, 2.0, mix(darker(cloth, 0.45), (60, 62, 84), 0.55))
        canvas.oval(side * (width * 0.42 + 0.06), 5.2, 0.46, 0.26, fill=(74, 54, 58))
    if look.kind in BEASTS:
        _draw_tail(canvas, look, width)
    canvas.box(-0.3, 0.75, 0.6, 0.95, darker(skin, 0.2))
    left, right = _arms(stance, width, bool(look.carries))
    bare, arm = skin, sleeve(look.outfit, cloth)
    raised = [points for points in (left, right) if points[-1][1] < 1.6]
    for points in raised:
        _draw_arm(canvas, points, arm, bare, look.outfit)
    draw_outfit(canvas, look.outfit, cloth, width, skin, front=stance.view != "behind")
    for points in (left, right):
        if points not in raised:
            _draw_arm(canvas, points, arm, bare, look.outfit)
    if look.carries:
        x, y = left[-1]
        draw_thing(canvas.at(x, y), look.carries, COLOURS[look.carries_colour], held=True)
        canvas.oval(x, y, 0.24, fill=bare)


def _arms(stance: Stance, width: float, carries: bool) -> tuple[list[Point], list[Point]]:
    """Shoulder, elbow and hand on either side, as the viewer sees them."""
    down = [(width * 0.86, 1.82), (width + 0.16, 2.6), (width + 0.1, 3.3)]
    up = [(width * 0.86, 1.85), (width + 0.62, 1.9), (width + 0.78, 0.9)]
    hip = [(width * 0.86, 1.82), (width + 0.66, 2.5), (width * 0.72, 2.96)]
    holding = [(width * 0.86, 1.82), (width + 0.34, 2.55), (width + 0.42, 2.02)]
    lap = [(width * 0.86, 1.82), (width + 0.2, 2.62), (0.42, 3.0)]
    right = {"sitting": lap, "standing": down, "waving": up, "cheering": up, "hips": hip}[stance.pose]
    left = {"sitting": lap, "standing": down, "waving": down, "cheering": up, "hips": hip}[stance.pose]
    if carries:
        left = holding
    return [(-x, y) for x, y in left], right


def _draw_arm(canvas: Canvas, points: list[Point], arm: Colour, bare: Colour, outfit: str) -> None:
    canvas.oval(*points[-1], 0.25, fill=bare)
    if outfit in ("shirt", "dress", "overalls"):
        canvas.line(points, 0.36, bare)
        canvas.line(points[:2], 0.52, arm)
    else:
        (ax, ay), (bx, by) = points[1], points[2]
        canvas.line([points[0], points[1], (ax + (bx - ax) * 0.75, ay + (by - ay) * 0.75)], 0.5, arm)


def _draw_tail(canvas: Canvas, look: Look, width: float) -> None:
    colour = look.hair_colour
    if look.kind in ("cat", "dragon"):
        canvas.line([(width * 0.6, 3.3), (width + 0.9, 3.2), (width + 1.0, 2.2), (width + 1.3, 1.8)], 0.3, colour)
    elif look.kind == "fox":
        canvas.blob([(width * 0.5, 3.4), (width + 0.7, 3.3), (width + 1.4, 2.3), (width + 1.2, 1.3),
                     (width + 0.7, 2.0), (width * 0.6, 2.7)], colour)  # fmt: skip
        canvas.blob([(width + 1.36, 2.2), (width + 1.2, 1.3), (width + 0.86, 1.85), (width + 1.1, 2.1)], WHITE)
