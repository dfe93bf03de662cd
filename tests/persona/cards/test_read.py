"""Cards of other programs, in every form that people keep them in; and what cannot be read, in one sentence."""

from __future__ import annotations

import base64
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errors import BadInput
from persona.cards.card import read_card, read_persona, to_card, write_persona
from persona.cards.foreign_fields import marks_of
from persona.schema.persona import Persona
from tests.answers import persona
from tests.cards import DATA, V1, V2, V3, charx_with, encoded, picture, png_with, text_chunk, write

KINDS = ("tEXt", "zTXt", "iTXt", "iTXt+")


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def renamed(card: dict[str, Any], name: str) -> dict[str, Any]:
    return card | {"data": card["data"] | {"name": name}}


# -- containers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_the_pixels", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_card_is_read_from_every_kind_of_text_chunk(tmp_path: Path, kind: str, after_the_pixels: bool) -> None:
    content = png_with(text_chunk(kind, "chara", encoded(V2)), after_the_pixels=after_the_pixels)
    read = read_card(saved(tmp_path / "Ferro.PNG", content))
    assert (read.persona.name, read.persona.character) == ("ferro", "Ferro")
    assert read.picture == picture()
    assert read.mended == ()


def test_ccv3_wins_whatever_stands_first(tmp_path: Path) -> None:
    chunks = (text_chunk("tEXt", "chara", encoded(V2)), text_chunk("zTXt", "CCv3", encoded(renamed(V3, "Three"))))
    for name, order in (("a", chunks), ("b", chunks[::-1])):
        assert read_persona(saved(tmp_path / f"{name}.png", png_with(*order))).character == "Three"


def test_a_broken_ccv3_gives_way_to_chara_and_says_so(tmp_path: Path) -> None:
    chunks = (text_chunk("tEXt", "ccv3", base64.b64encode(b"{oh")), text_chunk("tEXt", "chara", encoded(V2)))
    read = read_card(saved(tmp_path / "a.png", png_with(*chunks)))
    assert read.persona.character == "Ferro"
    assert "its chara card is read instead" in read.mended[0]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(V2).encode(),
        b"\xef\xbb\xbf" + json.dumps(V2).encode(),
        base64.b64encode(b"\xef\xbb\xbf" + json.dumps(V2).encode()),
        base64.encodebytes(json.dumps(V2).encode()),
        base64.b64encode(json.dumps(V2).encode()).rstrip(b"="),
    ],
    ids=["plain", "plain with a mark", "a mark inside", "in lines", "without padding"],
)
def test_loose_encodings_are_read(tmp_path: Path, text: bytes) -> None:
    assert read_persona(saved(tmp_path / "a.png", png_with(text_chunk("iTXt", "chara", text)))).character == "Ferro"


def test_a_picture_that_is_cut_short_still_has_its_card(tmp_path: Path) -> None:
    content = png_with(text_chunk("tEXt", "chara", encoded(V2)))
    assert read_persona(saved(tmp_path / "a.png", content[:-30])).character == "Ferro"


@pytest.mark.parametrize("prefix", ["embeded://", "embedded://", "__asset:"])
def test_a_charx_is_read_with_its_main_icon(tmp_path: Path, prefix: str) -> None:
    assets = [
        {"type": "icon", "uri": f"{prefix}assets/icon/images/2.png", "name": "second", "ext": "png"},
        {"type": "icon", "uri": f"{prefix}assets/icon/images/1.png", "name": "main", "ext": "png"},
    ]
    card = V3 | {"data": V3["data"] | {"assets": assets}}
    entries = {"card.json": json.dumps(card).encode(), "assets/icon/images/1.png": picture()}
    for start in (b"", b"an unpacker stands before the archive"):
        read = read_card(saved(tmp_path / "f.charx", start + charx_with(entries)))
        assert read.persona.character == "Ferro"
        assert read.picture == picture()


def test_the_content_counts_and_not_the_name_of_the_file(tmp_path: Path) -> None:
    png = png_with(text_chunk("tEXt", "chara", encoded(V2)))
    charx = charx_with({"card.json": json.dumps(V3).encode()})
    for name, content in (("a.json", png), ("b.png", charx), ("c.charx", json.dumps(V1).encode())):
        assert read_persona(saved(tmp_path / name, content)).character == "Ferro"


def test_utf16_with_a_mark_is_read(tmp_path: Path) -> None:
    assert read_persona(saved(tmp_path / "a.json", json.dumps(V2).encode("utf-16"))).character == "Ferro"


