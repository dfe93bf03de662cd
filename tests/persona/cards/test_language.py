"""What a card says around its persona's words: in the language of the posts."""

from __future__ import annotations

import re

import pytest

from persona.cards.card import to_card
from persona.facts.sheet import words
from persona.schema.persona import Persona
from tests.answers import persona

TEXTS = ("description", "personality", "scenario", "system_prompt")


def card_in(language: str) -> dict[str, str]:
    card = to_card(Persona.model_validate(persona().model_dump() | {"language": language}))
    return {name: card["data"][name] for name in TEXTS}


def test_every_language_says_everything_that_english_says() -> None:
    table = words("card")
    for said in table.values():
        assert set(said) == set(table["en"])
        for name, text in said.items():
            assert set(re.findall(r"\{+\w+\}+", text)) == set(re.findall(r"\{+\w+\}+", table["en"][name])), name


@pytest.mark.parametrize(
    ("language", "home", "tired"), [("zh-Hant", "住处：", "累的时候："), ("ja", "住まい：", "疲れたとき：")]
)
def test_the_labels_of_a_card_follow_its_language(language: str, home: str, tired: str) -> None:
    card = card_in(language)
    assert f"\n{home}" in card["description"]
    assert f"\n{tired}" in card["personality"]
    labels = [said for said in words("card")["en"].values() if said.isascii() and re.fullmatch(r"[A-Z][a-z ]+", said)]
    for text in card.values():
        assert not [label for label in labels if f"{label}: " in text]
        assert "{char}" not in text.replace("{{char}}", "")


def test_a_language_without_labels_has_its_cards_in_english() -> None:
    english = card_in("en")
    assert card_in("tlh") == english | {"system_prompt": english["system_prompt"].replace(": en\n", ": tlh\n")}
    assert "\nHome: " in english["description"]
    assert "\nWhen tired: " in english["personality"]
