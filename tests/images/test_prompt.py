"""What a painter reads: the opening first, all of it where there is room, and a short form where there is not."""

from __future__ import annotations

import re

import pytest

from images.prompt import fit_prompt, opening_of, prompt_of

APPEARANCE = (
    "Cel animation of a slim young woman with long silver hair in a loose braid, green eyes, freckles on her nose, "
    "a small scar on the left eyebrow, and a brass pocket watch on a chain."
)
SCENE = (
    "She kneels on a rooftop at dusk, repairing a weather vane with a small screwdriver, warm light from a window "
    "behind her, low angle, a thermos and a blue notebook beside her."
)
OPENING = opening_of(APPEARANCE)


def words(text: str) -> int:
    """A tokenizer of our own: a token for each word and each mark, and two for the ends."""
    return 2 + len(re.findall(r"\w+|[^\w\s]", text))


def test_every_prompt_opens_with_the_appearance() -> None:
    assert prompt_of(OPENING, SCENE) == f"{APPEARANCE} {SCENE}"
    assert prompt_of(opening_of("A cat.", "m1ra cat,"), "It sleeps.", "sharp") == "m1ra cat, A cat. It sleeps, sharp"


def test_a_prompt_that_fits_stays_as_it_is() -> None:
    prompt = prompt_of(OPENING, SCENE)
    for limit in (words(prompt), 0):
        fitted = fit_prompt(prompt, OPENING, "", limit, words)
        assert (fitted.text, fitted.shortened) == (prompt, False)


@pytest.mark.parametrize("limit", range(12, 77, 3))
def test_a_shortened_prompt_fits_and_begins_with_the_character(limit: int) -> None:
    fitted = fit_prompt(prompt_of(OPENING, SCENE), OPENING, "", limit, words)
    assert fitted.shortened
    assert words(fitted.text) <= limit
    assert fitted.text.startswith("Cel animation of")


def test_at_77_tokens_hair_eyes_and_the_deed_remain() -> None:
    text = fit_prompt(prompt_of(OPENING, SCENE, "masterpiece"), OPENING, "masterpiece", 77, words).text
    for said in ("silver hair", "green eyes", "freckles", "kneels on rooftop"):
        assert said in text
    assert not re.search(r"\b(with|and)[.,]?$|,\.", text)


def test_all_short_pictures_of_a_character_begin_alike() -> None:
    other = "He " + "walks slowly along the river, " * 10
    short = [fit_prompt(prompt_of(OPENING, scene), OPENING, "", 60, words).text for scene in (SCENE, other)]
    begins = [text.split(". ")[0] for text in short]
    assert begins[0] == begins[1]


def test_words_of_quality_go_before_the_scene_does() -> None:
    closing = "masterpiece, best quality, newest, absurdres"
    prompt = prompt_of("A girl.", "She reads a book, under a lamp.", closing)
    fitted = fit_prompt(prompt, "A girl.", closing, words(prompt) - 1, words)
    assert fitted.text == "A girl. She reads a book, under a lamp"


@pytest.mark.parametrize("text", ["赤い髪の少女が、雨の中で、" * 60, "x" * 900, "word " * 400, ",;:" * 300, "🦊" * 300])
def test_any_writing_is_cut_to_the_limit(text: str) -> None:
    def letters(piece: str) -> int:
        return 2 + len(piece)

    opening = opening_of(text)
    fitted = fit_prompt(prompt_of(opening, text), opening, "", 77, letters)
    assert letters(fitted.text) <= 77
    assert fitted.shortened


def test_a_prompt_without_an_opening_is_cut_too() -> None:
    fitted = fit_prompt("A boat on a lake, mountains behind it, morning mist.", "", "", 8, words)
    assert fitted.text == "boat on lake, mountains."
