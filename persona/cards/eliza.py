"""A persona as a character of elizaOS. Its schema is strict: a field that it does not know is an error. Pure."""

from __future__ import annotations

import re
from typing import Any

from persona.cards.repair import filled
from persona.cards.texts import creator_notes, plain_card
from persona.schema.persona import FORMAT, Persona
from settings import TOOL

Message = dict[str, Any]


def to_eliza(persona: Persona) -> dict[str, Any]:
    """The character. Our provenance stands in `settings.dramatis`, the only place for words that elizaOS lacks."""
    core, strategy, plain = persona.core, persona.strategy, plain_card(persona)["data"]
    name = plain["name"]
    topics = (*(strategy.topics if strategy else ()), *(core.facts.likes if core else ()))
    return {
        "name": name,
        "username": persona.name,
        "system": filled(plain["system_prompt"], name),
        "bio": _bio(persona),
        "messageExamples": _conversations(persona),
        "postExamples": _posts(persona),
        "topics": list(dict.fromkeys(topics)),
        "adjectives": [mood.name for mood in persona.voice.moods] if persona.voice else [],
        "knowledge": [lore.content for lore in persona.lore],
        "style": _style(persona),
        "plugins": [],
        "settings": {
            "dramatis": {
                "format": FORMAT,
                "persona": persona.name,
                "tool": TOOL,
                "fiction": True,
                "notes": creator_notes(persona),
                **({"ai": persona.ai.model_dump(mode="json")} if persona.ai else {}),
            }
        },
    }


def _bio(persona: Persona) -> list[str]:
    given, core = persona.given, persona.core
    lines = [persona.description]
    if given is not None:
        lines += [given.personality, given.scenario]
    if core is not None:
        lines += [f"{core.facts.age}, {core.facts.work}, in {core.facts.home.place}.", f"Wants {core.wants}."]
        lines += [*core.contradictions, core.competence]
    return [*(line for line in lines if line), creator_notes(persona)]


def _style(persona: Persona) -> dict[str, list[str]]:
    style: dict[str, list[str]] = {"all": [], "chat": [], "post": []}
    if persona.core is not None:
        speech = persona.core.speech
        style["all"] = [
            f"Sentences: {speech.sentences}",
            f"Turns of phrase: {' '.join((*speech.constructions, *speech.fillers))}",
            f"Punctuation: {speech.punctuation}",
            f"Emoji: {speech.emoji}",
            *(f"Never says: {word}" for word in persona.core.facts.never_says),
        ]
    if persona.voice is not None:
        style["chat"] = [f"When {mood.name}: {mood.shows}" for mood in persona.voice.moods]
    if persona.strategy is not None:
        style["post"] = [f"{kind.name}: {kind.form}" for kind in persona.strategy.content_types]
    return style


def _conversations(persona: Persona) -> list[list[Message]]:
    if persona.voice is not None:
        return [
            [_said("{{user1}}", exchange.user), _said(persona.character, exchange.character)]
            for exchange in persona.voice.exchanges
        ]
    examples = persona.given.example_messages if persona.given else ""
    blocks = re.split(r"(?i)<start>", examples)
    return [turns for turns in (_turns(block, persona.character) for block in blocks) if turns]


def _turns(block: str, name: str) -> list[Message]:
    """The lines of an example conversation, "User: ..." and "Name: ..."; what follows a line belongs to it."""
    turns: list[Message] = []
    for line in block.strip().splitlines():
        speaker, colon, words = line.partition(":")
        if colon and speaker.strip() in {"User", name}:
            turns.append(_said("{{user1}}" if speaker.strip() == "User" else name, words.strip()))
        elif turns and line.strip():
            turns[-1]["content"]["text"] += f"\n{line.strip()}"
    return turns


def _said(name: str, text: str) -> Message:
    return {"name": name, "content": {"text": text}}


def _posts(persona: Persona) -> list[str]:
    """Posts that show the voice; where there are none, what the character says in conversations."""
    if persona.examples is not None:
        return [post.text for post in persona.examples.posts]
    said = [
        turn["content"]["text"]
        for turns in _conversations(persona)
        for turn in turns
        if turn["name"] == persona.character
    ]
    greeting = persona.given.first_message if persona.given else ""
    return [text for text in (greeting, *said) if text]
