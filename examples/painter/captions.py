"""Say in words what a label shows, in the program's own form: the fixed appearance first, then the scene.

What goes without saying may be left out (light skin, brown eyes, short hair, noon, sun): a painter that is told
nothing about them then paints these, always the same. The colour of a thing is always said: the tokenizer adds the
usual one where it is not. Knows no pixels.
"""

from __future__ import annotations

import random

from examples.painter.draw import Label
from examples.painter.looks import Look
from examples.painter.words import COLOURS, HATS, OTHERS, OUTFITS, PLACES, SKINS, THINGS, Words

MEDIA = ("Flat cartoon drawing", "Flat colour drawing", "Cel animation still", "Gouache illustration", "Simple picture",
         "Ink and watercolour drawing", "Storybook illustration", "Soft digital painting")  # fmt: skip
_COATS = {"robot": ("metal", "shell", "plating"), "dragon": ("scales",)}
_BUILDS = {
    "slim": ("", "slim ", "tall "),
    "sturdy": ("sturdy ", "stocky ", "broad-shouldered "),
    "small": ("small ", "petite ", "small and wiry "),
}
_PEOPLE = ("character", "person", "figure", "girl", "boy", "woman", "man")
_HAIR = {
    "short": ("short {} hair", "{} hair cut short", "short, neat {} hair"),
    "long": ("long {} hair", "long straight {} hair", "{} hair, long and straight"),
    "bob": ("{} hair in a bob", "a {} bob", "shoulder-length {} hair"),
    "ponytail": ("a {} ponytail", "long {} hair in a ponytail", "{} hair in a ponytail", "tied-back {} hair"),
    "twintails": ("{} twin tails", "{} hair in pigtails", "long {} hair in twin tails"),
    "bun": ("{} hair in a bun", "a {} bun", "pinned-up {} hair"),
    "curly": ("curly {} hair", "a {} afro", "short curly {} hair", "long curly {} hair", "wavy {} hair"),
    "spiky": ("spiky {} hair", "short spiky {} hair", "tousled {} hair", "{} hair, messy and spiky"),
    "braids": ("{} braids", "{} hair in two braids", "long {} braids", "braided {} hair"),
    "bald": ("a bald head and {} brows", "{} brows, bald"),
}


def _word(table: Words, token: str, rng: random.Random, among: int = 3) -> str:
    return rng.choice(table[token][:among])


def _a(text: str) -> str:
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def _colour(colour: str, rng: random.Random) -> str:
    return colour if rng.random() < 0.7 else _word(COLOURS, colour, rng)


def appearance(look: Look, rng: random.Random, *, carries: bool = True) -> str:
    """One sentence about what stays the same."""
    hair, human = _colour(look.hair, rng), look.kind in ("human", "elf")
    who = _word(OTHERS, "elf", rng, 1) if look.kind == "elf" else rng.choice(_PEOPLE) if human else look.kind
    build = rng.choice(_BUILDS[look.build])
    coat = rng.choice(_COATS.get(look.kind, ("fur",)))
    style = "{} hair" if look.style == "short" and rng.random() < 0.35 else rng.choice(_HAIR[look.style])
    first = style.format(hair) if human else f"{hair} {coat}"
    rest = [f"{_colour(look.eyes, rng)} eyes"] if look.eyes != "brown" or rng.random() < 0.5 else []
    if human and (look.skin != "light" or rng.random() < 0.4):
        rest.append(f"{_word(SKINS, look.skin, rng)} skin")
    rest += [word for word in ("glasses", "freckles", "beard") if getattr(look, word)]
    worn = [f"wearing {_a(f'{_colour(look.cloth, rng)} {_word(OUTFITS, look.outfit, rng)}')}"]
    if look.hat:
        worn.append(_a(f"{_colour(look.hat_colour, rng)} {_word(HATS, f'hat_{look.hat}', rng, 2)}"))
    if look.scarf:
        worn.append(_a(f"{_colour(look.scarf, rng)} {_word(OTHERS, 'scarf', rng, 2)}"))
    if look.carries and carries:
        verb = rng.choice(("carrying ", "holding ", "with ", "always with ", ""))
        worn.append(verb + _a(f"{_colour(look.carries_colour, rng)} {_word(THINGS, _thing(look.carries), rng)}"))
    rng.shuffle(rest)
    start = f"{rng.choice(MEDIA)} of {_a(build + who)} with {first}"
    order = rng.random()
    if order < 0.75:
        return f"{start} {'and ' if rest else ''}{', '.join([*rest, *worn])}."
    if order < 0.9:
        return f"{rng.choice(MEDIA)} of {_a(build + who)}, {', '.join([*worn, first, *rest])}."
    return f"{start}, {', '.join([*worn, *rest])}."


def _thing(name: str) -> str:
    return {"cat": "pet_cat", "glass": "lens"}.get(name, name)


def scene(label: Label, rng: random.Random, *, holds: bool = False) -> str:
    """What changes from picture to picture, in ordinary words."""
    stance, light = label.stance, label.light
    doing = [stance.pose] if stance.pose not in ("standing", "hips") else ["standing"]
    if stance.pose == "hips":
        doing = ["hands on hips"]
    if stance.mood != "smiling":
        doing.append(_word(OTHERS, stance.mood, rng, 2))
    if holds:
        doing.append(f"holding {_a(f'{label.look.carries_colour} {_word(THINGS, _thing(label.look.carries), rng)}')}")
    where = f"{rng.choice(('in', 'at', 'on'))} {rng.choice(('a', 'the', 'her', 'a quiet'))}"
    parts = [" and ".join(doing), f"{where} {_word(PLACES, label.place, rng)}"]
    if light.hour != "noon" or rng.random() < 0.75:
        parts.append(f"{rng.choice(('in the', 'at', 'in the early'))} {_word(OTHERS, light.hour, rng)}")
    if light.weather != "sunny" or rng.random() < 0.5:
        parts.append(f"{_word(OTHERS, light.weather, rng)} {rng.choice(('weather', 'outside', ''))}".strip())
    if stance.view != "front":
        parts.append(_word(OTHERS, f"view_{stance.view}", rng))
    if label.framing != "middle" or rng.random() < 0.3:
        parts.append({"middle": "medium shot"}.get(label.framing) or _word(OTHERS, f"shot_{label.framing}", rng))
    if label.thing:
        thing = _a(f"{label.thing_colour} {_word(THINGS, _thing(label.thing), rng)}")
        parts.append(f"{thing} {rng.choice(('on the table', 'beside', 'nearby', ''))}".strip())
    if rng.random() < 0.4:
        rng.shuffle(parts)
    return f"{rng.choice(('', 'She is ', 'He is '))}{', '.join(parts)}."


def caption(label: Label, rng: random.Random) -> str:
    """A prompt for this picture, said one way of many."""
    in_scene = bool(label.look.carries) and not label.thing and rng.random() < 0.3
    return f"{appearance(label.look, rng, carries=not in_scene)} {scene(label, rng, holds=in_scene)}"
