"""The order of the stages, failures in the middle, and when nothing need be made."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from errors import BadAnswer, BadInput, StopRun, Unreachable
from llm.client import Picture
from persona import stages
from persona.cards.card import read_persona
from persona.generate import asked_of, finished_persona, generate_persona, made_from
from persona.portrait import Portrait, name_portraits
from persona.schema.fields import Answer
from persona.schema.persona import Persona
from persona.schema.stage_table import IN_ORDER, NAMES, STAGES, TOGETHER, Stage
from tests.answers import CORE, REPLIES, Scribe
from tests.command import ROOT, command

FIRST = [stage.purpose for stage in IN_ORDER]
LAST = [stage.purpose for stage in TOGETHER]


@pytest.fixture
def portrait(tmp_path: Path) -> Portrait:
    Image.new("RGB", (30, 40), (90, 40, 120)).save(tmp_path / "Mira.png")
    [found] = name_portraits([tmp_path / "Mira.png"], tmp_path)
    assert isinstance(found, Portrait)
    return found


def photograph() -> dict[str, Answer | BaseException]:
    reading = CORE.reading.model_copy(update={"kind": "photograph_of_person"})
    return {"persona_core": CORE.model_copy(update={"reading": reading})}


def change(path: Path, field: str, value: object) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    card["data"]["extensions"]["dramatis"]["core"][field] = value
    path.write_text(json.dumps(card), encoding="utf-8")


async def test_stages_run_in_order_and_the_others_together(portrait: Portrait, tmp_path: Path) -> None:
    scribe, lines = Scribe(), list[str]()
    made = await generate_persona(portrait, scribe.llm, tmp_path / "mira.json", language="de", say=lines.append)
    assert scribe.purposes == [*FIRST, *LAST]
    assert scribe.answered[:3] == scribe.purposes[:3]
    assert lines == [f"mira: ⚡ Stage 4-{len(STAGES)}: Parallel generation..."]
    assert read_persona(tmp_path / "mira.json") == made
    assert {name: getattr(made, name.removeprefix("persona_")) for name in REPLIES} == REPLIES
    assert (made.name, made.language, made.character) == ("mira", "de", "Marra Tveit")


async def test_eager_stages_start_right_after_the_first(portrait: Portrait, tmp_path: Path) -> None:
    scribe, lines = Scribe(), list[str]()
    made = await generate_persona(portrait, scribe.llm, tmp_path / "mira.json", eager=True, say=lines.append)
    at_once = [stage.purpose for stage in (STAGES[1], *TOGETHER) if stage.needs == ("core",)]
    assert scribe.purposes[: len(at_once) + 1] == ["persona_core", *at_once]
    assert sorted(scribe.purposes) == sorted([*FIRST, *LAST])
    assert len(lines) == 1
    assert made.examples is not None


@pytest.mark.parametrize("eager", [False, True])
async def test_a_stage_that_fails_keeps_the_answers_in_flight_and_writes_nothing(
    portrait: Portrait, tmp_path: Path, eager: bool
) -> None:
    scribe = Scribe({"persona_network": BadAnswer("stage 4 failed")})
    with pytest.raises(BadAnswer, match="stage 4 failed"):
        await generate_persona(portrait, scribe.llm, tmp_path / "mira.json", eager=eager)
    assert sorted(scribe.answered) == sorted(set(REPLIES) - {"persona_network"})
    assert not (tmp_path / "mira.json").exists()


async def test_a_run_that_must_stop_is_told_before_an_item_that_failed(portrait: Portrait, tmp_path: Path) -> None:
    scribe = Scribe({"persona_network": BadAnswer("bad"), "persona_knowledge": Unreachable("gone")})
    with pytest.raises(StopRun, match="gone"):
        await generate_persona(portrait, scribe.llm, tmp_path / "mira.json")


async def test_without_a_core_nothing_else_is_asked(portrait: Portrait, tmp_path: Path) -> None:
    scribe = Scribe({"persona_core": BadAnswer("bad")})
    with pytest.raises(BadAnswer):
        await generate_persona(portrait, scribe.llm, tmp_path / "mira.json", eager=True)
    assert scribe.purposes == ["persona_core"]


async def test_a_photograph_of_a_person_is_refused_unless_the_person_agreed(portrait: Portrait, tmp_path: Path) -> None:
    scribe = Scribe(photograph())
    with pytest.raises(BadInput, match=r"Mira\.png is a photograph.*agreed, add --allow-photo"):
        await generate_persona(portrait, scribe.llm, tmp_path / "mira.json")
    assert scribe.purposes == ["persona_core"]
    made = await generate_persona(portrait, scribe.llm, tmp_path / "mira.json", allow_photo=True)
    assert made.knowledge is not None


async def test_the_label_says_who_made_it_and_when(portrait: Portrait, tmp_path: Path) -> None:
    moment = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    made = await generate_persona(portrait, Scribe().llm, tmp_path / "mira.json", clock=lambda: moment)
    assert made.ai is not None
    assert made.ai.created == "2026-11-20T07:30:00Z"
    assert (made.ai.model, made.ai.provider, made.ai.generated) == ("test-model", "test", True)
    assert made.ai.tool.startswith("Dramatis/")


# -- when nothing need be made -----------------------------------------------------------------------


async def written(portrait: Portrait, path: Path, scribe: Scribe, language: str = "en") -> Persona:
    return await generate_persona(portrait, scribe.llm, path, language=language)


async def test_a_persona_from_the_same_picture_and_settings_is_finished(portrait: Portrait, tmp_path: Path) -> None:
    path, scribe = tmp_path / "mira.json", Scribe()
    source = made_from(portrait, scribe.llm, "en")
    assert finished_persona(portrait, path, source) is None
    made = await written(portrait, path, scribe)
    assert finished_persona(portrait, path, source) == made


async def test_other_settings_make_it_anew_unless_a_person_edited_it(portrait: Portrait, tmp_path: Path) -> None:
    path, scribe, lines = tmp_path / "mira.json", Scribe(), list[str]()
    await written(portrait, path, scribe)
    other = made_from(portrait, scribe.llm, "zh")
    assert other != made_from(portrait, scribe.llm, "en")
    assert finished_persona(portrait, path, other, lines.append) is None

    change(path, "wants", "to be left alone")
    kept = finished_persona(portrait, path, other, lines.append)
    assert kept is not None
    assert kept.core is not None
    assert kept.core.wants == "to be left alone"
    [line] = lines
    assert "mira.json was edited by hand" in line
    assert "move it away" in line


async def test_an_edit_counts_also_when_the_settings_are_the_same(portrait: Portrait, tmp_path: Path) -> None:
    path, scribe, lines = tmp_path / "mira.json", Scribe(), list[str]()
    await written(portrait, path, scribe)
    change(path, "wants", "to be left alone")
    kept = finished_persona(portrait, path, made_from(portrait, scribe.llm, "en"), lines.append)
    assert kept is not None
    assert kept.core is not None
    assert kept.core.wants == "to be left alone"
    assert lines == []


async def test_another_model_or_picture_is_another_source(portrait: Portrait) -> None:
    scribe, other = Scribe(), Scribe()
    other.text_model = "another"
    twin = Portrait(portrait.path, portrait.name, "f" * 64)
    sources = {
        made_from(portrait, scribe.llm, "en"),
        made_from(portrait, other.llm, "en"),
        made_from(twin, scribe.llm, "en"),
    }
    assert len(sources) == 3


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_a_persona_is_made_from_the_prompt_of_every_stage(tmp_path: Path, stage: Stage) -> None:
    prompts = shutil.copytree(stages.PROMPTS, tmp_path / "prompts")
    as_it_was = asked_of(prompts)
    assert as_it_was == asked_of(stages.PROMPTS)
    edited = shutil.copytree(prompts, tmp_path / "edited")
    with (edited / stages.prompt_of(stage).name).open("a", encoding="utf-8") as file:
        file.write("One word more.\n")
    assert asked_of(edited) != as_it_was


@pytest.mark.parametrize("stage", STAGES[1:], ids=NAMES[1:])
async def test_another_answer_asks_again_exactly_what_needs_it(stage: Stage) -> None:
    told = {one.name: REPLIES[one.purpose] for one in STAGES}
    edited = told | {stage.name: told[stage.name].model_copy(update=_another(told[stage.name]))}
    keys = [await _keys(told), await _keys(edited)]
    changed = {one.name for one, before, after in zip(STAGES[1:], *keys, strict=True) if before != after}
    assert changed == {one.name for one in STAGES if stage.name in one.needs}


async def _keys(told: Mapping[str, Answer]) -> list[str]:
    scribe = Scribe()
    picture = Picture(b"jpeg", "image/jpeg", "0" * 64)
    subject = stages.Subject(name="marra", language="en", index=0, picture=picture)
    for stage in STAGES[1:]:
        await stages.ask(scribe.llm, subject, stage, told)
    return [question.key("model") for question in scribe.asked]


def _another(answer: Answer) -> dict[str, object]:
    """A change of the first field that is a text, or a list that can be shorter."""
    for name in type(answer).model_fields:
        value = getattr(answer, name)
        if isinstance(value, str):
            return {name: f"{value} More."}
        if isinstance(value, tuple):
            return {name: (*value, value[0])}
    raise AssertionError(f"{answer!r} has no field to change")


@pytest.mark.slow
async def test_the_same_command_after_a_prompt_was_edited_asks_for_that_stage_alone(
    portrait: Portrait, tmp_path: Path
) -> None:
    """A rehearsal's answers come out the same, so that nothing that rests on the stage is asked again."""
    program = tmp_path / "program"
    skipped = shutil.ignore_patterns(".*", "tests", "benchmarks", "docs", "examples", "__pycache__")
    shutil.copytree(ROOT, program, ignore=skipped)
    out, journal = tmp_path / "out", tmp_path / "out" / ".dramatis" / "journal.sqlite3"
    line = ("--generate-persona", "--image", portrait.path, "--rehearse", "--out", out)
    assert (await command(*line, root=program)).code == 0
    asked = len(STAGES)
    for stage in STAGES:
        with (program / "persona" / "prompts" / stages.prompt_of(stage).name).open("a", encoding="utf-8") as file:
            file.write("One word more.\n")
        assert (await command(*line, root=program)).code == 0
        with contextlib.closing(sqlite3.connect(journal)) as database:
            purposes = [row[0] for row in database.execute("select purpose from answers order by id")]
        assert purposes[asked:] == [stage.purpose]
        asked += 1


