"""The seven questions: what they carry, and what a reply must agree with."""

from __future__ import annotations

import json

import pytest

from llm.client import Picture
from persona import stages
from tests.answers import CORE, EXAMPLES, NETWORK, STRATEGY, VISUAL, Scribe

PICTURE = Picture(b"jpeg", "image/jpeg", "0" * 64)
SITTER = stages.Subject(name="marra", language="ja", index=4, picture=PICTURE)
VALUES = {1: {"language", "brief", "location", "draw"}, 3: {"language", "core", "strategy"}}


async def ask_all(scribe: Scribe, subject: stages.Subject = SITTER) -> None:
    await stages.core(scribe.llm, subject)
    plan = await stages.strategy(scribe.llm, subject, CORE)
    await stages.examples(scribe.llm, subject, CORE, plan)
    for stage in (stages.network, stages.voice, stages.visual, stages.knowledge):
        await stage(scribe.llm, subject, CORE)


@pytest.mark.parametrize("stage", range(1, 8))
def test_a_prompt_takes_exactly_its_values_and_keeps_its_system_part_still(stage: int) -> None:
    file = stages.prompt_of(stage)
    values = VALUES.get(stage, {"language", "core"})
    filled = file.fill(**dict.fromkeys(values, "*"))
    assert filled.system == file.system
    assert all(f"<{value}>*</{value}>" in filled.user for value in values)
    assert "JSON" in file.system
    assert "JSON" in file.user
    assert "<!--" not in file.system


def test_each_prompt_speaks_of_the_fields_its_answer_has() -> None:
    for stage, answer in enumerate(stages.ANSWERS, 1):
        words = stages.prompt_of(stage).system
        for field in answer.model_fields:
            assert stage == 1 or f"`{field}`" in words, f"stage {stage} does not mention {field}"


async def test_every_stage_asks_its_question_once() -> None:
    scribe = Scribe()
    await ask_all(scribe)
    assert scribe.purposes == list(stages.PURPOSES)
    assert [question.item for question in scribe.asked] == [f"marra: stage {n}" for n in range(1, 8)]
    assert [bool(question.pictures) for question in scribe.asked] == [True, False, False, False, False, True, False]
    assert all("<language>ja</language>" in question.prompt.user for question in scribe.asked)


async def test_what_has_the_longest_way_to_go_is_let_through_first() -> None:
    in_order, eager = Scribe(), Scribe()
    await ask_all(in_order)
    await ask_all(eager, stages.Subject(name="marra", language="en", index=4, picture=PICTURE, eager=True))
    seconds = (20, 15, 25, 20, 15, 15, 25)
    for asked, following in ((in_order.asked, (5, 4, 3, 2, 2, 2, 2)), (eager.asked, (4, 3, 2, 2, 2, 2, 2))):
        ranks = [(-calls, -long, 4) for calls, long in zip(following, seconds, strict=True)]
        assert [question.rank for question in asked] == ranks


async def test_later_stages_read_the_sheet_without_the_reading_of_the_picture() -> None:
    scribe = Scribe()
    await stages.voice(scribe.llm, SITTER, CORE)
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
