"""Personas as files: our own cards, cards from elsewhere, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import BadInput
from persona.cards.card import origin_of, read_persona, to_card, write_persona
from persona.schema.persona import Given, Lora, Persona
from tests.answers import persona

TEXTS = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt", "creator_notes")
V2_FIELDS = {*TEXTS, "name", "post_history_instructions", "alternate_greetings", "tags", "creator"}
V1 = {
    "name": "Ferro",
    "description": "{{char}} sells weather by the litre.",
    "personality": "",
    "scenario": "a market",
    "first_mes": "Rain?",
    "mes_example": "<START>\n{{user}}: hi",
}


def write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def own_card(change: dict[str, Any]) -> dict[str, Any]:
    card = to_card(persona())
    card["data"]["extensions"]["dramatis"] |= change
    return card


# -- ours --------------------------------------------------------------------------------------------


def test_a_persona_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_persona(tmp_path / "marra.json", persona())
    assert read_persona(tmp_path / "marra.json") == persona()


def test_a_lora_that_somebody_put_into_the_card_is_read_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "marra.json"
    own_lora = {"file": "marra.safetensors", "strength": 0.8, "trigger_words": "m4rra"}
    path.write_text(json.dumps(own_card({"lora": own_lora})))
    read = read_persona(path)
    assert read.lora == Lora(file="marra.safetensors", strength=0.8, trigger_words="m4rra")
    write_persona(path, read)
    assert json.loads(path.read_text())["data"]["extensions"]["dramatis"]["lora"] == own_lora


def test_the_file_is_a_character_card_v2() -> None:
    card = to_card(persona())
    data = card["data"]
    assert (card["spec"], card["spec_version"]) == ("chara_card_v2", "2.0")
    assert set(card) == {"spec", "spec_version", "data"}
    assert set(data) == {*V2_FIELDS, "character_version", "extensions", "character_book"}
    assert all(data[name] for name in TEXTS)
    assert all(isinstance(value, str) for name, value in data.items() if name in TEXTS)
    assert data["name"] == "Marra Tveit"
    assert data["mes_example"].startswith("<START>\n{{user}}: Can you fix")
    assert data["mes_example"].count("<START>") == 10
    entry = data["character_book"]["entries"][1]
    assert entry["keys"] == ["feast", "harbour feast"]
    assert {"content", "extensions", "enabled", "insertion_order"} <= set(entry)
    assert [e["insertion_order"] for e in data["character_book"]["entries"]] == list(range(6))
    assert "extensions" in data["character_book"]


def test_the_card_says_three_times_that_it_is_fiction_made_with_ai() -> None:
    data = to_card(persona())["data"]
    assert "fictional" in data["creator_notes"]
    assert "AI-generated" in data["creator_notes"]
    assert {"AI-generated", "fictional"} <= set(data["tags"])
    assert data["extensions"]["dramatis"]["ai"]["generated"] is True
    assert data["extensions"]["dramatis"]["ai"]["fiction"] is True


def test_an_edit_shows_but_new_spacing_does_not(tmp_path: Path) -> None:
    path = tmp_path / "marra.json"
    write_persona(path, persona())
    origin = origin_of(path)
    assert origin is not None
    assert (origin.sha256, origin.made_from, origin.edited) == ("0" * 64, "0" * 16, False)

    card = json.loads(path.read_text(encoding="utf-8"))
    write(path, card)
    assert origin_of(path) == origin
    card["data"]["first_mes"] = "Hello."
    write(path, card)
    edited = origin_of(path)
    assert edited is not None
    assert edited.edited


def test_a_field_that_nobody_knows_is_named(tmp_path: Path) -> None:
    card = own_card({})
    card["data"]["extensions"]["dramatis"]["network"]["people"][2]["nickname"] = "Harry"
    with pytest.raises(
        BadInput, match=r"a\.json: data\.extensions\.dramatis\.network\.people\.2\.nickname is no field"
    ):
        read_persona(write(tmp_path / "a.json", card))


def test_a_value_that_breaks_a_rule_is_named_with_its_rule(tmp_path: Path) -> None:
    card = own_card({})
    card["data"]["extensions"]["dramatis"]["core"]["facts"]["home"]["time_zone"] = "Mars/Olympus"
    with pytest.raises(BadInput, match=r"core\.facts\.home\.time_zone: 'Mars/Olympus' is no IANA time zone"):
        read_persona(write(tmp_path / "a.json", card))


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"format 2.*Update Dramatis"):
        read_persona(write(tmp_path / "a.json", own_card({"format": 2})))


def test_a_name_in_a_file_is_never_a_path(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a\.json: .*name: .*etc/passwd' cannot stand in a file's name"):
        read_persona(write(tmp_path / "a.json", own_card({"name": "../../etc/passwd"})))


def test_a_card_with_some_stages_taken_out_is_still_read(tmp_path: Path) -> None:
    card = own_card({})
    del card["data"]["extensions"]["dramatis"]["visual"]
    assert read_persona(write(tmp_path / "a.json", card)).visual is None


def test_a_card_from_elsewhere_keeps_its_own_words(tmp_path: Path) -> None:
    given = Persona(name="ferro", given=Given(name="Ferro", description="Sells weather.", first_message="Rain?"))
    data = to_card(given)["data"]
    assert (data["name"], data["description"], data["first_mes"]) == ("Ferro", "Sells weather.", "Rain?")
    assert "character_book" not in data
    write_persona(tmp_path / "ferro.json", given)
    assert read_persona(tmp_path / "ferro.json") == given


# -- from elsewhere ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "card",
    [
        V1,
        {"spec": "chara_card_v2", "spec_version": "2.0", "data": V1 | {"extensions": {"other": {"a": 1}}}},
        {"spec": "chara_card_v2", "spec_version": 2, "data": V1 | {"character_book": None, "tags": None}},
        {"spec": "chara_card_v3", "spec_version": "3.0", "data": V1 | {"group_only_greetings": []}},
        {**V1, "spec": "chara_card_v2", "spec_version": "2.0", "data": V1},
    ],
    ids=["V1", "V2", "V2 with nulls", "V3", "V2 with V1 fields"],
)
def test_cards_from_elsewhere_are_read(tmp_path: Path, card: dict[str, Any]) -> None:
    found = read_persona(write(tmp_path / "Ferro Card.json", card))
    assert found.name == "ferro-card"
    assert found.character == "Ferro"
    assert found.core is None
    assert found.given is not None
    assert found.given.scenario == "a market"


def test_a_plain_persona_needs_a_name_and_a_description(tmp_path: Path) -> None:
    found = read_persona(write(tmp_path / "p.json", {"name": "Ferro", "description": "Sells weather."}))
    assert (found.character, found.description) == ("Ferro", "Sells weather.")


def test_null_fields_a_byte_order_mark_and_odd_characters_are_read(tmp_path: Path) -> None:
    text = '{"name": "Ferro", "description": "x \\ud83d", "personality": null, "scenario": 3, "mes_example": []}'
    (tmp_path / "p.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = read_persona(tmp_path / "p.json")
    assert found.given is not None
    assert (found.given.personality, found.given.scenario, found.given.example_messages) == ("", "3", "")
    write_persona(tmp_path / "again.json", found)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "holds no JSON object"),
        ("{}", 'it has no "name"'),
        ('{"name": "  ", "description": "x"}', 'it has no "name"'),
        ('{"name": {"a": 1}, "description": "x"}', 'it has no "name"'),
        ('{"name": "Ferro"}', "says nothing about Ferro"),
        ('{"format": 1, "persona": "ferro", "days": []}', "is a calendar.*--calendar"),
        ('{"format": 1, "persona": "ferro", "posts": []}', "is a batch of posts.*--tweets-batch"),
        ('{"spec": "lorebook_v3", "data": {}}', "is a lorebook"),
    ],
)
def test_what_is_no_persona_is_refused_in_one_sentence(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "p.json").write_text(content)
    with pytest.raises(BadInput, match=message) as caught:
        read_persona(tmp_path / "p.json")
    assert "p.json" in caught.value.what
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*gone\.json"):
        read_persona(tmp_path / "gone.json")
