"""What is said of a character: its look, which stays, and its stance, which changes. Knows no shapes."""

from __future__ import annotations

from dataclasses import dataclass

from examples.painter.canvas import COLOURS, Colour, mix

SKINS: dict[str, Colour] = {
    "pale": (255, 228, 208),
    "light": (250, 208, 176),
    "tan": (226, 168, 120),
    "brown": (166, 108, 72),
    "dark": (104, 66, 50),
    "green": (150, 204, 120),
    "blue": (150, 192, 236),
    "purple": (196, 160, 224),
}
EYES: dict[str, Colour] = {
    "brown": (120, 70, 36),
    "blue": (48, 124, 226),
    "green": (48, 158, 78),
    "gray": (120, 134, 148),
    "yellow": (232, 172, 30),
    "red": (208, 44, 48),
    "purple": (136, 74, 200),
    "black": (40, 34, 44),
}
WIDTHS = {"slim": 1.02, "sturdy": 1.42, "small": 0.9}
BEASTS = ("cat", "fox", "rabbit", "bear", "dragon")
KINDS = ("human", "elf", *BEASTS, "robot")
MOODS = ("smiling", "laughing", "sad", "surprised", "asleep")
POSES = ("standing", "waving", "cheering", "hips", "sitting")
VIEWS = ("front", "left", "right", "behind")


@dataclass(frozen=True, slots=True)
class Look:
    """What stays the same about a character. `hair` is the colour of its fur, scales or shell if it is no human."""

    kind: str = "human"
    build: str = "slim"
    skin: str = "light"
    hair: str = "brown"
    style: str = "short"
    eyes: str = "brown"
    outfit: str = "shirt"
    cloth: str = "blue"
    glasses: bool = False
    beard: bool = False
    freckles: bool = False
    hat: str = ""
    hat_colour: str = "red"
    scarf: str = ""
    carries: str = ""
    carries_colour: str = "red"

    @property
    def skin_colour(self) -> Colour:
        if self.kind == "robot":
            return mix(COLOURS[self.hair], (214, 220, 228), 0.25)
        return COLOURS[self.hair] if self.kind in BEASTS else SKINS[self.skin]

    @property
    def hair_colour(self) -> Colour:
        return COLOURS[self.hair]


@dataclass(frozen=True, slots=True)
class Stance:
    """What changes from picture to picture about the character."""

    mood: str = "smiling"
    pose: str = "standing"
    view: str = "front"
