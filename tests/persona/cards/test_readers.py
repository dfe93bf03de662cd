"""The programs of others read what we write: strict judges of V2, V3 and elizaOS, and two plain readers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import aichar
import pytest
import tavern_card
from PIL import Image

from persona.cards.card import read_persona, to_card
from persona.cards.eliza import to_eliza
from persona.crop import SIZE
from persona.export_cards import CardPicture, png_card, to_v3
from persona.schema.persona import Given, Persona
from tests.answers import persona
from tests.cards import DATA, V1, V2, V3, write
from tests.readers_of_others import verdicts


def png_of(who: Persona) -> bytes:
    return png_card(who, CardPicture(Image.new("RGB", SIZE, "teal"), "x"))


def chunk(content: bytes, name: str) -> dict[str, Any]:
    """A card in a PNG, found as a program without our code would find it."""
    start = content.index(f"tEXt{name}\0".encode())
    length = int.from_bytes(content[start - 4 : start], "big")
    card: dict[str, Any] = json.loads(base64.b64decode(content[start + 5 + len(name) : start + 4 + length]))
    return card


def cast(tmp_path: Path) -> list[Persona]:
    """Ours, ours without most of its stages, and those of others: whole, broken and bare."""
    bare = {"name": "x", "description": "y"}
    broken = DATA | {
        "tags": None,
        "alternate_greetings": None,
        "creator": 4,
        "extensions": None,
        "nickname": 5,
        "creation_date": "2025-01-01",
        "assets": [{"type": "icon"}],
        "group_only_greetings": None,
        "character_book": {"entries": [{"keys": None, "id": "a", "priority": "high", "selective": None}, {}]},
    }
    cards = [V1, V2, V3, bare, {"spec": "chara_card_v2", "spec_version": 2, "data": broken}]
    read = [read_persona(write(tmp_path / f"{number}.json", card)) for number, card in enumerate(cards)]
    one_stage = Persona(name="marra", core=persona().core)
    return [persona(), one_stage, Persona(name="a", given=Given(name="A", description="B")), *read]


def test_strict_readers_take_every_card_that_we_write(tmp_path: Path) -> None:
    questions: list[tuple[str, Any]] = []
    for who in cast(tmp_path):
        png = png_of(who)
        questions += [
            ("v2", to_card(who)),
            ("backfilled", chunk(png, "chara")),
            ("v3", chunk(png, "ccv3")),
            ("v3", to_v3(to_card(who), who, icon="embeded://assets/icon/images/main.png")),
            ("eliza", to_eliza(who)),
        ]
    assert verdicts(questions) == [""] * len(questions)


def without(card: dict[str, Any], *keys: str) -> dict[str, Any]:
    *way, last = keys
    changed: dict[str, Any] = json.loads(json.dumps(card))
    place = changed
    for key in way:
        place = place[key]
    del place[last]
    return changed


def test_the_strict_readers_would_see_what_is_wrong() -> None:
    card, full = to_card(persona()), to_v3(to_card(persona()), persona())
    wrong = [
        ("v2", card | {"spec_version": 2}),
        ("v2", card | {"data": card["data"] | {"character_book": None}}),
        ("v2", without(card, "data", "extensions")),
        ("backfilled", card),
        ("v3", card),
        ("v3", without(full, "data", "group_only_greetings")),
        ("eliza", to_eliza(persona()) | {"lore": []}),
        ("eliza", to_eliza(persona()) | {"name": ""}),
    ]
    assert all(verdicts(wrong))


@pytest.mark.parametrize("card", [None, V3], ids=["ours", "from elsewhere"])
def test_a_plain_reader_of_pictures_finds_the_v3_card(tmp_path: Path, card: Any) -> None:
    who = persona() if card is None else read_persona(write(tmp_path / "f.json", card))
    found = tavern_card.parse_png_card(png_of(who))
    assert found["spec"] == "chara_card_v3"
    assert found["data"]["name"] == who.character
    assert found["data"]["extensions"]["dramatis"]["format"] == 1
    assert tavern_card.parse_card(to_card(who))["data"]["description"] == to_card(who)["data"]["description"]


def test_an_old_reader_that_knows_only_v1_finds_everything(tmp_path: Path) -> None:
    path = tmp_path / "marra.png"
    path.write_bytes(png_of(persona()))
    found = aichar.load_character_card_file(str(path))
    data = to_card(persona())["data"]
    assert found.name == "Marra Tveit"
    assert (found.summary, found.greeting_message) == (data["description"], data["first_mes"])
    assert (found.scenario, found.example_messages) == (data["scenario"], data["mes_example"])
