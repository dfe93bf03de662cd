"""Contradictions in the answers of stages: what is sent back, what is noted, and that nothing of ours is blamed."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from calendars.generate import calendar_for
from files import Folders, read_json
from llm.client import LLM
from llm.journal import Journal
from persona.cards.card import read_persona
from persona.facts.check import contradictions, doubts, persona_notes, post_contradictions
from persona.generate import generate_persona
from persona.portrait import Portrait, name_portraits
from persona.schema.answers import Core, Examples, Home, Knowledge, Lore, Visual
from persona.schema.fields import Answer
from rehearsal.bank import BANKS
from rehearsal.endpoint import RehearsalTransport
from settings import LLMSettings
from tests import answers
from tests.answers import CORE, EXAMPLES, KNOWLEDGE, NETWORK, STRATEGY, VISUAL, VOICE, Scribe
from tests.command import ROOT
from tweets.write import write_batch


def examples(text: str) -> Examples:
    return EXAMPLES.model_copy(
        update={"posts": (EXAMPLES.posts[0].model_copy(update={"text": text}), *EXAMPLES.posts[1:])}
    )


def visual(**changes: str) -> Visual:
    return VISUAL.model_copy(update={"invariants": VISUAL.invariants.model_copy(update=changes)})


def knowledge(name: str, content: str, day: str | None = None) -> Knowledge:
    lore = Lore(name=name, keys=("x",), content=content, date=day)
    return KNOWLEDGE.model_copy(update={"entries": (lore, *KNOWLEDGE.entries[1:])})


def core(**changes: object) -> Core:
    return CORE.model_copy(update={"facts": CORE.facts.model_copy(update=changes)})


PLANTED: list[tuple[Answer, str]] = [
    (examples("My cousin Bjarne rang it twice, then apologised to the bell."), "Bjarne"),
    (examples("I'm 29 years old and the bell is older."), "34"),
    (examples("What an amazing hum the new one has."), "amazing"),
    (VOICE.model_copy(update={"greeting": "Mind the bench. I live in Stockholm, so speak up."}), "Kvalsund"),
    (VOICE.model_copy(update={"greeting": "Mind the bench. Marra Tveitt, bells."}), "Marra Tveit"),
    (visual(hair="long black hair in a braid"), "copper"),
    (visual(eyes="warm brown eyes"), "grey"),
    (VISUAL.model_copy(update={"appearance": "Ink drawing of a short woman with platinum hair."}), "copper"),
    (knowledge("her birthday", "The furnace stays cold and Pia bakes.", "08-02"), "03-09"),
    (knowledge("the clock", "Her local time is UTC+9, and the ferry does not care."), "Europe/Oslo"),
    (knowledge("the neighbour", "Mrs Solberg complains about the A on Sundays."), "Solberg"),
    (core(home=Home(place="Kvalsund", country_code="NO", time_zone="Asia/Tokyo")), "Europe/Oslo"),
    (core(home=Home(place="Lisbon", country_code="NO", time_zone="Europe/Oslo")), "Lisbon"),
    (
        CORE.model_copy(update={"description": "Marra taps his spoon on everything before he sits down."}),
        "she/her",
    ),
]


@pytest.mark.parametrize(("answer", "quoted"), PLANTED, ids=lambda value: str(value)[:24])
def test_a_contradiction_of_a_stage_is_found(answer: Answer, quoted: str) -> None:
    rests_on = answer if isinstance(answer, Core) else CORE
    found = doubts(rests_on, answer, "en")
    assert any(quoted in sentence for sentence in found), found


@pytest.mark.parametrize("stage", ["core", "strategy", "examples", "network", "voice", "visual", "knowledge"])
def test_the_invented_character_of_the_tests_is_in_agreement_with_itself(stage: str) -> None:
    assert contradictions(CORE, getattr(answers.persona(), stage), "en", NETWORK) == []


@pytest.mark.parametrize(
    "answer", [CORE, STRATEGY, EXAMPLES, NETWORK, VOICE, KNOWLEDGE], ids=lambda a: type(a).__name__
)
@pytest.mark.parametrize("language", ["de", "ja", "ru"])
def test_a_stage_in_another_language_is_sent_back_with_the_language_named(answer: Answer, language: str) -> None:
    assert any(f'"{language}"' in sentence for sentence in doubts(CORE, answer, language))


def test_pictures_are_described_in_english_whatever_the_language() -> None:
    assert doubts(CORE, VISUAL, "ja") == []


def test_somebody_of_the_network_is_known_when_the_network_is() -> None:
    answer = examples("My neighbour Harald Moe has lit it on a Tuesday.")
    assert any("Harald" in one.sentence for one in contradictions(CORE, answer))
    assert contradictions(CORE, answer, network=NETWORK) == []


def test_the_notes_on_a_persona_know_its_own_network() -> None:
    answer = examples("My neighbour Harald Moe has lit it on a Tuesday.")
    assert persona_notes(answers.persona().model_copy(update={"examples": answer})) == ()


def test_only_a_post_may_have_seen_a_birthday_since() -> None:
    said = "I'm 35 years old and the bell is older."
    assert doubts(CORE, examples(said), "en")
    assert post_contradictions(answers.persona(), date(2026, 12, 1), said) == []


def test_what_is_only_suspected_is_noted_and_not_sent_back() -> None:
    answer = examples("Went through the invoice with Ragnhild, twice.")
    assert doubts(CORE, answer, "en") == []
    [note] = persona_notes(answers.persona().model_copy(update={"examples": answer}))
    assert note.startswith("examples: perhaps: posts.0.text names")
    assert "Ragnhild" in note


def test_a_greeting_from_elsewhere_may_be_a_trip() -> None:
    [found] = post_contradictions(
        answers.persona(), date(2026, 12, 1), "Good night from Lisbon. The trams hum in thirds."
    )
    assert not found.certain
    assert "Lisbon" in found.sentence


# -- through the stages ------------------------------------------------------------------------------


def portrait_in(folder: Path) -> Portrait:
    Image.new("RGB", (30, 40), (90, 40, 120)).save(folder / "Mira.png")
    [portrait] = name_portraits([folder / "Mira.png"], folder)
    assert isinstance(portrait, Portrait)
    return portrait


async def test_each_stage_is_doubted_and_what_stays_is_noted_on_the_card(tmp_path: Path) -> None:
    wrong = visual(hair="long black hair in a braid")
    scribe = Scribe({"persona_visual": wrong})
    made = await generate_persona(portrait_in(tmp_path), scribe.llm, tmp_path / "mira.json")
    asked = {question.purpose: question for question in scribe.asked}
    assert "copper" in asked["persona_visual"].doubt(wrong)[0]
    assert not any(asked[purpose].doubt(reply) for purpose, reply in answers.REPLIES.items())
    [note] = made.notes
    assert note.startswith("visual: invariants.hair says")
    assert read_persona(tmp_path / "mira.json").notes == made.notes
    assert note in read_json(tmp_path / "mira.json", "card")["data"]["creator_notes"]


def clock() -> datetime:
    return datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", sorted(folder.name for folder in BANKS.iterdir() if folder.is_dir()))
async def test_rehearsed_characters_and_posts_give_nothing_to_object_to(tmp_path: Path, language: str) -> None:
    folders, portraits = Folders(tmp_path), sorted((ROOT / "examples" / "portraits").glob("*.png"))
    with Journal(tmp_path / "journal.sqlite3") as journal:
        async with LLM(
            LLMSettings(base_url="http://rehearsal.invalid/v1"), journal, transport=RehearsalTransport()
        ) as llm:
            for index, portrait in enumerate(name_portraits(portraits, tmp_path)):
                assert isinstance(portrait, Portrait)
                path = tmp_path / f"{portrait.name}.json"
                made = await generate_persona(portrait, llm, path, language=language)
                assert made.notes == ()
                plan = partial(calendar_for, generate=True, posts=4, days=4, start=date(2026, 12, 1), seed=0)
                calendar = await plan(made, llm, folders, index=index, clock=clock, say=lambda _: None)
                write = partial(write_batch, posts=None, seed=0, slots=asyncio.Semaphore(4), folders=folders)
                batch = await write(made, calendar, llm, index=index, clock=clock)
                assert [note for post in batch.posts for note in post.notes] == []
            assert llm.usage.refused == 0


def test_a_post_is_checked_in_two_milliseconds() -> None:
    persona = answers.persona()
    text = "Pia sold the small bell to a man who wanted a doorstop. He paid double, and Old Sverre called it flat."
    scene = (
        "At a bench in a wooden shed at dusk, striking a brass bell with a spoon, one lamp above, ferry lights behind."
    )
    alt_text = "A bell maker at her bench strikes a brass bell with a spoon; ferry lights shine in the window."

    def check() -> float:
        begun = time.process_time()
        post_contradictions(persona, date(2026, 12, 1), text, scene, alt_text, told="Pia sells a bell")
        return time.process_time() - begun

    check()
    assert min(check() for _ in range(50)) < 0.002
