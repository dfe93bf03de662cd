"""What a card says that is not ours: told apart when it is read, put back when it is written.

Other tools keep their own keys in a card, and people write their own words into it. Both stay as they are. Pure:
knows cards as JSON values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from files import digest
from persona.cards.repair import ForeignCard
from persona.cards.texts import OURS

FULL_CARD_NOTE = "This is the V2 copy; the full card is the V3 one beside it."
_NOTHING = object()
_JOINED = ("extensions", "tags", "creator_notes", "character_book")  # fields in which theirs and ours stand together


def marks_of(plain: Mapping[str, Any]) -> dict[str, str]:
    """A digest of each field in our own words. Kept in the card, it shows later whose words stand there."""
    data = plain["data"]
    marks = {key: digest(value, length=12) for key, value in data.items() if key != "extensions"}
    return marks | {OURS: digest(data["extensions"][OURS], length=12)}


def carried_in(card: ForeignCard, plain: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """What `card` says that is not ours. `plain` is the card as we would write it now, `marks` as we once did."""
    ours, data = plain["data"], card.data
    theirs: dict[str, Any] = {}
    for key, value in data.items():
        if key == "extensions" or _is_ours(value, ours.get(key, _NOTHING), marks.get(key)):
            continue
        if value in ("", []) and key in ours and (key == "name" or key not in marks):
            continue  # a field that was never filled is ours to fill; one that somebody emptied stays empty
        theirs[key] = value
    if "tags" in theirs:
        theirs["tags"] = [tag for tag in theirs["tags"] if tag not in ours["tags"]]
    if "creator_notes" in theirs:
        theirs["creator_notes"] = _notes_without_ours(theirs["creator_notes"], ours, marks)
    if "character_book" in theirs and "character_book" in ours:
        theirs["character_book"] = _book_without_ours(theirs["character_book"], ours["character_book"])
    for key in ("tags", "creator_notes", "character_book"):
        if key in theirs and not theirs[key]:
            del theirs[key]
    if others := {key: value for key, value in data.get("extensions", {}).items() if key != OURS}:
        theirs["extensions"] = others
    parts = {"data": theirs, "beside": card.beside}
    return {name: part for name, part in parts.items() if part}


def joined(plain: dict[str, Any], carried: Mapping[str, Any]) -> dict[str, Any]:
    """Our card with what it carries: their words win; where both have a place, theirs and ours stand side by side."""
    ours, theirs = plain["data"], carried.get("data", {})
    data = ours | {key: value for key, value in theirs.items() if key not in _JOINED}
    data["extensions"] = theirs.get("extensions", {}) | ours["extensions"]
    data["tags"] = [*theirs.get("tags", ()), *ours["tags"]]
    if notes := theirs.get("creator_notes"):
        data["creator_notes"] = f"{notes}\n\n{ours['creator_notes']}"
    if book := theirs.get("character_book"):
        data["character_book"] = _joined_book(book, ours.get("character_book"))
    return {**plain, "data": data, **carried.get("beside", {})}


def _is_ours(value: Any, ours: Any, mark: str | None) -> bool:
    return bool(value == ours) or (mark is not None and digest(value, length=12) == mark)


def _notes_without_ours(notes: str, ours: Mapping[str, Any], marks: Mapping[str, str]) -> str:
    notes = notes.removesuffix(f"\n\n{FULL_CARD_NOTE}")
    before, _, last = notes.rpartition("\n\n")
    return before if _is_ours(last, ours["creator_notes"], marks.get("creator_notes")) else notes


def _book_without_ours(book: dict[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """The book without the entries that are ours word for word; {} when nothing else is in it."""
    own = [_gist(entry) for entry in ours["entries"]]
    book = book | {"entries": [entry for entry in book["entries"] if _gist(entry) not in own]}
    return {} if book == {**ours, "entries": []} else book


def _joined_book(book: dict[str, Any], ours: Mapping[str, Any] | None) -> dict[str, Any]:
    """Their book and, after their entries, those of ours that they have not replaced by one of the same name."""
    entries = list(book["entries"])
    names = {entry.get("name") for entry in entries}
    place = 1 + max((int(entry["insertion_order"]) for entry in entries), default=-1)
    number = 1 + max((int(entry["id"]) for entry in entries if "id" in entry), default=-1)
    added = [entry for entry in (ours["entries"] if ours else ()) if entry["name"] not in names]
    entries += [entry | {"id": number + i, "insertion_order": place + i} for i, entry in enumerate(added)]
    return book | {"entries": entries}


def _gist(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry.get("name"), entry["keys"], entry["content"], entry["extensions"]
