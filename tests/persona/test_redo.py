"""Work on a persona that stands: what is asked again, what stays, what is missing, who comes to know whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from errors import BadAnswer, BadInput
from files import Folders, file_digest
from persona.acquaintance import Acquaintance, Bond, acquaint, introduce, knows, pairs
from persona.cards.card import origin_of, read_persona, write_persona
from persona.export_cards import export, make_picture, remember_portrait
from persona.redo import ReworkTerms, complete, redo, stages_named
from persona.schema.persona import Persona, PortraitRef
from persona.schema.stage_table import NAMES
from persona.stages import Wishes
from tests.answers import CORE, NETWORK, VOICE, Scribe, persona

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def terms(tmp_path: Path, scribe: Scribe, **more: Any) -> ReworkTerms:
    return ReworkTerms(llm=scribe.llm, folders=Folders(tmp_path), clock=lambda: NOON, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole persona whose picture lies beside its folder."""
    Image.new("RGB", (30, 40), "teal").save(tmp_path / "marra.png")
    made = persona()
    ref = PortraitRef(file="marra.png", sha256=file_digest(tmp_path / "marra.png"))
    write_persona(tmp_path / "personas" / "marra.json", made.model_copy(update={"portrait": ref}))
    return tmp_path / "personas" / "marra.json"


def edit(path: Path, stage: str, field: str, value: object) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    card["data"]["extensions"]["dramatis"][stage][field] = value
    path.write_text(json.dumps(card), encoding="utf-8")


# -- redo --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("4", {"network"}),
        ("voice", {"voice"}),
        ("Voice, 4", {"voice", "network"}),
        ("2", {"strategy", "examples"}),
        ("core", set(NAMES)),
    ],
)
def test_stages_are_named_by_number_or_name_and_bring_what_rests_on_them(words: str, named: set[str]) -> None:
    assert stages_named(words) == named


@pytest.mark.parametrize("words", ["99", "0", "vioce", "", ",", "4;5"])
def test_a_stage_that_there_is_not_is_refused(words: str) -> None:
    with pytest.raises(BadInput, match=f"1 to {len(NAMES)} or core"):
        stages_named(words)


@pytest.mark.parametrize(
    ("words", "asked", "looks"),
    [
        ("voice", ["persona_voice"], 0),
        ("2", ["persona_strategy", "persona_examples"], 0),
        ("6", ["persona_visual"], 1),
        ("4,5", ["persona_network", "persona_voice"], 0),
        ("1", [f"persona_{name}" for name in NAMES], 2),
    ],
)
async def test_exactly_the_stage_and_what_rests_on_it_are_asked(
    tmp_path: Path, path: Path, words: str, asked: list[str], looks: int
) -> None:
    scribe = Scribe()
    await redo(path, stages_named(words), terms(tmp_path, scribe))
    assert scribe.purposes == asked
    assert {question.attempt for question in scribe.asked} == {1}
    assert sum(len(question.pictures) for question in scribe.asked) == looks


async def test_each_redo_is_another_attempt_and_a_failed_one_is_not_counted(tmp_path: Path, path: Path) -> None:
    failing = Scribe({"persona_voice": BadAnswer("no")})
    for _ in range(2):
        with pytest.raises(BadAnswer):
            await redo(path, {"voice"}, terms(tmp_path, failing))
    assert [question.attempt for question in failing.asked] == [1, 1]
    scribe = Scribe()
    for _ in range(2):
        await redo(path, {"voice"}, terms(tmp_path, scribe))
    assert [question.attempt for question in scribe.asked] == [1, 2]
    assert read_persona(path).redone == {"voice": 2}


async def test_what_was_edited_by_hand_stays_and_counts_as_given(tmp_path: Path, path: Path) -> None:
    edit(path, "core", "wants", "to be left alone until the feast")
    edit(path, "visual", "light", "noon")
    card = json.loads(path.read_text(encoding="utf-8"))
    card["data"]["extensions"]["other/tool"] = {"kept": [1, 2]}
    path.write_text(json.dumps(card), encoding="utf-8")
    scribe = Scribe({"persona_voice": VOICE.model_copy(update={"greeting": "Duck."})})
    made = await redo(path, {"voice"}, terms(tmp_path, scribe))
    assert "to be left alone until the feast" in scribe.asked[0].prompt.user
    there = read_persona(path)
    assert there.core is not None
    assert there.core.wants == "to be left alone until the feast"
    assert there.visual is not None
    assert there.visual.light == "noon"
    assert there.voice is not None
    assert there.voice.greeting == "Duck."
    assert made.ai is not None
    assert made.ai.created == "2026-11-23T12:00:00Z"
    assert json.loads(path.read_text(encoding="utf-8"))["data"]["extensions"]["other/tool"] == {"kept": [1, 2]}


