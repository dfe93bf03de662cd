"""What holds for every persona and every card: nothing is lost by writing and reading, ours and theirs alike."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from files import Folders
from persona.cards.card import read_persona, to_card, write_persona
from persona.export_cards import export
from persona.schema.persona import Persona
from tests.answers import persona
from tests.cards import DATA, V1, V3, write
from tests.properties import steady

words = st.text(max_size=40)
lines = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
# Keys as another tool would choose them: none that a card already has a meaning for.
keys = words.map(lambda text: f"tool/{text}")
unknown = st.dictionaries(keys, values, max_size=3)


@st.composite
def personas(draw: st.DrawFn) -> Persona:
    """The invented character with other words in many of its fields, and with some of its stages missing."""
    value = persona().model_dump(mode="json")
    value["core"]["description"] = draw(lines)
    value["core"]["wants"] = draw(lines)
    value["core"]["facts"]["name"] = draw(lines)
    value["core"]["facts"]["never_says"] = draw(st.lists(lines, max_size=3))
    value["core"]["facts"]["looks"]["marks"] = draw(words)
    value["voice"]["greeting"] = draw(lines)
    value["voice"]["exchanges"][0]["character"] = draw(lines)
    value["examples"]["posts"][0]["text"] = draw(lines)
    for entry in value["knowledge"]["entries"][:2]:
        entry |= {"name": draw(lines), "keys": draw(st.lists(lines, min_size=1, max_size=3)), "content": draw(lines)}
    value["notes"] = draw(st.lists(words, max_size=2))
    for stage in draw(st.sets(st.sampled_from(["strategy", "examples", "network", "voice", "visual", "knowledge"]))):
        value[stage] = None
    return Persona.model_validate(value)


@steady
@given(personas())
def test_any_persona_survives_being_written_and_read(who: Persona) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        write_persona(path, who)
        first = path.read_bytes()
        assert read_persona(path) == who
        write_persona(path, read_persona(path))
        assert path.read_bytes() == first


@steady
@given(personas(), st.sampled_from(["v3", "charx"]))
def test_any_persona_survives_being_exported_and_read(who: Persona, form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, _ = export(who, form, Folders(Path(folder)), None)
        assert read_persona(path) == who


@steady
@given(beside=unknown, inside=unknown, extensions=unknown, in_book=unknown, in_entry=unknown, extended=unknown)
def test_the_unknown_keys_of_any_card_survive(
    beside: Any, inside: Any, extensions: Any, in_book: Any, in_entry: Any, extended: Any
) -> None:
    entry = DATA["character_book"]["entries"][0] | in_entry | {"extensions": extended}
    book = DATA["character_book"] | in_book | {"entries": [entry], "extensions": extended}
    card = V3 | beside | {"data": V3["data"] | inside | {"extensions": extensions, "character_book": book}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.json"
        found = read_persona(write(path, card))
        for _ in range(2):
            write_persona(path, found)
            again = json.loads(path.read_text(encoding="utf-8"))
            data = again["data"]
            del data["extensions"]["dramatis"]
            assert same(data["extensions"], extensions)
            assert same({key: again[key] for key in beside}, beside)
            assert same({key: data[key] for key in inside}, inside)
            written = data["character_book"]
            assert same({key: written[key] for key in in_book}, in_book)
            assert same({key: written["entries"][0][key] for key in in_entry}, in_entry)
            assert same(written["entries"][0]["extensions"], extended)
            assert same(written["extensions"], extended)
            found = read_persona(path)


@steady
@given(st.dictionaries(st.sampled_from(sorted(V3["data"])), values), st.booleans())
def test_whatever_stands_in_the_known_fields_a_card_is_mended(wrong: dict[str, Any], flat: bool) -> None:
    data = V3["data"] | {key: value for key, value in wrong.items() if key != "name"}
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "f.json", data if flat else V3 | {"data": data | {"description": "Wet."}})
        if flat and not any(isinstance(data[key], str) and data[key].strip() for key in V1 if key != "name"):
            return
        first = to_card(read_persona(path))
        write_persona(path, read_persona(path))
        second = to_card(read_persona(path))
        assert_is_valid(first["data"])
        assert first == second


def assert_is_valid(data: dict[str, Any]) -> None:
    texts = {*V1, "creator_notes", "system_prompt", "post_history_instructions", "creator", "character_version"}
    assert all(isinstance(data[key], str) for key in texts)
    for key in ("tags", "alternate_greetings"):
        assert all(isinstance(item, str) for item in data[key])
    assert isinstance(data["extensions"], dict)
    for entry in data.get("character_book", {}).get("entries", ()):
        assert isinstance(entry["insertion_order"], int | float)
        assert isinstance(entry["enabled"], bool)


def same(one: Any, other: Any) -> bool:
    """The same to the last byte, the order of keys included."""
    return json.dumps(one) == json.dumps(other)
