"""Cards from elsewhere: put right what is of the wrong kind, and take from them what the stages can use.

What is put right is said, one sentence each. Pure: knows no files and does not write cards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from persona.cards import json_values
from persona.schema.answers import Lore
from persona.schema.persona import Given

LONGEST_TEXT = 12_000  # characters of one field that go into prompts
LONGEST_NAME = 200
LONGEST_LORE = 500
MOST_LORE = 24

TEXTS = (
    "name",
    "description",
    "personality",
    "scenario",
    "first_mes",
    "mes_example",
    "creator_notes",
    "system_prompt",
    "post_history_instructions",
    "creator",
    "character_version",
)
V1_TEXTS = TEXTS[:6]
LISTS = ("alternate_greetings", "tags")
_V3_LISTS = ("group_only_greetings", "source")
_DATES = ("creation_date", "modification_date")
_KNOWN = (*TEXTS, *LISTS, *_V3_LISTS, *_DATES, "extensions", "character_book", "nickname", "assets")
_KNOWN_V3 = ("creator_notes_multilingual",)
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(slots=True)
class ForeignCard:
    """A card put right: its `data`, what stands beside `data`, and one sentence for each thing that was mended."""

    data: dict[str, Any]
    beside: dict[str, Any]
    mended: list[str] = field(default_factory=list)


def mend(value: dict[str, Any]) -> ForeignCard:
    """The card `value` with every known field of the kind that the specifications want. Unknown ones stay."""
    if isinstance(value.get("data"), dict):
        data = dict(value["data"])
        kept_out = {"data", "spec", "spec_version", *V1_TEXTS}  # V1 fields beside `data` only repeat it
    else:
        data = {key: value[key] for key in (*_KNOWN, *_KNOWN_V3) if key in value}
        kept_out = {"data", "spec", "spec_version", *data}
    card = ForeignCard(data, {key: inner for key, inner in value.items() if key not in kept_out})
    if "spec_version" in value and not isinstance(value["spec_version"], str):
        card.mended.append(f"spec_version was {json_values.kind(value['spec_version'])}; it is text now.")
    _mend_fields(card)
    if "character_book" in data:
        book = _mended_book(data.pop("character_book"), card.mended)
        if book is not None:
            data["character_book"] = book
    return card


def given_of(data: dict[str, Any], mended: list[str]) -> Given:
    """What the prompts are told of a mended card: cut where it is too long, with its macros filled in."""
    name = data["name"]
    called = data.get("nickname") or name

    def text(key: str) -> str:
        return filled(_cut(data.get(key, ""), LONGEST_TEXT, key, mended), called)

    examples = text("mes_example")
    if not examples and data.get("alternate_greetings"):
        greetings = "\n".join(f"<START>\n{{{{char}}}}: {greeting}" for greeting in data["alternate_greetings"][:3])
        examples = filled(_cut(greetings, LONGEST_TEXT, "alternate_greetings", mended), called)
    return Given(
        name=name,
        description=text("description"),
        personality=text("personality"),
        scenario=text("scenario"),
        first_message=text("first_mes"),
        example_messages=examples,
        lore=tuple(_lore(data.get("character_book", {}), called)),
    )


def seen_name(name: str) -> str:
    """A name on one line, without what nobody sees: control characters, marks that turn the direction of writing."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in _UNSEEN.sub("", name)).split())


# -- putting right -----------------------------------------------------------------------------------


def _mend_fields(card: ForeignCard) -> None:
    data, mended = card.data, card.mended
    for key in TEXTS:
        if key in data:
            data[key] = _as(json_values.text, data[key], key, mended)
    if "name" in data:
        data["name"] = _mended_name(data["name"], mended)
    for key in (*LISTS, *_V3_LISTS):
        if key in data:
            data[key] = _as(json_values.texts, data[key], key, mended)
    for key, convert in (
        ("extensions", json_values.json_object),
        ("nickname", json_values.text),
        ("creator_notes_multilingual", json_values.json_object),
        ("assets", json_values.assets),
        *((date, json_values.moment) for date in _DATES),
    ):
        if key in data:
            data[key] = _as(convert, data[key], key, mended)
            if data[key] is None:
                del data[key]


def _mended_name(name: str, mended: list[str]) -> str:
    seen = seen_name(name)
    if seen != re.sub(" +", " ", name).strip():
        mended.append(f"The name held characters that cannot stand in a name; it is read as {seen[:LONGEST_NAME]!r}.")
    if len(seen) > LONGEST_NAME:
        mended.append(f"The name has {len(seen):,} characters; the first {LONGEST_NAME} are kept.")
    return seen[:LONGEST_NAME].strip()


