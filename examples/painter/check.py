"""Read attributes back from pictures: how often does the painter paint what the prompt says?

    python -m examples.painter.check                  the checker on drawn pictures, the painter on held-out prompts
    python -m examples.painter.check --prompts FILE   prompts of the program's own, one a line

A prompt is read by the painter's tokenizer. To read one attribute of a picture, the picture that the prompt asks
for is drawn once with every value of the attribute; the value of the nearest drawing is what the picture shows.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from examples.painter.canvas import COLOURS
from examples.painter.captions import appearance, caption, scene
from examples.painter.draw import FRAMINGS, Label, draw, random_label
from examples.painter.hair import STYLES
from examples.painter.light import HOURS, WEATHERS, Light
from examples.painter.looks import EYES, KINDS, MOODS, POSES, SKINS, VIEWS, Look, Stance
from examples.painter.words import HATS, OUTFITS, PLACES, THINGS, tokenizer

MODEL = Path(__file__).parent / "model"
STEPS, GUIDANCE = 12, 3.0
AIMS = {"place": 0.97, "hour": 0.97, "outfit colour": 0.97, "hair colour": 0.97, "hair style": 0.90}
_SIZE = 128


def read_prompt(prompt: str) -> Label:
    """What a prompt asks for, as the painter reads it."""
    words = tokenizer(400)
    tokens = words.convert_ids_to_tokens(words(prompt).input_ids)[1:-1]
    fixed = tokens[: tokens.index(".")] if "." in tokens else tokens

    def first(values: Iterable[str], default: str, prefix: str = "", among: list[str] = tokens) -> str:
        known = {prefix + value: value for value in values}
        return next((known[token] for token in among if token in known), default)

    carried = first(THINGS, "", among=fixed)
    later = tokens[len(fixed) :]
    look = Look(
        kind="cat" if "kind_cat" in tokens else first(KINDS, "human"),
        build=first(("sturdy", "small"), "slim", "build_"),
        skin=first(SKINS, "light", "skin_"),
        hair=first(COLOURS, "brown", "hair_"),
        style=first(
            [s for s in STYLES if s not in ("long", "short")], first(("long", "short"), "short", "style_"), "style_"
        ),
        eyes=first(EYES, "brown", "eyes_"),
        outfit=first(OUTFITS, "shirt"),
        cloth=first(COLOURS, "blue", "cloth_"),
        glasses="glasses" in tokens,
        beard="beard" in tokens,
        freckles="freckles" in tokens,
        hat=first([h.removeprefix("hat_") for h in HATS], "", "hat_"),
        hat_colour=first(COLOURS, "red", "hat_"),
        scarf=first(COLOURS, "red", "scarf_") if "scarf" in tokens else "",
        carries=_thing(carried),
        carries_colour=first(COLOURS, "red", "item_", fixed),
    )
    thing = first(THINGS, "", among=later)
    if thing and not carried and "holding" in later and later.index("holding") < later.index(thing):
        look = replace(look, carries=_thing(thing), carries_colour=first(COLOURS, "red", "item_", later))
        thing = ""
    pose = "hips" if "pose_hips" in tokens else first(POSES, "standing")
    return Label(
        look=look,
        stance=Stance(first(MOODS, "smiling"), pose, first(VIEWS, "front", "view_")),
        place=first(PLACES, "garden"),
        light=Light(first(HOURS, "noon"), first(WEATHERS, "sunny")),
        framing=first(FRAMINGS, "middle", "shot_"),
        thing=_thing(thing),
        thing_colour=first(COLOURS, "red", "item_", later),
    )


def _thing(token: str) -> str:
    return {"pet_cat": "cat", "lens": "glass"}.get(token, token)


def _with(label: Label, attribute: str, value: str) -> Label:
    if attribute == "place":
        return replace(label, place=value)
    if attribute == "hour":
        return replace(label, light=replace(label.light, hour=value))
    if attribute == "outfit colour":
        return replace(label, look=replace(label.look, cloth=value))
    if attribute == "hair colour":
        return replace(label, look=replace(label.look, hair=value))
    return replace(label, look=replace(label.look, style=value))


def asked(label: Label, attribute: str) -> str:
    """The value that the label has; "" where it cannot be seen."""
    look = label.look
    bare = look.style == "bald" or look.kind not in ("human", "elf")
    return {
        "place": label.place,
        "hour": label.light.hour,
        "outfit colour": look.cloth,
        "hair colour": "" if look.style == "bald" and look.kind in ("human", "elf") else look.hair,
        "hair style": "" if bare and look.style != "bald" else look.style,
    }[attribute]


_VALUES: dict[str, tuple[str, ...]] = {
    "place": tuple(PLACES),
    "hour": HOURS,
    "outfit colour": tuple(COLOURS),
    "hair colour": tuple(COLOURS),
    "hair style": STYLES,
}


def seen(picture: Image.Image, label: Label, attribute: str) -> str:
    """The value of this attribute that the picture shows, all else being as the label says."""
    pixels = np.asarray(picture.convert("RGB").resize((_SIZE, _SIZE)), np.int16)

    def far(value: str) -> float:
        drawn = np.asarray(draw(_with(label, attribute, value), _SIZE, random.Random(1), finer=1), np.int16)
        return float(np.abs(pixels - drawn).mean())

    return min(_VALUES[attribute], key=far)


Painter = Callable[[list[str], list[int]], list[Image.Image]]


def measure(labels: list[Label], pictures: list[Image.Image]) -> dict[str, tuple[int, int, Counter[str]]]:
    """For each attribute: how many are right, of how many, and which were taken for which."""
    found: dict[str, tuple[int, int, Counter[str]]] = {}
    for attribute in AIMS:
        right, of, wrong = 0, 0, Counter[str]()
        for label, picture in zip(labels, pictures, strict=True):
            if value := asked(label, attribute):
                shown = seen(picture, label, attribute)
                right, of = right + (shown == value), of + 1
                if shown != value:
                    wrong[f"{value} shown as {shown}"] += 1
        found[attribute] = (right, of, wrong)
    return found


def report(title: str, found: dict[str, tuple[int, int, Counter[str]]]) -> None:
    print(title)
    for attribute, (right, of, wrong) in found.items():
        share = right / max(1, of)
        often = ", ".join(f"{what} x{count}" for what, count in wrong.most_common(4))
        print(f"  {attribute:14} {right:4} of {of:4}  {share:6.1%}  (aim {AIMS[attribute]:.0%})  {often}")


def load_painter(model: Path, threads: int) -> Painter:
    """The saved model, through the same call as any other model."""
    import torch
    from diffusers import DiffusionPipeline

    torch.set_num_threads(threads)
    pipe = DiffusionPipeline.from_pretrained(model)
    pipe.set_progress_bar_config(disable=True)

    def paint(prompts: list[str], seeds: list[int]) -> list[Image.Image]:
        made: list[Image.Image] = []
        for k in range(0, len(prompts), 8):
            noise = [torch.Generator().manual_seed(seed) for seed in seeds[k : k + 8]]
            made += pipe(prompts[k : k + 8], num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=noise).images
        return made

    return paint


def _labels(seed: str) -> Iterator[Label]:
    """Labels of the places that the painter knows; they come from other seeds than its training pictures."""
    rng = random.Random(seed)
    while True:
        label = replace(random_label(rng), stance=Stance(), framing="middle")
        if label.place in PLACES:
            yield label


def held_out(count: int) -> list[str]:
    rng = random.Random("captions")
    return [caption(label, rng) for label in islice(_labels("held out"), count)]


def constancy(paint: Painter, characters: int) -> tuple[int, int]:
    """The same character in ten places: how many pictures keep hair colour, hair style and outfit colour."""
    rng, kept, of = random.Random("constancy"), 0, 0
    labels = _labels("constancy")
    for _ in range(characters):
        look = next(labels).look
        fixed = appearance(look, rng)
        prompts = [f"{fixed} {scene(replace(label, look=look), rng)}" for label in islice(labels, 10)]
        for prompt, picture in zip(prompts, paint(prompts, [rng.randrange(2**31) for _ in prompts]), strict=True):
            label = read_prompt(prompt)
            wanted = {a: asked(label, a) for a in ("hair colour", "hair style", "outfit colour")}
            kept += all(not value or seen(picture, label, a) == value for a, value in wanted.items())
            of += 1
    return kept, of


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the painter.")
    parser.add_argument("--count", type=int, default=100, help="held-out prompts")
    parser.add_argument("--prompts", type=Path, help="a file of prompts, one a line, instead")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    prompts = args.prompts.read_text(encoding="utf-8").splitlines() if args.prompts else held_out(args.count)
    labels = [read_prompt(prompt) for prompt in prompts]
    drawn = [draw(label, _SIZE, random.Random(7 + k)) for k, label in enumerate(labels)]
    report(f"The checker on {len(labels)} drawn pictures", measure(labels, drawn))
    paint = load_painter(args.model, args.threads)
    started = time.perf_counter()
    pictures = [paint([prompt], [k])[0] for k, prompt in enumerate(prompts)]
    pace = (time.perf_counter() - started) / len(prompts)
    report(
        f"The painter on {len(labels)} held-out prompts, {pace:.2f} s a picture on {args.threads} thread",
        measure(labels, pictures),
    )
    kept, of = constancy(paint, 10)
    share = f"{kept} of {of} pictures, {kept / of:.1%} (aim 95%)"
    print(f"  the same character in ten places keeps hair and outfit in {share}")


if __name__ == "__main__":
    main()
