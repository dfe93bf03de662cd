"""Staying in character: LoRA, portrait and opening words, on real tiny pipelines in real workers and whole commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from calendars.schema import Calendar, Day
from errors import BadPicture
from files import file_digest
from images.identity import find_lora
from images.label import read_label
from images.models import find_model
from images.pool.pool import Pool
from images.schema import Painted, PictureJob
from persona.schema.persona import Lora
from tests.answers import persona
from tests.command import Done, command
from tests.images.test_identity import save_tensors
from tests.studio import batch, cpus, job
from tests.tiny_pipelines import save_klein, save_lora, save_stable_diffusion, save_z_image
from tweets.write import batch_key

OPENING = "Ink drawing of a tall girl with red hair, grey eyes, freckles, a green coat and a small brass key."
SCENE = "She looks at a kettle in a dim kitchen, rain on the window, seen from the side, steam in the lamp light."


async def paint(folder: Path, jobs: list[PictureJob], logs: Path) -> dict[str, Painted | BadPicture]:
    """Each of `jobs`, one after the other, by one worker with the painter in `folder`."""
    outcomes: dict[str, Painted | BadPicture] = {}
    model = find_model(str(folder))
    async with Pool(cpus(1), model, lambda: folder, logs, threads=1) as pool:
        for one in jobs:
            try:
                outcomes[one.id] = await pool.paint(one)
            except BadPicture as error:
                outcomes[one.id] = error
    return outcomes


def pixels(of: PictureJob) -> bytes:
    with Image.open(of.path) as image:
        return image.tobytes()


async def test_two_characters_wear_their_own_lora_and_a_third_none(tmp_path: Path) -> None:
    folder = save_z_image(tmp_path / "Z-Image-Turbo")
    loras = {}
    for seed, name in enumerate(("mira", "kaito"), start=1):
        save_lora(folder, tmp_path / f"{name}.safetensors", seed)
        loras[name] = find_lora(Lora(file=f"{name}.safetensors"), tmp_path / "card.json")
    weak = loras["mira"].model_copy(update={"strength": 0.3})
    worn = [None, loras["mira"], loras["kaito"], loras["mira"], weak, None]
    jobs = [job(tmp_path, f"{number}", guidance=0.0, lora=lora) for number, lora in enumerate(worn)]
    await paint(folder, jobs, tmp_path / "logs")
    plain, mira, kaito, mira_again, weakly, plain_again = map(pixels, jobs)
    assert len({plain, mira, kaito, weakly}) == 4
    assert mira_again == mira
    assert plain_again == plain, "nothing of a LoRA stays behind"


@pytest.mark.slow
async def test_a_lora_of_another_architecture_costs_only_its_character(tmp_path: Path) -> None:
    folder = save_z_image(tmp_path / "Z-Image-Turbo")
    own = save_lora(folder, tmp_path / "own.safetensors", 1)
    save_tensors(tmp_path / "unet.safetensors", "unet.mid.to_q.lora_A.weight", "unet.mid.to_q.lora_B.weight")
    save_tensors(tmp_path / "wide.safetensors", *(f"transformer.layers.0.attention.to_q.lora_{x}.weight" for x in "AB"))
    card = tmp_path / "card.json"
    jobs = [job(tmp_path, "plain", guidance=0.0)]
    for name in ("unet", "wide", own.stem):
        jobs.append(job(tmp_path, name, guidance=0.0, lora=find_lora(Lora(file=f"{name}.safetensors"), card)))
    jobs.append(job(tmp_path, "plain again", guidance=0.0))
    outcomes = await paint(folder, jobs, tmp_path / "logs")
    for wrong in jobs[1:3]:
        assert "does not fit Z-Image-Turbo" in str(outcomes[wrong.id])
    assert isinstance(outcomes[jobs[3].id], Painted)
    assert pixels(jobs[4]) == pixels(jobs[0])


@pytest.mark.slow
async def test_the_portrait_shows_in_the_picture(tmp_path: Path) -> None:
    folder = save_klein(tmp_path / "FLUX.2-klein-4B")
    assert find_model(str(folder)).takes_reference
    for name, image in (("a", Image.linear_gradient("L")), ("b", Image.radial_gradient("L"))):
        image.convert("RGB").resize((80, 64)).save(tmp_path / f"reference-{name}.png")
    shown = {"none": "", **{name: str(tmp_path / f"reference-{name}.png") for name in ("a", "b", "gone")}}
    jobs = {name: job(tmp_path, name, guidance=1.0, reference=path) for name, path in shown.items()}
    outcomes = await paint(folder, list(jobs.values()), tmp_path / "logs")
    assert len({pixels(jobs[name]) for name in ("none", "a", "b")}) == 3
    assert "reference-gone.png cannot be read" in str(outcomes[jobs["gone"].id])


async def test_a_long_prompt_is_said_in_fewer_words_and_the_picture_says_so(tmp_path: Path) -> None:
    folder = save_stable_diffusion(tmp_path / "small")  # its tokenizer has a token for each letter, and reads 77
    wanted = job(tmp_path, prompt=f"{OPENING} {SCENE}", opening=OPENING)
    outcome = (await paint(folder, [wanted, job(tmp_path, "2", prompt="A cat.")], tmp_path / "logs"))[wanted.id]
    assert isinstance(outcome, Painted)
    assert outcome.note == "The prompt was shortened: small reads 77 tokens."
    with Image.open(wanted.path) as image:
        told = image.info["parameters"].splitlines()[0]
    assert told.startswith("Ink drawing of tall girl")
    assert "She looks" in told
    assert len(told.replace(" ", "")) <= 75


def test_posts_are_not_written_anew_for_a_lora() -> None:
    plain = persona()
    worn = plain.model_copy(update={"lora": Lora(file="marra.safetensors")})
    calendar = Calendar(persona="marra", days=[Day(date="2026-12-01", posts=[])])
    keys = [batch_key(one, calendar, [], text_model="m", seed=0) for one in (plain, worn)]
    assert keys[0] == keys[1]


# -- whole commands ----------------------------------------------------------------------------------


def cast(root: Path, name: str, **own: Any) -> Path:
    """A persona from elsewhere with these fields of ours, its portrait, and a batch of one post."""
    portrait = root / "personas" / f"{name}.png"
    portrait.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize((200, 160)).save(portrait)
    given = {"name": name, "description": "A keeper of kettles."}
    ours = {"format": 1, "name": name, "given": given, **own}
    ours["portrait"] = {"file": portrait.name, "sha256": file_digest(portrait)}
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": given | {"extensions": {"dramatis": ours}}}
    (root / "personas" / f"{name}.json").write_text(json.dumps(card))
    path = root / "output_standalone" / f"{name}-0123abcd.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(batch(1, persona=name).model_dump_json())
    return path


async def painted(root: Path, folder: Path, *arguments: object) -> Done:
    batches = sorted((root / "output_standalone").glob("*.json"))
    given = ("--generate-images", "--tweets-batch", *batches, "--image-model", folder, "--size", "64x64", "--json")
    return await command(*given, "--out", root, *arguments)


@pytest.mark.slow
async def test_a_missing_lora_is_said_before_anything_loads_and_the_others_go_on(tmp_path: Path) -> None:
    folder = save_z_image(tmp_path / "Z-Image-Turbo")
    save_lora(folder, tmp_path / "personas" / "kaito.safetensors", 1)
    cast(tmp_path, "mira", lora={"file": "mira.safetensors"})
    cast(tmp_path, "kaito", lora={"file": "kaito.safetensors", "strength": 0.8, "trigger_words": "k41to"})
    done = await painted(tmp_path, folder)
    assert done.code == 3
    [hole] = done.report["holes"]
    assert "mira.json: data.extensions.dramatis.lora.file names mira.safetensors" in hole["cause"]
    picture = tmp_path / "output_images" / "kaito" / "0123abcd" / "2026-12-01-1.png"
    with Image.open(picture) as image:
        assert image.info["parameters"].startswith("k41to, A girl with red hair.")


@pytest.mark.slow
async def test_the_portrait_is_the_reference_where_the_painter_takes_one(tmp_path: Path) -> None:
    folder = save_klein(tmp_path / "FLUX.2-klein-4B")
    cast(tmp_path, "mira")
    picture = tmp_path / "output_images" / "mira" / "0123abcd" / "2026-12-01-1.png"
    keys = []
    for arguments in (("--reference", "off"), (), ("--reference", "auto")):
        done = await painted(tmp_path, folder, *arguments)
        assert done.code == 0, done.err
        label = read_label(picture)
        assert label is not None
        keys.append(label.key)
    assert keys[0] != keys[1]
    assert keys[1] == keys[2]
    [reference] = (tmp_path / ".dramatis" / "references").glob("*.png")
    with Image.open(reference) as image:
        assert image.size == (192, 160)


@pytest.mark.slow
async def test_a_painter_that_takes_no_reference_says_so(tmp_path: Path) -> None:
    folder = save_z_image(tmp_path / "Z-Image-Turbo")
    cast(tmp_path, "mira")
    done = await painted(tmp_path, folder, "--reference", "auto")
    assert "is shown no pictures, so --reference auto has no effect" in done.err
