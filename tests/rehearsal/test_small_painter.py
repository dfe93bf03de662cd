"""The small painter: it reads the program's prompts, paints what they say, and its checker can tell."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from examples.painter.check import asked, read, read_prompt
from examples.painter.draw import Label, draw
from examples.painter.light import Light
from examples.painter.looks import Look
from examples.painter.prompts import SCENES, program_prompts
from examples.painter.words import tokenizer
from images.models import REHEARSAL_FOLDER, find_model

PROMPT = (
    "Cel animation still of a lanky character with tied-back green hair and blue eyes, a mole under the right eye, "
    "wearing a red flannel shirt, a wool cap, carrying a peaked cap with a brass badge. "
    "Standing in a library at night, snow outside the window, with a letter, medium shot."
)
BAREHEADED = PROMPT.replace(", a wool cap", "")
LABEL = Label(Look(hair="green", style="ponytail", outfit="coat", cloth="red"), place="forest", light=Light("noon"))


def test_a_prompt_of_the_program_is_read_as_it_is_meant() -> None:
    label = read_prompt(PROMPT)
    assert (label.look.hair, label.look.style, label.look.eyes) == ("green", "ponytail", "blue")
    assert (label.look.cloth, label.look.outfit, label.look.hat) == ("red", "shirt", "cap")
    assert label.look.hat_colour == "red", "a cap is red where no colour is said"
    assert read_prompt(BAREHEADED).look.hat == "", "what is carried is not worn"
    assert (label.place, label.light.hour, label.light.weather, label.thing) == ("library", "night", "snow", "letter")


def test_words_that_the_painter_does_not_know_leave_nothing_behind() -> None:
    words = tokenizer(48)
    plain = "a woman with red hair in a kitchen at night"
    full = "an utterly unremarkable woman, aged forty, with red hair, waiting in some kitchen or other at night"
    assert words(plain).input_ids == words(full).input_ids


@pytest.mark.parametrize(
    ("attribute", "other"),
    [
        ("place", replace(LABEL, place="beach")),
        ("hour", replace(LABEL, light=Light("night"))),
        ("outfit colour", replace(LABEL, look=replace(LABEL.look, cloth="blue"))),
        ("hair colour", replace(LABEL, look=replace(LABEL.look, hair="orange"))),
        ("hair style", replace(LABEL, look=replace(LABEL.look, style="curly"))),
    ],
)
def test_the_checker_sees_what_a_picture_shows_whatever_was_asked_for(attribute: str, other: Label) -> None:
    reading = read(LABEL, draw(other, 128, random.Random(5)))
    assert reading.asked[attribute] == asked(LABEL, attribute)
    assert reading.seen[attribute] == asked(other, attribute) != asked(LABEL, attribute)


def test_the_model_stays_small() -> None:
    assert sum(file.stat().st_size for file in REHEARSAL_FOLDER.rglob("*") if file.is_file()) <= 12_000_000


@pytest.mark.slow
def test_a_program_without_our_code_can_paint_with_it(tmp_path: Path) -> None:
    model, path = find_model("rehearsal"), tmp_path / "picture.png"
    code = (
        "import torch; from diffusers import DiffusionPipeline; torch.set_num_threads(1); "
        f"pipe = DiffusionPipeline.from_pretrained({model.source!r}); noise = torch.Generator().manual_seed(1); "
        f"pipe({BAREHEADED!r}, num_inference_steps={model.steps}, "
        f"guidance_scale={model.guidance}, generator=noise).images[0].save({str(path)!r})"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
    reading = read(read_prompt(BAREHEADED), Image.open(path))
    assert reading.wrong == []


@pytest.mark.slow
def test_the_prompts_that_are_measured_come_from_the_program() -> None:
    made = program_prompts(2, "test")
    assert [len(prompts) for prompts in made] == [SCENES, SCENES]
    for prompts in made:
        assert len({prompt.partition(". ")[0] for prompt in prompts}) == 1, "the appearance is fixed"
        assert len(set(prompts)) == SCENES
    assert program_prompts(2, "test") == made