# -- what is taken, and what is mended ---------------------------------------------------------------


def test_what_the_prompts_are_told_is_small_and_has_no_macros(tmp_path: Path) -> None:
    given = read_persona(write(tmp_path / "f.json", V3)).given
    assert given is not None
    assert given.description == "Fe sells weather by the litre."
    assert given.example_messages == "<START>\nUser: hi\nFe: Umbrella or bucket?"
    assert [(lore.name, lore.keys, lore.content) for lore in given.lore] == [
        ("hail", ("hail",), "Fe keeps hail in a bucket.")
    ]


def test_the_book_of_a_foreign_card_comes_up_in_posts_beside_our_own(tmp_path: Path) -> None:
    found = read_persona(write(tmp_path / "f.json", V2))
    assert [lore.name for lore in found.lore] == ["hail"]
    both = found.model_copy(update={"knowledge": persona().knowledge})
    assert [lore.name for lore in both.lore][-2:] == ["the spoon", "hail"]
    entries = to_card(both)["data"]["character_book"]["entries"]
    assert [entry.get("name") for entry in entries][:3] == ["hail", None, "the shed"]
    assert len({entry["id"] for entry in entries if "id" in entry}) == 7
    write_persona(tmp_path / "both.json", both)
    assert read_persona(tmp_path / "both.json") == both


def test_further_greetings_stand_in_for_examples_that_are_missing(tmp_path: Path) -> None:
    card = V2 | {"data": DATA | {"mes_example": ""}}
    given = read_persona(write(tmp_path / "f.json", card)).given
    assert given is not None
    assert given.example_messages == "<START>\nFerro: Hail?\n<START>\nFerro: Fog?"


def test_a_description_of_five_megabytes_is_cut_for_prompts_and_kept_in_the_card(tmp_path: Path) -> None:
    long = "word " * 1_000_000
    card = V2 | {"data": DATA | {"description": long}}
    read = read_card(saved(tmp_path / "a.png", png_with(text_chunk("tEXt", "chara", encoded(card)))))
    assert len(read.persona.description) <= 12_000
    assert read.persona.description.endswith("word")
    assert read.mended == (
        "description has 4,999,999 characters; the first 12,000 go into prompts, the card keeps all.",
    )
    write_persona(tmp_path / "a.json", read.persona)
    assert read_persona(tmp_path / "a.json") == read.persona
    assert to_card(read.persona)["data"]["description"] == long