def _mended_book(book: Any, mended: list[str]) -> dict[str, Any] | None:
    """A character book with all that V2 requires; None where there is none."""
    if isinstance(book, list):
        book = {"entries": book}
    if not isinstance(book, dict):
        mended.append(f"character_book was {json_values.kind(book)}; there is none now.")
        return None
    wrong: list[str] = []
    entries = book.get("entries")
    if isinstance(entries, dict):  # a world file keeps its entries by number
        entries = list(entries.values())
    fitted = _fitted(book, _BOOK, wrong)
    fitted["extensions"] = _required(book, "extensions", json_values.json_object, wrong)
    fitted["entries"] = [
        _mended_entry(number, entry, wrong)
        for number, entry in enumerate(entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    ]
    if not isinstance(entries, list):
        wrong.append("entries")
    if wrong:
        fields = ", ".join(dict.fromkeys(wrong))
        mended.append(f"{len(wrong)} values of the character_book were missing or of the wrong kind: {fields}.")
    return fitted


def _mended_entry(number: int, entry: dict[str, Any], wrong: list[str]) -> dict[str, Any]:
    required = {
        "keys": _required(entry, "keys", json_values.texts, wrong),
        "content": _required(entry, "content", json_values.text, wrong),
        "extensions": _required(entry, "extensions", json_values.json_object, wrong),
        "enabled": _required(entry, "enabled", json_values.yes, wrong),
        "insertion_order": _required(entry, "insertion_order", lambda value: json_values.number(value, number), wrong),
    }
    return _fitted(entry, _ENTRY, wrong) | required


def _fitted(value: dict[str, Any], wanted: dict[str, Callable[[Any], Any]], wrong: list[str]) -> dict[str, Any]:
    """`value` with its optional fields of the right kind; those that cannot be put right are left out."""
    fitted = dict(value)
    for key in wanted.keys() & value.keys():
        fitted[key] = wanted[key](value[key])
        if not json_values.same(fitted[key], value[key]):
            wrong.append(key)
        if fitted[key] is None:
            del fitted[key]
    return fitted


def _required(value: dict[str, Any], key: str, convert: Callable[[Any], Any], wrong: list[str]) -> Any:
    converted = convert(value.get(key))
    if key not in value or not json_values.same(converted, value[key]):
        wrong.append(key)
    return converted


def _as(convert: Callable[[Any], Any], value: Any, key: str, mended: list[str]) -> Any:
    converted = convert(value)
    if not json_values.same(converted, value):
        after = "is left out" if converted is None else f"is {json_values.kind(converted)} now"
        mended.append(f"{key} was {json_values.kind(value)}; it {after}.")
    return converted


_BOOK: dict[str, Callable[[Any], Any]] = {
    "name": json_values.optional_text,
    "description": json_values.optional_text,
    "scan_depth": json_values.number,
    "token_budget": json_values.number,
    "recursive_scanning": json_values.flag,
}
_ENTRY: dict[str, Callable[[Any], Any]] = {
    "name": json_values.optional_text,
    "comment": json_values.optional_text,
    "priority": json_values.number,
    "id": json_values.number,
    "secondary_keys": lambda value: None if value is None else json_values.texts(value),
    "case_sensitive": json_values.flag,
    "selective": json_values.flag,
    "constant": json_values.flag,
    "use_regex": json_values.flag,
    "position": json_values.place,
}


# -- what the stages can use -------------------------------------------------------------------------


def _cut(text: str, most: int, key: str, mended: list[str]) -> str:
    """The beginning of a text, up to a word's end. The card keeps the whole."""
    text = text.encode("utf-8", "replace").decode().strip()
    if len(text) <= most:
        return text
    mended.append(f"{key} has {len(text):,} characters; the first {most:,} go into prompts, the card keeps all.")
    head = text[:most]
    return head.rsplit(None, 1)[0] if any(map(str.isspace, head[-100:])) else head


def filled(text: str, name: str) -> str:
    """The macros of chat programs in plain words."""
    text = re.sub(r"(?i)\{\{char\}\}|<bot>", lambda _: name, text)
    return re.sub(r"(?i)\{\{user\}\}|<user>", "User", text)


def _lore(book: dict[str, Any], name: str) -> Iterable[Lore]:
    """The entries of a character book that can come up in a post."""
    usable = [entry for entry in book.get("entries", ()) if entry["enabled"] and entry["content"].strip()]
    usable.sort(key=lambda entry: entry["insertion_order"])
    for number, entry in enumerate(usable[:MOST_LORE], start=1):
        keys = tuple(key.strip() for key in entry["keys"] if key.strip())
        title = next((entry[key].strip() for key in ("name", "comment") if entry.get(key, "").strip()), "")
        title = title or (keys[0] if keys else f"entry {number}")
        content = filled(_cut(entry["content"], LONGEST_LORE, f"An entry of the character_book ({title!r})", []), name)
        yield Lore(name=title, keys=keys or (title,), content=content, date=None)