@pytest.mark.parametrize("content", ["[]", "not JSON", '{"name": "Mira", "description": "a card from elsewhere"}'])
def test_a_file_that_is_not_ours_is_never_overwritten(portrait: Portrait, tmp_path: Path, content: str) -> None:
    (tmp_path / "mira.json").write_text(content)
    with pytest.raises(BadInput, match=r"mira\.json is there already.*--persona-output"):
        finished_persona(portrait, tmp_path / "mira.json", "0" * 16)


async def test_a_persona_of_another_picture_is_never_overwritten(portrait: Portrait, tmp_path: Path) -> None:
    await written(portrait, tmp_path / "x.json", Scribe())
    with pytest.raises(BadInput, match="--persona-output"):
        finished_persona(Portrait(portrait.path, "mira", "f" * 64), tmp_path / "x.json", "0" * 16)


async def test_an_edit_that_cannot_be_read_is_told_by_its_field(portrait: Portrait, tmp_path: Path) -> None:
    path, scribe = tmp_path / "mira.json", Scribe()
    await written(portrait, path, scribe)
    change(path, "wamts", "a slip of the finger")
    with pytest.raises(BadInput, match=r"data\.extensions\.dramatis\.core\.wamts is no field"):
        finished_persona(portrait, path, made_from(portrait, scribe.llm, "en"))