async def test_a_persona_that_was_worked_on_counts_as_edited(tmp_path: Path, path: Path) -> None:
    before = origin_of(path)
    assert before is not None
    assert not before.edited
    await redo(path, {"voice"}, terms(tmp_path, Scribe()))
    after = origin_of(path)
    assert after is not None
    assert after.edited


async def test_the_core_made_again_has_another_draw_and_the_wishes_of_the_run(tmp_path: Path, path: Path) -> None:
    scribe = Scribe()
    wishes = Wishes(brief="A city on stilts.", location="Kyoto, Japan")
    for _ in range(2):
        await redo(path, stages_named("1"), terms(tmp_path, scribe, wishes=wishes))
    first, second = (question.prompt.user for question in scribe.asked if question.purpose == "persona_core")
    assert first != second
    assert all("<brief>A city on stilts.</brief>" in prompt for prompt in (first, second))
    assert all("<location>Kyoto, Japan</location>" in prompt for prompt in (first, second))


async def test_a_picture_that_has_moved_is_asked_for_and_can_be_given(tmp_path: Path, path: Path) -> None:
    elsewhere = tmp_path / "a" / "b" / "moved.png"
    elsewhere.parent.mkdir(parents=True)
    (tmp_path / "marra.png").rename(elsewhere)
    scribe = Scribe()
    with pytest.raises(BadInput, match=r"marra\.png, the picture of .*marra\.json, is not where it was.*--image"):
        await redo(path, {"visual"}, terms(tmp_path, scribe))
    assert scribe.asked == []
    await redo(path, {"visual"}, terms(tmp_path, scribe), image=elsewhere)
    await redo(path, {"visual"}, terms(tmp_path, scribe))
    assert [len(question.pictures) for question in scribe.asked] == [1, 1]


async def test_a_picture_is_found_where_it_was_noted(tmp_path: Path, path: Path) -> None:
    elsewhere = tmp_path / "far" / "off" / "marra.png"
    elsewhere.parent.mkdir(parents=True)
    (tmp_path / "marra.png").rename(elsewhere)
    remember_portrait(elsewhere, file_digest(elsewhere), Folders(tmp_path))
    scribe = Scribe()
    await redo(path, {"visual"}, terms(tmp_path, scribe))
    assert len(scribe.asked[0].pictures) == 1


async def test_a_card_in_a_picture_is_never_written_over_but_can_be_taken_in(tmp_path: Path, path: Path) -> None:
    card, _ = export(read_persona(path), "card", Folders(tmp_path), make_picture(tmp_path / "marra.png"))
    before, scribe = card.read_bytes(), Scribe()
    with pytest.raises(BadInput, match=r"marra\.png is not a persona's own JSON file.*--complete"):
        await redo(card, {"voice"}, terms(tmp_path, scribe))
    _, target, was_whole = await complete(card, terms(tmp_path / "other", scribe))
    assert (target, was_whole) == (tmp_path / "other" / "personas" / "marra.json", False)
    assert read_persona(target).core == CORE
    assert card.read_bytes() == before
    assert scribe.asked == []


async def test_a_card_from_elsewhere_is_not_redone(tmp_path: Path) -> None:
    card = foreign(tmp_path / "ada.json", description="Keeps bees.")
    before = card.read_bytes()
    with pytest.raises(BadInput, match="--complete"):
        await redo(card, stages_named("1"), terms(tmp_path, Scribe()))
    assert card.read_bytes() == before


# -- complete ----------------------------------------------------------------------------------------


def foreign(path: Path, **data: Any) -> Path:
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Ada Quist", **data}}
    path.write_text(json.dumps(card), encoding="utf-8")
    return path


async def test_a_card_from_elsewhere_is_filled_from_its_own_words_without_a_picture(tmp_path: Path) -> None:
    card = foreign(tmp_path / "ada.json", description="Keeps bees on a roof.", first_mes="Mind the hive.")
    before = card.read_bytes()
    scribe = Scribe()
    made, target, was_whole = await complete(card, terms(tmp_path, scribe, language="de"))
    assert (target, was_whole) == (tmp_path / "personas" / "ada.json", False)
    assert scribe.purposes == [f"persona_{name}" for name in NAMES]
    assert not any(question.pictures for question in scribe.asked)
    assert "<card>" in scribe.asked[0].prompt.user
    assert "Keeps bees on a roof." in scribe.asked[0].prompt.user
    assert "There is no picture yet" in scribe.asked[-2].prompt.system
    assert card.read_bytes() == before
    assert (made.character, made.language) == ("Ada Quist", "de"), "the card's name stays, whatever the model says"
    written = json.loads(target.read_text(encoding="utf-8"))["data"]
    assert written["name"] == "Ada Quist"
    assert written["description"] == "Keeps bees on a roof."
    assert written["first_mes"] == "Mind the hive."


async def test_completing_twice_asks_nothing(tmp_path: Path) -> None:
    card, scribe = foreign(tmp_path / "ada.json", description="Keeps bees."), Scribe()
    await complete(card, terms(tmp_path, scribe))
    _, target, was_whole = await complete(card, terms(tmp_path, scribe))
    assert was_whole
    assert target == tmp_path / "personas" / "ada.json"
    assert len(scribe.asked) == 7


