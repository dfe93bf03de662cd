"""The questions of the stages: what they carry, and what a reply must agree with."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from errors import ItemFailed
from llm.client import Picture
from persona import stages
from persona.schema.fields import Answer
from persona.schema.persona import answer_of
from persona.schema.stage_table import NAMES, PURPOSES, STAGES, Stage, following
from tests.answers import CORE, EXAMPLES, NETWORK, REPLIES, STRATEGY, VISUAL, Scribe

PICTURE = Picture(b"jpeg", "image/jpeg", "0" * 64)
SITTER = stages.Subject(name="marra", language="ja", index=4, picture=PICTURE)
VALUES = {"core": {"language", "brief", "location", "draw"}}
TOLD: Mapping[str, Answer] = {stage.name: REPLIES[stage.purpose] for stage in STAGES}


async def ask_all(scribe: Scribe, subject: stages.Subject = SITTER) -> None:
    await stages.ask_core(scribe.llm, subject)
    for stage in STAGES[1:]:
        await stages.ask(scribe.llm, subject, stage, TOLD)


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_a_prompt_takes_exactly_its_values_and_keeps_its_system_part_still(stage: Stage) -> None:
    file = stages.prompt_of(stage)
    values = VALUES.get(stage.name, {"language", *stage.needs})
    filled = file.fill(**dict.fromkeys(values, "*"))
    assert filled.system == file.system
    assert all(f"<{value}>*</{value}>" in filled.user for value in values)
    assert "JSON" in file.system
    assert "JSON" in file.user
    assert "<!--" not in file.system


def test_each_prompt_speaks_of_the_fields_its_answer_has() -> None:
    for stage in STAGES[1:]:
        words = stages.prompt_of(stage).system
        for field in answer_of(stage.name).model_fields:
            assert f"`{field}`" in words, f"{stage.name} does not mention {field}"


def test_each_stage_that_sees_has_a_prompt_for_a_character_without_a_picture() -> None:
    for stage in STAGES:
        if stage.sees:
            values = {"language", "brief", "location", "card"} if stage.name == "core" else {"language", *stage.needs}
            stages.prompt_of(stage, complete=True).fill(**dict.fromkeys(values, "*"))


def test_the_numbered_prompts_are_those_of_the_stages() -> None:
    numbered = {path.name for path in stages.PROMPTS.glob("[0-9]*.md")}
    assert numbered == {stages.prompt_of(stage, complete=way).name for stage in STAGES for way in {False, stage.sees}}


async def test_every_stage_asks_its_question_once() -> None:
    scribe = Scribe()
    await ask_all(scribe)
    assert scribe.purposes == list(PURPOSES)
    assert [question.item for question in scribe.asked] == [f"marra: stage {stage.number}" for stage in STAGES]
    assert {question.purpose for question in scribe.asked if question.pictures} == {
        stage.purpose for stage in STAGES if stage.sees
    }
    assert all("<language>ja</language>" in question.prompt.user for question in scribe.asked)


async def test_a_stage_is_not_asked_without_what_it_needs() -> None:
    scribe = Scribe()
    examples = STAGES[NAMES.index("examples")]
    with pytest.raises(ItemFailed, match=r"marra has no strategy, and examples needs it\. Make it with --complete\."):
        await stages.ask(scribe.llm, SITTER, examples, {"core": CORE})
    assert scribe.asked == []


async def test_what_has_the_longest_way_to_go_is_let_through_first() -> None:
    in_order, eager = Scribe(), Scribe()
    await ask_all(in_order)
    await ask_all(eager, stages.Subject(name="marra", language="en", index=4, picture=PICTURE, eager=True))
    for asked, eager_too in ((in_order.asked, False), (eager.asked, True)):
        ranks = [(-following(stage, eager=eager_too), -stage.seconds, 4) for stage in STAGES]
        assert [question.rank for question in asked] == ranks


async def test_later_stages_read_the_sheet_without_the_reading_of_the_picture() -> None:
    scribe = Scribe()
    await stages.ask(scribe.llm, SITTER, STAGES[NAMES.index("voice")], {"core": CORE})
    text = scribe.asked[0].prompt.user
    sheet = json.loads(text[text.index("<core>") + 6 : text.index("</core>")])
    assert sheet["facts"]["name"] == "Marra Tveit"
    assert "reading" not in sheet


def test_examples_must_be_of_the_strategy_s_content_types() -> None:
    assert stages.check_examples(STRATEGY, EXAMPLES) == []
    odd = EXAMPLES.posts[0].model_copy(update={"content_type": "weather report"})
    [sentence] = stages.check_examples(STRATEGY, EXAMPLES.model_copy(update={"posts": (odd, *EXAMPLES.posts[1:])}))
    assert "'weather report'" in sentence
    assert "quay gossip" in sentence


def test_the_network_must_hold_the_people_of_the_sheet() -> None:
    assert stages.check_network(CORE, NETWORK) == []
    fuller = NETWORK.people[1].model_copy(update={"name": "Pia Tveit"})
    with_fuller = NETWORK.model_copy(update={"people": (NETWORK.people[0], fuller, *NETWORK.people[2:])})
    assert stages.check_network(CORE, with_fuller) == []
    [sentence] = stages.check_network(CORE, NETWORK.model_copy(update={"people": NETWORK.people[1:]}))
    assert "'Old Sverre'" in sentence


@pytest.mark.parametrize(
    ("name", "appearance", "fine"),
    [
        ("Marra Tveit", VISUAL.appearance, True),
        ("Marra Tveit", "Ink drawing of Marra with a bell", False),
        ("Marra Tveit", "Marra Tveit in ink", False),
        ("Ash Rowan", "Ash-blond woman under a rowan tree", True),
        ("Ash Rowan", "Oil painting of Ash, a tall woman", False),
        ("月島 澪", "Ink drawing of 月島 澪 with a lamp", False),
    ],
)
def test_the_appearance_sentence_names_nobody(name: str, appearance: str, fine: bool) -> None:
    core = CORE.model_copy(update={"facts": CORE.facts.model_copy(update={"name": name})})
    found = stages.check_visual(core, VISUAL.model_copy(update={"appearance": appearance}))
    assert (found == []) is fine
