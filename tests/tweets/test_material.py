"""What a writer is given: stable for a persona, particular to a slot, the same whatever happened before."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import islice
from typing import Any

from calendars.plan import plan_calendar
from calendars.schema import Calendar
from calendars.story import with_story_parts
from llm.prompts import read_prompt
from persona.schema.persona import Given, Persona
from tests import answers
from tests.command import ROOT
from tweets.material import persona_material, slot_material, slots_of, wanted_length

PERSONA = answers.persona()


def a_calendar(posts: int = 30, themes: bool = True) -> Calendar:
    calendar = plan_calendar(PERSONA, posts=posts, days=31, start=date(2026, 12, 1), seed=0)
    days = [
        day.model_copy(
            update={
                "posts": tuple(
                    post.model_copy(update={"theme": f"Theme of {post.id}." if themes else ""}) for post in day.posts
                )
            }
        )
        for day in calendar.days
    ]
    return calendar.model_copy(update={"days": tuple(days)})


def told(calendar: Calendar, number: int, seed: int = 0) -> dict[str, Any]:
    slot = next(islice(slots_of(calendar), number, None))
    value: dict[str, Any] = json.loads(slot_material(slot, PERSONA, seed))
    return value


def test_the_writer_gets_the_voice_and_nothing_of_looks() -> None:
    text = persona_material(PERSONA)
    card = json.loads(text)
    assert card["name"] == "Marra Tveit"
    assert "looks" not in card["facts"]
    assert card["speech"]["swears_by"] == "salt and brass"
    assert card["examples"] == [post.text for post in answers.EXAMPLES.posts]
    assert [one["called"] for one in card["network"]][:2] == ["the captain", "Pi"]
    assert card["voice"]["small_errors"] == ['"alot"']
    assert card["hashtags"] == {"most": 1, "favourites": ["KvalsundBells"]}
    assert answers.VISUAL.appearance not in text
    assert text == persona_material(answers.persona())


def test_a_card_from_elsewhere_is_enough() -> None:
    given = Given(name="Guest", description="a stranger", personality="curt", example_messages="<START>\nGuest: No.")
    card = json.loads(persona_material(Persona(name="guest", given=given)))
    assert (card["name"], card["description"], card["personality"]) == ("Guest", "a stranger", "curt")
    assert card["example_messages"] == "<START>\nGuest: No."
    assert card["tone"]


def test_a_slot_says_when_what_and_what_came_before() -> None:
    calendar = a_calendar()
    posts = list(calendar.posts())
    slot = told(calendar, 12)
    post = posts[12]
    kind = next(kind for kind in answers.STRATEGY.content_types if kind.name == post.content_type)
    assert (slot["id"], slot["date"], slot["time"]) == (post.id, post.day.isoformat(), post.time)
    assert slot["weekday"] == f"{post.day:%A}".lower()
    assert slot["content_type"] == {
        "name": kind.name,
        "purpose": kind.purpose,
        "form": kind.form,
        "trigger": kind.trigger,
    }
    assert (slot["theme"], slot["picture"]) == (post.theme, post.picture)
    earlier = [other.theme for other in posts if other.day < post.day]
    assert slot["before"] == earlier[-3:]
    assert told(calendar, 0)["before"] == []


def test_a_part_of_a_story_line_comes_with_what_was_told_of_it() -> None:
    calendar = with_story_parts(a_calendar(themes=False)).model_copy(update={"story_lines": ("One.", "Two.", "Three.")})
    days = [
        day.model_copy(update={"posts": tuple(p.model_copy(update={"theme": f"Theme of {p.id}."}) for p in day.posts)})
        for day in calendar.days
    ]
    calendar = calendar.model_copy(update={"days": tuple(days)})
    so_far: dict[int, list[str]] = {}
    for number, post in enumerate(calendar.posts()):
        slot = told(calendar, number)
        if post.story is None:
            assert "story" not in slot
            continue
        earlier = so_far.setdefault(post.story.line, [])
        about = calendar.story_lines[post.story.line - 1]
        assert slot["story"] == {"about": about, "part": post.story.part, "so_far": earlier}
        earlier.append(post.theme)
    assert len(so_far) == 3


def test_a_slot_says_what_its_day_is() -> None:
    calendar = a_calendar()
    day = next(day for day in calendar.days if day.posts)
    special = day.model_copy(update={"observances": ("Bell Day",), "own_dates": ("birthday",)})
    slot = told(calendar.model_copy(update={"days": (special,)}), 0)
    assert (slot["season"], slot["observances"], slot["own_dates"]) == ("winter", ["Bell Day"], ["birthday"])
    assert not {"observances", "own_dates"} & told(calendar.model_copy(update={"days": (day,)}), 0).keys()


def test_a_slot_without_a_theme_gets_a_topic_and_something_to_remember() -> None:
    calendar = a_calendar(themes=False)
    slots = [told(calendar, number) for number in range(30)]
    assert {slot["topic"] for slot in slots} == set(answers.STRATEGY.topics)
    assert len({tuple(slot["remember"]) for slot in slots}) >= 4
    assert "topic" not in told(a_calendar(), 0)


def test_a_theme_calls_up_what_the_character_knows_of_it() -> None:
    calendar = a_calendar()
    day = next(day for day in calendar.days if day.posts)
    post = day.posts[0].model_copy(update={"theme": "The Furnace went out on her."})
    changed = calendar.model_copy(update={"days": (day.model_copy(update={"posts": (post,)}),)})
    assert told(changed, 0)["remember"] == ["It takes nine hours to heat and is lit on Thursdays."]


def test_lengths_are_spread_over_few_posts_and_over_many() -> None:
    for posts, slack in ((10, 1), (100, 3)):
        for seed in range(5):
            wanted = Counter(wanted_length(slot, PERSONA, seed) for slot in slots_of(a_calendar(posts)))
            assert abs(wanted["under 60"] - 0.2 * posts) <= slack
            assert abs(wanted["60 to 180"] - 0.5 * posts) <= slack
            assert abs(wanted["180 to 260"] - 0.3 * posts) <= slack


def test_a_slot_does_not_change_when_more_posts_are_planned_behind_it() -> None:
    calendar = a_calendar()
    shorter = calendar.model_copy(update={"days": calendar.days[:20]})
    for number in range(len(list(shorter.posts()))):
        assert told(shorter, number) == told(calendar, number)


def test_the_prompts_speak_of_json_and_put_what_changes_last() -> None:
    for path, blocks in (
        ("tweets/prompts/post.md", ["language", "persona", "slot", "draft"]),
        ("calendars/prompts/plan.md", ["language", "brief", "persona", "story_lines", "days"]),
    ):
        prompt = read_prompt(ROOT / path)
        assert "JSON" in prompt.system
        assert "$" not in prompt.system
        assert prompt.user.split() == [f"<{name}>${name}</{name}>" for name in blocks]
