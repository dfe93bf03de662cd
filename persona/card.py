"""A persona as a file: Character Card V2 with our own data under `data.extensions.dramatis`.

Writes our own cards; reads ours, cards from elsewhere (V1, V2, V3 as JSON) and a plain JSON persona. Knows
nothing of prompts, models and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import TOOL
from errors import BadInput
from files import digest, read_json, slug, write_json
from persona.schema import FORMAT, Core, Given, Knowledge, Persona

OURS = "dramatis"
WHAT = "persona (a JSON file of ours, a character card, or an object with a name and a description)"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a file of ours says about where it came from. `edited`: a person has changed it since it was written."""

    sha256: str
    made_from: str
    edited: bool


def write_persona(path: Path, persona: Persona) -> None:
    """Write the persona as a card, with a digest by which a later edit shows."""
    card = to_card(persona)
    card["data"]["extensions"][OURS]["written"] = _written(card)
    write_json(path, card)


def read_persona(path: Path) -> Persona:
    """The persona in `path`. BadInput says in one sentence why it is none."""
    value = read_json(path, WHAT)
    if not isinstance(value, dict):
        raise BadInput(f"{path} holds no JSON object.", f"Give a {WHAT}.")
    _refuse_others(path, value)
    own = _own(value)
    return _from_own(path, own) if own is not None else _from_elsewhere(path, value)


def origin_of(path: Path) -> Origin | None:
    """Where the persona in `path` came from; None when there is no such file or it is not one of ours."""
    if not path.is_file():
        return None
    try:
        value = read_json(path, WHAT)
    except BadInput:
        return None
    own = _own(value)
    portrait = own.get("portrait") if own else None
    if own is None or not isinstance(portrait, dict):
        return None
    edited = own.get("written") != _written(value)
    return Origin(str(portrait.get("sha256", "")), str(own.get("made_from", "")), edited)


# -- writing -----------------------------------------------------------------------------------------


def to_card(persona: Persona) -> dict[str, Any]:
    """The persona as a Character Card V2."""
    own = {key: value for key, value in persona.model_dump(mode="json").items() if value is not None}
    data: dict[str, Any] = {
        "name": persona.character,
        **_texts(persona),
        "creator_notes": _creator_notes(persona),
        "system_prompt": _system_prompt(persona),
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": ["AI-generated", "fictional", "original character"],
        "creator": persona.ai.tool if persona.ai else TOOL,
        "character_version": "1.0",
        "extensions": {OURS: own},
    }
    if persona.knowledge is not None:
        data["character_book"] = _book(persona.character, persona.knowledge)
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def _texts(persona: Persona) -> dict[str, str]:
    """What a chat program puts before its model. The words of a card from elsewhere stay as they are."""
    texts = {
        "description": _description(persona),
        "personality": _personality(persona.core) if persona.core else "",
        "scenario": _scenario(persona.core) if persona.core else "",
        "first_mes": persona.voice.greeting if persona.voice else "",
        "mes_example": _dialogues(persona),
    }
    given = persona.given
    if given is not None:
        words = {
            "description": given.description,
            "personality": given.personality,
            "scenario": given.scenario,
            "first_mes": given.first_message,
            "mes_example": given.example_messages,
        }
        texts |= {name: text for name, text in words.items() if text}
    return texts


def _description(persona: Persona) -> str:
    if persona.core is None:
        return persona.description
    facts, core = persona.core.facts, persona.core
    people = "; ".join(f"{known.name}, {known.relation}" for known in facts.people)
    return _lines(
        ("", core.description),
        ("Name", f"{facts.name} (said {facts.name_spoken}), {facts.pronouns}, {facts.age}, born on {facts.birthday}"),
        ("Home", f"{facts.home.place} ({facts.home.country_code}, {facts.home.time_zone})"),
        ("Work", facts.work),
        ("Languages", ", ".join(facts.languages)),
        ("Looks", persona.visual.appearance if persona.visual else ", ".join(facts.looks.model_dump().values())),
        ("People", people),
        ("Good at", core.competence),
        ("Notices first", core.notices_first),
    )


