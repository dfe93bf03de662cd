"""A persona as a file: Character Card V2 with our own data under `data.extensions.dramatis`.

Writes our own cards; reads ours and those of others, in every form that people keep them in. What a card says that
is not ours survives being read and written again. Knows nothing of prompts and models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from errors import BadInput
from files import digest, slug, write_text
from persona.cards.containers import EXPECTED, open_card
from persona.cards.foreign_fields import carried_in, joined, marks_of
from persona.cards.repair import ForeignCard, given_of, mend
from persona.cards.texts import OURS, plain_card
from persona.schema.persona import FORMAT, Given, Persona


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file of ours says about where it came from. `edited`: it has been changed since it was written."""

    sha256: str
    made_from: str
    edited: bool


@dataclass(frozen=True, slots=True)
class ReadCard:
    """A card that was read: the persona, the picture that it came in, and what had to be mended, one sentence each."""

    persona: Persona
    picture: bytes | None
    mended: tuple[str, ...]


def to_card(persona: Persona) -> dict[str, Any]:
    """The persona as a Character Card V2, with what its card carried from elsewhere."""
    plain = plain_card(persona)
    marks = marks_of(plain)
    plain["data"]["extensions"][OURS]["written"] = marks
    return joined(plain, persona.carried)


def card_text(card: Mapping[str, Any]) -> str:
    """A card as JSON text. Half a character, which JSON can name and UTF-8 cannot hold, stays named."""
    text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def write_persona(path: Path, persona: Persona) -> None:
    """Write the persona as a card, with digests by which a later edit shows."""
    write_text(path, card_text(to_card(persona)))


def read_persona(path: Path, say: Callable[[str], None] = lambda line: None) -> Persona:
    """The persona in `path`; `say` is told what had to be mended. BadInput says in one sentence why it is none."""
    read = read_card(path)
    for sentence in read.mended:
        say(f"{path}: {sentence}")
    return read.persona


def read_card(path: Path) -> ReadCard:
    """The card in `path`: JSON, PNG or CHARX; V1, V2, V3, ours, or an object with a name and a description."""
    opened = open_card(path)
    _refuse_others(path, opened.value)
    own, card = _own(opened.value), mend(opened.value)
    persona = _from_own(path, own) if own is not None else _from_elsewhere(path, card)
    plain = plain_card(persona)
    persona = persona.model_copy(update={"carried": carried_in(card, plain, _marks(own))})
    if own is not None and persona.given is not None:
        persona = persona.model_copy(update={"given": _given_now(persona.given, persona.carried, card)})
    return ReadCard(persona, opened.picture, (*opened.mended, *card.mended))


def origin_of(path: Path) -> Origin | None:
    """Where the persona in `path` came from; None when there is no such file or it is not one of ours."""
    if not path.is_file():
        return None
    try:
        value = open_card(path).value
    except BadInput:
        return None
    own = _own(value)
    portrait = own.get("portrait") if own else None
    if own is None or not isinstance(portrait, dict):
        return None
    edited = bool(own.get("kept")) or _edited(path, own)
    return Origin(str(portrait.get("sha256", "")), str(own.get("made_from", "")), edited)


def _edited(path: Path, own: dict[str, Any]) -> bool:
    ours = {key: value for key, value in own.items() if key != "written"}
    if digest(ours, length=12) != _marks(own).get(OURS):
        return True
    try:
        return bool(read_card(path).persona.carried)
    except BadInput:
        return True


def _own(value: Any) -> dict[str, Any] | None:
    """Our own data in a card, None where there are none."""
    for key in ("data", "extensions", OURS):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


def _marks(own: Mapping[str, Any] | None) -> dict[str, str]:
    marks = own.get("written") if own else None
    return marks if isinstance(marks, dict) else {}


def _refuse_others(path: Path, value: dict[str, Any]) -> None:
    """Our other files, and lorebooks, are easily given by mistake."""
    if "days" in value:
        raise BadInput(f"{path} is a calendar, not a persona.", "Give it with --calendar.")
    if "posts" in value:
        raise BadInput(f"{path} is a batch of posts, not a persona.", "Give it with --tweets-batch.")
    if str(value.get("spec", "")).startswith("lorebook"):
        raise BadInput(f"{path} is a lorebook, not a persona.", "Give the card that it belongs to.")


def _from_own(path: Path, own: dict[str, Any]) -> Persona:
    number = own.get("format")
    if isinstance(number, int | float) and number > FORMAT:
        raise BadInput(f"{path} has format {number}, which a later Dramatis wrote.", "Update Dramatis to read it.")
    stages = {key: value for key, value in own.items() if key not in {"written", "carried"}}
    try:
        return Persona.model_validate(stages, extra="forbid")
    except ValidationError as error:
        raise BadInput(f"{path}: {_first_problem(error)}.", "Mend this field, or make the persona anew.") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(("data", "extensions", OURS, *map(str, problem["loc"])))
    if problem["type"] == "extra_forbidden":
        return f"{where} is no field of a persona"
    return f"{where}: {problem['msg'].removeprefix('Value error, ').rstrip('.')}"


def _from_elsewhere(path: Path, card: ForeignCard) -> Persona:
    name = card.data.get("name", "")
    if not name:
        raise BadInput(f'{path} is no persona: it has no "name".', EXPECTED)
    if not any(card.data.get(key, "").strip() for key in ("description", "personality", "first_mes", "mes_example")):
        raise BadInput(f"{path} says nothing about {name}.", 'Add a "description".')
    return Persona(name=slug(path.stem), given=given_of(card.data, card.mended))


def _given_now(given: Given, carried: Mapping[str, Any], card: ForeignCard) -> Given:
    """What the prompts are told of a card that we have written before: words changed since then count."""
    theirs = carried.get("data", {})
    now = given_of({"name": given.name} | theirs, card.mended)
    changed = {field: value for field, value in now if value and (field != "lore" or "character_book" in theirs)}
    return given.model_copy(update=changed)
