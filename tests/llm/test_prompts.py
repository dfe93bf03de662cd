"""Prompts are filled strictly, and every prompt file is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm.prompts import read_prompt
from tests.command import ROOT

PROMPTS = sorted(
    path for folder in ("persona", "calendars", "tweets", "images") for path in (ROOT / folder / "prompts").glob("*.md")
)


def write(folder: Path, text: str) -> Path:
    path = folder / "p.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_comment_stays_home_and_the_rule_divides(tmp_path: Path) -> None:
    prompt = read_prompt(write(tmp_path, "<!-- for people -->\nYou are $who.\n\n---\n\nSay $$5, $what, {braces}.\n"))
    filled = prompt.fill(who="a clerk", what="$who")
    assert filled.system == "You are a clerk."
    assert filled.user == "Say $5, $who, {braces}."


def test_a_missing_and_an_unused_value_are_both_errors(tmp_path: Path) -> None:
    prompt = read_prompt(write(tmp_path, "$a and $b"))
    with pytest.raises(ValueError, match=r"p\.md: missing \['b'\], unused \['c'\]"):
        prompt.fill(a="1", c="2")


@pytest.mark.parametrize("path", PROMPTS, ids=lambda path: path.name)
def test_every_prompt_explains_itself_and_asks_for_json(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!--"), "the head comment says what the prompt is for"
    prompt = read_prompt(path)
    assert prompt.system
    assert prompt.user
    assert "JSON" in prompt.system + prompt.user, "some endpoints refuse a JSON answer without the word"
    # Two characters, each with a language of its own; and a picture, of which English words are compared.
    assert path.stem in {"acquaintance", "judge"} or "<language>$language</language>" in prompt.user
    assert "$" not in prompt.system, "what never changes comes first, so that servers can reuse it"


def test_there_are_prompts() -> None:
    assert len(PROMPTS) >= 13