def _personality(core: Core) -> str:
    speech = core.speech
    return _lines(
        ("Contradictions", "; ".join(core.contradictions)),
        ("Talks around", core.sore_point),
        ("Likes", ", ".join(core.facts.likes)),
        ("Dislikes", ", ".join(core.facts.dislikes)),
        ("Does not", "; ".join(core.facts.limits)),
        ("Sentences", speech.sentences),
        ("Turns of phrase", " ".join((*speech.constructions, *speech.fillers))),
        ("Swears by", speech.swears_by),
        ("Punctuation", speech.punctuation),
        ("Emoji", speech.emoji),
        ("When tired", speech.when_tired),
        ("When proud", speech.when_proud),
        ("When afraid", speech.when_afraid),
    )


def _scenario(core: Core) -> str:
    return _lines(
        ("", "{{user}} reads the feed of {{char}} and writes to {{char}}."),
        ("What {{char}} wants this month", core.wants),
        ("What stands in the way", core.obstacle),
    )


def _dialogues(persona: Persona) -> str:
    """Exchanges, then posts that show the voice: each a block of its own."""
    exchanges = persona.voice.exchanges if persona.voice else ()
    posts = persona.examples.posts if persona.examples else ()
    blocks = [f"{{{{user}}}}: {exchange.user}\n{{{{char}}}}: {exchange.character}" for exchange in exchanges]
    blocks += [f"{{{{char}}}}: {post.text}" for post in posts]
    return "\n".join(f"<START>\n{block}" for block in blocks)


def _system_prompt(persona: Persona) -> str:
    never = ", ".join(persona.core.facts.never_says) if persona.core else ""
    return _lines(
        ("", "Write the next reply of {{char}}, a fictional character, in {{char}}'s own voice."),
        ("Language of the replies", persona.language),
        ("{{char}} never says", never),
        ("", "{{char}} is fiction made with AI and never claims to be a human being. Nothing sexual."),
    )


def _creator_notes(persona: Persona) -> str:
    model = f" The text is AI-generated ({persona.ai.model})." if persona.ai else " Parts of it may be AI-generated."
    return f"A fictional character, not a real person.{model}"


def _book(character: str, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "name": character,
        "extensions": {},
        "entries": [
            {
                "id": number,
                "name": lore.name,
                "keys": list(lore.keys),
                "content": lore.content,
                "extensions": {},
                "enabled": True,
                "insertion_order": number,
            }
            for number, lore in enumerate(knowledge.entries)
        ],
    }


def _lines(*rows: tuple[str, str]) -> str:
    return "\n".join(f"{label}: {text}" if label else text for label, text in rows if text)


def _written(card: dict[str, Any]) -> str:
    """A digest of a card as we wrote it, without the digest itself."""
    data = card["data"]
    own = {key: value for key, value in data["extensions"][OURS].items() if key != "written"}
    return digest(card | {"data": data | {"extensions": data["extensions"] | {OURS: own}}}, length=32)


# -- reading -----------------------------------------------------------------------------------------


def _own(value: Any) -> dict[str, Any] | None:
    """Our own data in a card, None where there are none."""
    for key in ("data", "extensions", OURS):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


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
    stages = {key: value for key, value in own.items() if key != "written"}
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


def _from_elsewhere(path: Path, value: dict[str, Any]) -> Persona:
    data = value["data"] if isinstance(value.get("data"), dict) else value
    name, description, personality = (_text(data, key) for key in ("name", "description", "personality"))
    if not name:
        raise BadInput(f'{path} is no persona: it has no "name".', f"Give a {WHAT}.")
    if not description and not personality:
        raise BadInput(f"{path} says nothing about {name}.", 'Add a "description".')
    given = Given(
        name=name,
        description=description,
        personality=personality,
        scenario=_text(data, "scenario"),
        first_message=_text(data, "first_mes"),
        example_messages=_text(data, "mes_example"),
    )
    return Persona(name=slug(path.stem), given=given)


def _text(data: dict[str, Any], key: str) -> str:
    """A text field of a card; cards in the wild hold null and numbers there."""
    value = data.get(key)
    text = str(value) if isinstance(value, str | int | float) else ""
    return text.encode("utf-8", "replace").decode().strip()
