"""Read attributes back from pictures: how often does the painter paint what the prompt says?

    python -m examples.painter.check                  the program's own prompts, then the whole vocabulary
    python -m examples.painter.check --out FOLDER     and keep the pictures, those with mistakes beside their drawings

A prompt is read by the painter's tokenizer. To read one attribute of a picture, the picture that the prompt asks
for is drawn once with every value of the attribute; the value of the nearest drawing is what the picture shows.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from examples.painter.canvas import COLOURS
from examples.painter.captions import appearance, caption, scene
from examples.painter.draw import FRAMINGS, Label, draw, random_label, sheet
from examples.painter.hair import STYLES
from examples.painter.light import HOURS, WEATHERS, Light
from examples.painter.looks import EYES, KINDS, MOODS, POSES, SKINS, VIEWS, Look, Stance
from examples.painter.prompts import SCENES, program_prompts
from examples.painter.words import HATS, OUTFITS, PLACES, THINGS, tokenizer
from images.models import find_model

KEEPS = ("hair colour", "hair style", "outfit colour")  # what stays the same about a character
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


@dataclass(frozen=True, slots=True)
class Reading:
    """One picture: what its prompt asks for and what it shows, attribute by attribute."""

    label: Label
    picture: Image.Image
    asked: dict[str, str]
    seen: dict[str, str]

    @property
    def wrong(self) -> list[str]:
        return [f"{value} shown as {self.seen[name]}" for name, value in self.asked.items() if self.seen[name] != value]

    @property
    def keeps(self) -> bool:
        return all(self.seen[name] == value for name, value in self.asked.items() if name in KEEPS)


def read(label: Label, picture: Image.Image) -> Reading:
    wanted = {name: value for name in AIMS if (value := asked(label, name))}
    return Reading(label, picture, wanted, {name: seen(picture, label, name) for name in wanted})


def report(title: str, readings: list[Reading]) -> None:
    print(title)
    for name, aim in AIMS.items():
        counted = [reading for reading in readings if name in reading.asked]
        wrong = Counter(
            f"{one.asked[name]} shown as {one.seen[name]}" for one in counted if one.asked[name] != one.seen[name]
        )
        of, right = len(counted), len(counted) - wrong.total()
        often = ", ".join(f"{what} x{count}" for what, count in wrong.most_common(4))
        print(f"  {name:14} {right:4} of {of:4}  {right / max(1, of):6.1%}  (aim {aim:.0%})  {often}")


def load_painter(model: Path, steps: int, guidance: float) -> Painter:
    """The saved model, through the same call as any other model."""
    import torch
    from diffusers import DiffusionPipeline

    torch.set_num_threads(1)
    pipe = DiffusionPipeline.from_pretrained(model)
    pipe.set_progress_bar_config(disable=True)

    def paint(prompts: list[str], seeds: list[int]) -> list[Image.Image]:
        noise = [torch.Generator().manual_seed(seed) for seed in seeds]
        made = pipe(prompts, num_inference_steps=steps, guidance_scale=guidance, generator=noise).images
        return [Image.fromarray(one) if isinstance(one, np.ndarray) else one for one in made]

    return paint


def _labels(seed: str) -> Iterator[Label]:
    """Labels of the places that the painter knows; they come from other seeds than its training pictures."""
    rng = random.Random(seed)
    while True:
        label = replace(random_label(rng), stance=Stance(), framing="middle")
        if label.place in PLACES:
            yield label


def held_out(count: int) -> list[str]:
    """Prompts of the whole vocabulary, a character each."""
    rng = random.Random("captions")
    return [caption(label, rng) for label in islice(_labels("held out"), count)]


def held_out_casts(characters: int) -> list[str]:
    """Prompts of the whole vocabulary, ten for each character."""
    rng, labels, prompts = random.Random("constancy"), _labels("constancy"), []
    for _ in range(characters):
        look = next(labels).look
        fixed = appearance(look, rng)
        prompts += [f"{fixed} {scene(replace(label, look=look), rng)}" for label in islice(labels, SCENES)]
    return prompts


def judge(title: str, prompts: list[str], paint: Painter, out: Path | None, *, cast: bool) -> None:
    """Tell how many pictures show what their prompts say. `cast`: ten prompts in a row are of one character."""
    labels = [read_prompt(prompt) for prompt in prompts]
    drawn = [read(label, draw(label, _SIZE, random.Random(7 + k))) for k, label in enumerate(labels)]
    report(f"{title}: the checker on drawn pictures of these {len(prompts)} prompts", drawn)
    pictures = [
        one
        for k in range(0, len(prompts), SCENES)
        for one in paint(prompts[k : k + SCENES], list(range(k, min(k + SCENES, len(prompts)))))
    ]
    painted = [read(label, picture) for label, picture in zip(labels, pictures, strict=True)]
    report(f"{title}: painted", painted)
    if cast:
        kept = sum(reading.keeps for reading in painted)
        print(f"  a character in ten scenes keeps hair and outfit in {kept} of {len(painted)} pictures (aim 95%)")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        sheet([one.picture for one in painted], SCENES).save(out / f"{title}.png")
        mistakes = [(one, k) for k, one in enumerate(painted) if one.wrong]
        pairs = [picture for one, k in mistakes for picture in (one.picture, drawn[k].picture)]
        if pairs:
            sheet(pairs, SCENES).save(out / f"{title}-mistakes.png")
        told = (f"{k} {'; '.join(one.wrong)}: {prompts[k]}\n" for one, k in mistakes)
        (out / f"{title}-mistakes.txt").write_text("".join(told), encoding="utf-8")


def pace(prompts: list[str], paint: Painter) -> float:
    """Seconds for a picture alone, the median of these."""
    seconds = []
    for prompt in prompts:
        started = time.perf_counter()
        paint([prompt], [0])
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> None:
    model = find_model("rehearsal")
    parser = argparse.ArgumentParser(description="Measure the painter.")
    parser.add_argument("--characters", type=int, default=20, help="of the program's own making, ten prompts each")
    parser.add_argument("--count", type=int, default=100, help="prompts of the whole vocabulary")
    parser.add_argument("--model", type=Path, default=Path(model.source))
    parser.add_argument("--steps", type=int, default=model.steps)
    parser.add_argument("--guidance", type=float, default=model.guidance)
    parser.add_argument("--out", type=Path, help="a folder for the pictures")
    args = parser.parse_args()
    own = [prompt for prompts in program_prompts(args.characters, "held out") for prompt in prompts]
    paint = load_painter(args.model, args.steps, args.guidance)
    print(f"{pace(own[: 2 * SCENES], paint):.2f} s a picture on one thread, in {args.steps} steps")
    judge("program", own, paint, args.out, cast=True)
    judge("vocabulary", held_out(args.count), paint, args.out, cast=False)
    judge("casts", held_out_casts(args.count // SCENES), paint, args.out, cast=True)


if __name__ == "__main__":
    main()