@pytest.mark.parametrize(
    ("name", "seen", "said"),
    [
        ("\u202eorreF\u202c", "orreF", True),
        ("Fer\x00\x07ro\r\n", "Fer ro", True),
        ("\u200bFerro\ufeff\u2066", "Ferro", True),
        ("  Ferro ", "Ferro", False),
        ("نفیسه\u200cجان", "نفیسه\u200cجان", False),
        (7, "7", True),
        ("x" * 300, "x" * 200, True),
    ],
)
def test_a_name_is_mended_and_that_is_said(tmp_path: Path, name: Any, seen: str, said: bool) -> None:
    read = read_card(write(tmp_path / "a.json", renamed(V2, name)))
    assert read.persona.character == seen
    assert bool(read.mended) is said
    assert to_card(read.persona)["data"]["name"] == seen


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"character_book": None}, "character_book was null; there is none now."),
        ({"tags": None}, "tags was null; it is a list now."),
        ({"tags": "a, b"}, "tags was text; it is a list now."),
        ({"alternate_greetings": None}, "alternate_greetings was null; it is a list now."),
        ({"extensions": []}, "extensions was a list; it is an object now."),
        ({"character_version": 1.5}, "character_version was a number; it is text now."),
        ({"creation_date": "2025-01-02"}, "creation_date was text; it is a number now."),
        ({"creation_date": "long ago"}, "creation_date was text; it is left out."),
        ({"assets": {}}, "assets was an object; it is left out."),
    ],
)
def test_fields_of_the_wrong_kind_are_put_right_and_that_is_said(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    said: list[str] = []
    found = read_persona(write(tmp_path / "a.json", V2 | {"data": DATA | change}), said.append)
    assert said == [f"{tmp_path / 'a.json'}: {sentence}"]
    card = to_card(found)["data"]
    key = next(iter(change))
    assert card.get(key) is not None or sentence.endswith(("left out.", "none now."))


def test_a_spec_version_as_a_number_is_said(tmp_path: Path) -> None:
    read = read_card(write(tmp_path / "a.json", V2 | {"spec_version": 2.0}))
    assert read.mended == ("spec_version was a number; it is text now.",)


def test_a_book_is_completed(tmp_path: Path) -> None:
    entries = [{"keys": "rain, hail", "content": 5, "insertion_order": "12", "id": "x", "position": 4}, "no entry", {}]
    card = V2 | {"data": DATA | {"character_book": {"scan_depth": "3", "name": None, "entries": entries}}}
    read = read_card(write(tmp_path / "a.json", card))
    book = to_card(read.persona)["data"]["character_book"]
    whole = {"extensions": {}, "enabled": True}
    assert book == {
        "scan_depth": 3,
        "extensions": {},
        "entries": [
            whole | {"keys": ["rain", "hail"], "content": "5", "insertion_order": 12},
            whole | {"keys": [], "content": "", "insertion_order": 2},
        ],
    }
    assert len(read.mended) == 1
    assert "values of the character_book were missing or of the wrong kind" in read.mended[0]


def test_two_cards_with_one_name_are_two_personas(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.json", V2), write(tmp_path / "two.json", V2)
    assert [read_persona(path).name for path in (one, two)] == ["one", "two"]


def test_numbers_that_json_does_not_have_become_null(tmp_path: Path) -> None:
    text = json.dumps(V2)[:-1] + ', "tool": [NaN, -Infinity, 1e999]}'
    found = read_persona(saved(tmp_path / "a.json", text.encode()))
    assert to_card(found)["tool"] == [None, None, None]


# -- what is carried ---------------------------------------------------------------------------------


@pytest.mark.parametrize("card", [V2, V3, V1 | {"metadata": {"tool": 1}}], ids=["V2", "V3", "V1"])
def test_a_foreign_card_comes_back_as_it_was(tmp_path: Path, card: dict[str, Any]) -> None:
    first = read_persona(write(tmp_path / "f.json", card))
    write_persona(tmp_path / "again.json", first)
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    data = card.get("data", {key: value for key, value in card.items() if key != "metadata"})
    for key, value in data.items():
        if key not in {"extensions", "tags", "creator_notes"}:
            assert json.dumps(again["data"][key]) == json.dumps(value), key
    for key, value in data.get("extensions", {}).items():
        assert json.dumps(again["data"]["extensions"][key]) == json.dumps(value), key
    assert again["data"]["tags"][: len(data.get("tags", []))] == data.get("tags", [])
    assert again["data"]["creator_notes"].startswith(data.get("creator_notes", ""))
    assert again.get("metadata") == card.get("metadata")
    assert again["spec"] == "chara_card_v2"
    assert read_persona(tmp_path / "again.json") == first.model_copy(update={"name": "f"})


def test_what_another_tool_puts_into_our_card_stays(tmp_path: Path) -> None:
    path = tmp_path / "marra.json"
    write_persona(path, persona())
    card = json.loads(path.read_text(encoding="utf-8"))
    card["data"]["extensions"] |= {"fav": True, "world": "Kvalsund"}
    card["data"]["first_mes"] = "Edited by hand."
    card["data"]["tags"].insert(0, "bells")
    card["data"]["character_book"]["entries"][0]["extensions"]["probability"] = 80
    card["data"]["character_book"]["entries"].append(DATA["character_book"]["entries"][0])
    card |= {"name": "Marra Tveit", "description": "stale", "create_date": "2026-01-01"}
    found = read_persona(write(path, card))
    assert found.model_copy(update={"carried": {}}) == persona()
    for _ in range(2):
        write_persona(path, found)
        again = json.loads(path.read_text(encoding="utf-8"))
        data = again["data"]
        assert data["extensions"]["fav"] is True
        assert data["first_mes"] == "Edited by hand."
        assert data["tags"] == card["data"]["tags"]
        assert again["create_date"] == "2026-01-01"
        assert "description" not in again
        entries = {entry["name"]: entry for entry in data["character_book"]["entries"]}
        assert len(entries) == len(data["character_book"]["entries"]) == 7
        assert entries["the shed"]["extensions"] == {"probability": 80}
        assert entries["hail"]["othertool_key"] == "kept"
        found = read_persona(path)


def test_a_field_that_somebody_emptied_stays_empty(tmp_path: Path) -> None:
    card = to_card(persona())
    card["data"]["system_prompt"] = ""
    found = read_persona(write(tmp_path / "a.json", card))
    assert to_card(found)["data"]["system_prompt"] == ""


def test_words_that_an_earlier_version_wrote_are_ours_and_not_carried(tmp_path: Path) -> None:
    card = to_card(persona())
    card["data"]["description"] = "As it was put before."
    marks = marks_of(card)
    card["data"]["extensions"]["dramatis"]["written"] |= {"description": marks["description"]}
    assert read_persona(write(tmp_path / "a.json", card)).carried == {}


def test_words_that_another_tool_changed_go_into_the_prompts(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    write_persona(path, read_persona(write(tmp_path / "in.json", V2)))
    card = json.loads(path.read_text(encoding="utf-8"))
    card["data"]["description"] = "{{char}} sells thunder now."
    assert read_persona(write(path, card)).description == "Ferro sells thunder now."


def test_what_is_carried_is_in_no_dump(tmp_path: Path) -> None:
    found = read_persona(write(tmp_path / "f.json", V3))
    assert found.carried["data"]["unknown_field"] == DATA["unknown_field"]
    assert "carried" not in found.model_dump()
    assert Persona.model_validate(found.model_dump()) == found.model_copy(update={"carried": {}})


# -- what is refused ---------------------------------------------------------------------------------


def bomb_of(entries: int, size: int) -> bytes:
    content = {f"assets/{number}.bin": bytes(size) for number in range(entries)}
    return charx_with({"card.json": json.dumps(V3).encode()} | content)


def says_size(archive: bytes, size: int) -> bytes:
    """The archive with another size in the list of its last entry."""
    content = bytearray(archive)
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", size)
    return bytes(content)


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "no card in the picture": (picture(), "is a picture without a character card"),
    "a photograph": (b"\xff\xd8\xff\xe0 JFIF", "is a JPEG picture without a character card"),
    "base64 of something else": (png_with(text_chunk("tEXt", "chara", base64.b64encode(b"hello"))), "is not JSON"),
    "base64 of bytes": (png_with(text_chunk("tEXt", "chara", base64.b64encode(b"\xff\x00\xfe"))), "is not UTF-8 text"),
    "no base64": (png_with(text_chunk("tEXt", "chara", b"!?")), "is not JSON"),
    "a packed text that is damaged": (
        png_with(text_chunk("zTXt", "chara", b"x")).replace(b"\0\0x\x9c", b"\0\0xx"),
        "cannot be unpacked",
    ),
    "an empty name": (json.dumps(V2 | {"data": DATA | {"name": ""}}).encode(), 'it has no "name"'),
    "a name of marks": (json.dumps(V2 | {"data": DATA | {"name": "\u202e\x00"}}).encode(), 'it has no "name"'),
    "nested without end": (b'{"name": "x", "description": "y", "a": ' + b"[" * 500 + b"]" * 500 + b"}", "nested more"),
    "digits without end": (b'{"name": "x", "description": "y", "a": ' + b"9" * 5000 + b"}", "is not JSON"),
    "a zip without a card": (charx_with({"a.txt": b"x"}), "without a card.json"),
    "a zip that is cut": (charx_with({"card.json": json.dumps(V3).encode()})[:-40], "is not"),
    "a bomb by ratio": (lambda: bomb_of(1, 70 << 20), "no card that can be opened safely: .* times its size"),
    "a bomb by entries": (lambda: bomb_of(10_000, 0), "it has 10,001 entries, more than 10,000"),
    "a bomb by size": (lambda: says_size(bomb_of(1, 9), 2 << 30), "it unpacks to 2,048 MB, more than 1,024"),
    "a bomb that lies": (lambda: says_size(charx_with({"card.json": b" " * (65 << 20)}), 100), "damaged archive"),
    "a card without end": (lambda: b" " * (65 << 20), "larger than any card"),
    "lzma": (charx_with({"card.json": json.dumps(V3).encode()}, zipfile.ZIP_LZMA), "packed in a way that no card is"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    content, message = REFUSED[case]
    path = saved(tmp_path / "p.bin", content() if callable(content) else content)
    with pytest.raises(BadInput, match=message) as caught:
        read_persona(path)
    assert str(path) in caught.value.what
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_packed_text_without_end_is_refused(tmp_path: Path) -> None:
    content = png_with(text_chunk("zTXt", "chara", b" " * (70 << 20)))
    with pytest.raises(BadInput, match="unpacks to more than any card"):
        read_persona(saved(tmp_path / "a.png", content))
