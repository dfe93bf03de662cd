"""What a card says in words: the fields of a Character Card V2, made from a persona.

Pure: the same persona gives the same words. Knows no files and no other people's cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from persona.cards.repair import seen_name
from persona.facts.sheet import tongue_of, words
from persona.schema.answers import Core, Knowledge
from persona.schema.persona import Persona
from settings import TOOL

OURS = "dramatis"


def plain_card(persona: Persona) -> dict[str, Any]:
    """The persona as a Character Card V2, without what its card carried from elsewhere."""
    own = {key: value for key, value in persona.model_dump(mode="json").items() if value is not None}
    data: dict[str, Any] = {
        "name": seen_name(persona.character) or persona.name,
        **_texts(persona),
        "creator_notes": _with_notes(persona),
        "system_prompt": _system_prompt(persona, _said(persona.language)),
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": _tags(persona),
        "creator": persona.ai.tool if persona.ai else TOOL,
        "character_version": "1.0",
        "extensions": {OURS: own},
    }
    if persona.knowledge is not None:
        data["character_book"] = _book(persona.character, persona.knowledge)
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def _tags(persona: Persona) -> list[str]:
    """What others wrote is fiction too, but not for us to call AI-generated."""
    return ["AI-generated", "fictional", "original character"] if persona.ai or persona.core else ["fictional"]


def _texts(persona: Persona) -> dict[str, str]:
    """What a chat program puts before its model. The words of a card from elsewhere stay as they are."""
    said = _said(persona.language)
    texts = {
        "description": _description(persona, said),
        "personality": _personality(persona.core, said) if persona.core else "",
        "scenario": _scenario(persona.core, said) if persona.core else "",
        "first_mes": persona.voice.greeting if persona.voice else "",
        "mes_example": _dialogues(persona),
    }
    given = persona.given
    if given is not None:
        own = {
            "description": given.description,
            "personality": given.personality,
            "scenario": given.scenario,
            "first_mes": given.first_message,
            "mes_example": given.example_messages,
        }
        texts |= {name: text for name, text in own.items() if text}
    return texts


def _description(persona: Persona, said: Mapping[str, str]) -> str:
    if persona.core is None:
        return persona.description
    facts, core = persona.core.facts, persona.core
    people = said["semicolon"].join(f"{known.name}{said['comma']}{known.relation}" for known in facts.people)
    who = said["who"].format(
        name=facts.name,
        spoken=facts.name_spoken,
        pronouns=facts.pronouns,
        age=facts.age,
        birthday=facts.birthday,
    )
    home = facts.home
    return _lines(
        said,
        ("", core.description),
        ("name", who),
        ("home", said["where"].format(place=home.place, country=home.country_code, zone=home.time_zone)),
        ("work", facts.work),
        ("languages", said["comma"].join(facts.languages)),
        ("looks", persona.visual.appearance if persona.visual else ", ".join(facts.looks.model_dump().values())),
        ("people", people),
        ("good_at", core.competence),
        ("notices_first", core.notices_first),
    )


def _personality(core: Core, said: Mapping[str, str]) -> str:
    speech, comma, semicolon = core.speech, said["comma"], said["semicolon"]
    return _lines(
        said,
        ("contradictions", semicolon.join(one.rstrip(".。") for one in core.contradictions)),
        ("talks_around", core.sore_point),
        ("likes", comma.join(core.facts.likes)),
        ("dislikes", comma.join(core.facts.dislikes)),
        ("does_not", semicolon.join(core.facts.limits)),
        ("sentences", speech.sentences),
        ("turns", " ".join((*speech.constructions, *speech.fillers))),
        ("swears_by", speech.swears_by),
        ("punctuation", speech.punctuation),
        ("emoji", speech.emoji),
        ("when_tired", speech.when_tired),
        ("when_proud", speech.when_proud),
        ("when_afraid", speech.when_afraid),
    )


def _scenario(core: Core, said: Mapping[str, str]) -> str:
    return _lines(said, ("", said["scenario"]), ("wants", core.wants), ("obstacle", core.obstacle))


def _dialogues(persona: Persona) -> str:
    """Exchanges, then posts that show the voice: each a block of its own."""
    exchanges = persona.voice.exchanges if persona.voice else ()
    posts = persona.examples.posts if persona.examples else ()
    blocks = [f"{{{{user}}}}: {exchange.user}\n{{{{char}}}}: {exchange.character}" for exchange in exchanges]
    blocks += [f"{{{{char}}}}: {post.text}" for post in posts]
    return "\n".join(f"<START>\n{block}" for block in blocks)


def _system_prompt(persona: Persona, said: Mapping[str, str]) -> str:
    never = said["comma"].join(persona.core.facts.never_says) if persona.core else ""
    return _lines(
        said,
        ("", said["reply"]),
        ("language", persona.language),
        ("never_says", never),
        ("", said["fiction"]),
    )


def _with_notes(persona: Persona) -> str:
    """The creator's notes, and what checks still object to: whoever opens the card should know."""
    lines = [creator_notes(persona), *(["Checks still object to:"] if persona.notes else []), *persona.notes]
    return "\n".join(" ".join(line.split()) for line in lines)


def creator_notes(persona: Persona) -> str:
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


def _said(language: str) -> Mapping[str, str]:
    """What a card in this language says around the words of its persona."""
    table: dict[str, dict[str, str]] = words("card")
    return table.get(tongue_of(language), table["en"])


def _lines(said: Mapping[str, str], *rows: tuple[str, str]) -> str:
    return "\n".join(f"{said[label]}{said['colon']}{text}" if label else text for label, text in rows if text)