async def test_a_card_is_completed_with_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (30, 40), "gold").save(tmp_path / "face.png")
    card, scribe = foreign(tmp_path / "ada.json", description="Keeps bees."), Scribe()
    made, _, _ = await complete(card, terms(tmp_path, scribe), image=tmp_path / "face.png")
    assert [question.purpose for question in scribe.asked if question.pictures] == ["persona_core", "persona_visual"]
    assert made.portrait is not None
    assert made.portrait.file == "face.png"
    [visual] = [question for question in scribe.asked if question.purpose == "persona_visual"]
    assert "There is no picture yet" not in visual.prompt.system


@pytest.mark.parametrize("missing", [{"knowledge"}, {"strategy", "examples"}, {"visual"}, {"network", "voice"}])
async def test_of_our_own_exactly_what_is_missing_is_asked(tmp_path: Path, path: Path, missing: set[str]) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    for stage in missing:
        del card["data"]["extensions"]["dramatis"][stage]
    path.write_text(json.dumps(card), encoding="utf-8")
    scribe = Scribe()
    made, target, _ = await complete(path, terms(tmp_path, scribe))
    assert target == path
    assert set(scribe.purposes) == {f"persona_{stage}" for stage in missing}
    assert {question.attempt for question in scribe.asked} == {0}
    assert all(getattr(made, name) for name in NAMES)


async def test_another_persona_of_that_name_is_never_overwritten(tmp_path: Path, path: Path) -> None:
    card = foreign(tmp_path / "marra.json", description="Somebody else.")
    before, scribe = path.read_bytes(), Scribe()
    with pytest.raises(BadInput, match=r"marra\.json is there already and says something else"):
        await complete(card, terms(tmp_path, scribe))
    assert scribe.asked == []
    assert path.read_bytes() == before


# -- acquaintances -----------------------------------------------------------------------------------


def bond(word: str) -> Bond:
    return Bond(relation=f"{word} from the quay", called=word, wants="a bell", open_matter="the bill", writes="short")


BETWEEN = Acquaintance(first=bond("the diver"), second=bond("the bell woman"))


def two() -> tuple[Persona, Persona]:
    facts = CORE.facts.model_copy(update={"name": "Oto Brandt"})
    return persona("marra"), persona("oto").model_copy(update={"core": CORE.model_copy(update={"facts": facts})})


@pytest.mark.parametrize("number", [2, 3, 5, 40])
def test_everybody_comes_to_know_one_or_two_others(number: int) -> None:
    names = [f"n{one}" for one in range(number)]
    met = pairs(names, 0)
    assert met == pairs(reversed(names), 0)
    assert len(set(met)) == len(met)
    assert {sum(name in pair for pair in met) for name in names} == ({1} if number == 2 else {2})
    assert pairs(["alone"], 0) == []


async def test_two_members_stand_in_each_others_network_under_their_handles() -> None:
    marra, oto = two()
    scribe = Scribe({"persona_acquaintance": BETWEEN})
    between = await acquaint(scribe.llm, marra, oto)
    assert "Oto Brandt" in scribe.asked[0].prompt.user
    there, back = introduce(marra, oto, between.first), introduce(oto, marra, between.second)
    assert knows(there, oto)
    assert knows(back, marra)
    assert not knows(marra, oto)
    assert there.network is not None
    contact = there.network.people[-1]
    assert (contact.name, contact.handle, contact.called) == ("Oto Brandt", "oto_brandt", "the diver")
    assert there.network.people[:-1] == NETWORK.people
    assert introduce(there, oto, between.first) == there


async def test_a_network_made_again_keeps_the_members_of_the_cast(tmp_path: Path, path: Path) -> None:
    _, oto = two()
    write_persona(path, introduce(read_persona(path), oto, BETWEEN.first))
    made = await redo(path, {"network"}, terms(tmp_path, Scribe()))
    assert knows(made, oto)


async def test_whoever_becomes_another_is_no_longer_known(tmp_path: Path, path: Path) -> None:
    marra, oto = two()
    write_persona(path, introduce(read_persona(path), oto, BETWEEN.first))
    knowing, said = introduce(oto, marra, BETWEEN.second), list[str]()
    core = CORE.model_copy(update={"facts": CORE.facts.model_copy(update={"name": "Runa Vik"})})
    scribe = Scribe({"persona_core": core})
    made = await redo(path, stages_named("core"), terms(tmp_path, scribe, say=said.append))
    assert made.acquaintances == {}
    assert not knows(knowing, made)
    assert any("oto still know" in line and "--know-each-other" in line for line in said)
    again = introduce(knowing, made, BETWEEN.second)
    assert again.network is not None
    handles = [contact.handle for contact in again.network.people]
    assert "marra_tveit" not in handles
    assert handles[-1] == "runa_vik"
