"""Clones are found and told with what mends them; characters who merely share a word are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from persona.cards.card import read_persona
from persona.likeness import likenesses
from persona.schema.answers import Core, Facts
from persona.schema.persona import Persona
from tests.answers import AI, CORE, VOICE, persona
from tests.command import command

_SOUNDS = ("ba", "de", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "xo", "ya", "zu")


def _word(number: int, syllables: int = 4) -> str:
    """A word of its own for each number."""
    word = ""
    for place in range(syllables):
        number, rest = divmod(number * 7 + 3 * place + 1, len(_SOUNDS))
        word += _SOUNDS[(rest + place) % len(_SOUNDS)]
    return word


def somebody(number: int, **said: Any) -> tuple[Path, Persona]:
    """A member of a cast with words of its own; `said` sets name, work, place, greeting, constructions or created."""
    name = f"{_word(number * 31)} {_word(number * 17 + 5)}".title()
    own = {
        "name": name,
        "work": f"{_word(number + 900)} {_word(number + 1900)} {_word(number + 2900)}",
        "place": _word(number + 3900),
        "greeting": f"{_word(number + 4900)} {_word(number + 5900)} {_word(number + 6900)}.",
        "constructions": (f"{_word(number + 7900)} {_word(number + 8900)}", f"{_word(number + 9900)}, always"),
        "created": f"2026-11-20T08:{number // 60 % 60:02}:{number % 60:02}Z",
    } | said
    home = CORE.facts.home.model_copy(update={"place": own["place"]})
    facts: Facts = CORE.facts.model_copy(update={"name": own["name"], "work": own["work"], "home": home})
    speech = CORE.speech.model_copy(update={"constructions": own["constructions"]})
    core: Core = CORE.model_copy(update={"facts": facts, "speech": speech})
    whole = persona(f"p{number}").model_copy(
        update={
            "core": core,
            "voice": VOICE.model_copy(update={"greeting": own["greeting"]}),
            "ai": AI.model_copy(update={"created": own["created"]}),
        }
    )
    return Path(f"personas/p{number}.json"), whole


@pytest.mark.parametrize(
    ("one", "other", "what", "stage"),
    [
        ({"name": "Elara Vance"}, {"name": "Elara Vance"}, "name", "core"),
        ({"name": "Elara Vance"}, {"name": "Elara Vence"}, "name", "core"),
        ({"name": "Zoë-Ann Hall"}, {"name": "ZOË ANN HALL"}, "name", "core"),
        ({"name": "月島 澪"}, {"name": "月島　澪"}, "name", "core"),
        (
            {"work": "repairs clocks in an arcade", "place": "Bergen"},
            {"work": "repairs clocks in the arcade", "place": "Bergen"},
            "work and home",
            "core",
        ),
        (
            {"greeting": "Mind the step!\nNo, the other."},
            {"greeting": "Mind the step.\nToo late."},
            "greeting",
            "voice",
        ),
        ({"constructions": ('"Salt and brass."',)}, {"constructions": ("x", "salt and brass")}, "catch-phrase", "core"),
        ({"constructions": ("随你便吧",)}, {"constructions": ("「随你便吧」",)}, "catch-phrase", "core"),
    ],
)
def test_a_clone_is_found_and_the_later_one_is_told(
    one: dict[str, Any], other: dict[str, Any], what: str, stage: str
) -> None:
    cast = [somebody(number) for number in range(3, 30)]
    [found] = likenesses([somebody(2, **other), *cast, somebody(1, **one)])
    assert (found.earlier.name, found.later.name, found.what, found.stage) == ("p1.json", "p2.json", what, stage)
    assert "p2.json is like p1.json" in str(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Anna Berg"}, {"name": "Anna Holm"}),
        ({"name": "田中 葵"}, {"name": "田中 蓮"}),
        ({"work": "repairs clocks", "place": "Bergen"}, {"work": "repairs clocks", "place": "Bamako"}),
        ({"work": "repairs clocks", "place": "Bergen"}, {"work": "sells fish", "place": "Bergen"}),
        ({"greeting": "You again."}, {"greeting": "You are late, again."}),
        ({"constructions": ('"well"',)}, {"constructions": ('"Well"',)}),
    ],
)
def test_who_merely_shares_something_is_no_clone(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert likenesses([somebody(1, **one), somebody(2, **other)]) == []


def test_one_likeness_is_told_for_each_clone_the_gravest() -> None:
    twin = {"name": "Elara Vance", "greeting": "Mind the step.", "constructions": ("salt and brass",)}
    found = likenesses([somebody(number, **twin) for number in (1, 2, 3)])
    assert [(one.later.name, one.what) for one in found] == [("p2.json", "name"), ("p3.json", "name")]


def test_a_varied_cast_of_five_hundred_has_none() -> None:
    assert likenesses([somebody(number) for number in range(500)]) == []


async def test_two_hundred_rehearsed_personas_share_no_name(tmp_path: Path) -> None:
    for number in range(200):
        Image.new("RGB", (8, 8), (number, 255 - number, number * 7 % 256)).save(tmp_path / f"c{number}.png")
    done = await command("--generate-persona", "--images", f"{tmp_path}/c*.png", "--rehearse", "--out", tmp_path, "-v")
    assert done.code == 0, done.err
    cast = [(path, read_persona(path)) for path in (tmp_path / "personas").glob("*.json")]
    assert len(cast) == 200
    found = likenesses(cast)
    assert not [one for one in found if one.what == "name"]
    greetings = {persona.voice.greeting for _, persona in cast if persona.voice}
    assert len(greetings) == 200
    assert f"--redo {found[0].stage} --persona {found[0].later} --out {tmp_path}" in done.err
