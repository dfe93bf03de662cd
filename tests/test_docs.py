"""The pages for people agree with the program, with the disk, and with each other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

from cli.conflicts import mode_of
from cli.flags import command_line
from tests import answers, studio
from tests.command import command
from tests.documents import ROOT, commands, flags_in, on_disk, tables, text_of, tree
from tests.schema_pages import MODELS, schema_text

PAGES = ("README.md", "README.zh-CN.md")
FIGURES = ("PERFORMANCE.md", "PERFORMANCE.zh-CN.md")
SETTLED = {0, 3}  # all done, or done with holes


@pytest.mark.parametrize("page", PAGES)
def test_the_file_tree_is_what_is_on_disk(page: str) -> None:
    assert set(tree(page)) == on_disk()
    assert all(tree(page).values())


@pytest.mark.parametrize("page", [*PAGES, *FIGURES])
def test_every_command_makes_sense_to_the_program(page: str) -> None:
    parser = command_line()
    for words in commands(page):
        if words[:1] in (["--help"], ["--version"]):
            continue
        flags = parser.parse_args(words)
        if {"--api-base", "--model"} >= flags_in(" ".join(words)):
            continue  # how an endpoint is named, with any mode
        assert mode_of(flags, parser), words


def test_every_flag_is_explained() -> None:
    known = {name for action in command_line()._actions for name in action.option_strings if name.startswith("--")}
    assert known - flags_in(text_of("README.md")) <= {"--help", "--version", "--quiet", "--verbose"}


def test_the_pages_in_both_languages_say_the_same() -> None:
    english, chinese = (commands(page) for page in PAGES)
    assert english == chinese
    assert flags_in(text_of(PAGES[0])) == flags_in(text_of(PAGES[1]))
    assert text_of(PAGES[0]).count("\n## ") == text_of(PAGES[1]).count("\n## ")


def test_the_figures_in_both_languages_are_the_same() -> None:
    english, chinese = (list(tables(page)) for page in FIGURES)
    assert english == chinese
    assert commands(FIGURES[0]) == commands(FIGURES[1])


@pytest.mark.slow
async def test_every_command_of_the_readme_runs_in_rehearsal(tmp_path: Path) -> None:
    """One after the other in one folder, as somebody who reads on would type them."""
    _stage(tmp_path)
    made = await command("--run-all", "--image", "mira.png", "--tweets", 2, "--rehearse", cwd=tmp_path)
    assert made.code == 0, made.err
    [batch] = (tmp_path / "output_standalone").glob("*.json")
    shutil.copy(tmp_path / "personas" / "mira.json", tmp_path / "persona.json")
    shutil.copy(tmp_path / "calendars" / "mira.json", tmp_path / "calendar.json")
    shutil.copy(batch, tmp_path / "output.json")
    card = await command("--personas", "personas/mira.json", "--export", "card", cwd=tmp_path)
    shutil.copy(tmp_path / "personas" / "cards" / "mira.png", tmp_path / "card-from-elsewhere.png")
    assert card.code == 0, card.err
    post = next(iter((tmp_path / "output_images").rglob("*.png"))).stem
    for words in commands("README.md"):
        if not runs(words):
            continue
        if "--calendars" in words:  # the personas of the commands before have none yet
            every = ("--batch-mode", "--personas", "personas/*.json", "--generate-calendar", "--tweets", 2)
            planned = await command(*every, "--rehearse", cwd=tmp_path, seconds=300)
            assert planned.code in SETTLED, planned.err
        given = [batch.name if "0a1b2c3d" in word else word for word in words]
        given = [f"output_standalone/{word}" if word == batch.name else word for word in given]
        given = [post if word == "2026-12-03-1" else word for word in given]
        done = await command(*small(given), "--rehearse", cwd=tmp_path, seconds=300)
        assert done.code in SETTLED, f"{given} ended with {done.code}:\n{done.err[-2000:]}"
        assert "Traceback" not in done.err


def runs(words: list[str]) -> bool:
    """Not those that name an endpoint for any mode, and not the one that serves until it is stopped."""
    named = flags_in(" ".join(words))
    return not ({"--api-base", "--model"} >= named or named & {"--review", "--check", "--help", "--version", "--ray"})


def small(words: list[str]) -> list[str]:
    """The same command with less to do: two posts, two workers at most, no certificate of a painter elsewhere."""
    given = list(words)
    for flag, value in (("--tweets", "2"), ("--num-gpus", "1"), ("--best-of", "2"), ("--size", "64x64")):
        if flag in given:
            given[given.index(flag) + 1] = value
    return given


def _stage(folder: Path) -> None:
    """The files that the examples name."""
    portraits = sorted((ROOT / "examples" / "portraits").glob("*.png"))
    names = ["mira", "character", "a", "b", "c", "images/one", "cast/two", "cast/three"]
    for name, portrait in zip(names, portraits * 2, strict=False):
        path = folder / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        with Image.open(portrait) as picture:
            picture.resize((128, 192)).save(path)
    (folder / "world.md").write_text("A harbour town in autumn.", encoding="utf-8")


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_schemas_are_those_of_the_models(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert text == schema_text(name), "python -m tests.schema_pages writes them anew"
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_what_is_written_agrees_with_its_schema() -> None:
    persona = answers.persona().model_dump(mode="json")
    jsonschema.validate(persona, json.loads(schema_text("persona.schema.json")))
    batch = studio.batch().model_dump(mode="json")
    jsonschema.validate(batch, json.loads(schema_text("batch.schema.json")))
