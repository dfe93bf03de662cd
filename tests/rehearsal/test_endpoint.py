"""The stand-in endpoint: what it answers is valid, repeatable, varied, and drawn from the portrait."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image, ImageDraw

from calendars.schema import Themes
from persona.schema.answers import Core
from persona.schema.persona import answer_of
from persona.schema.stage_table import STAGES
from rehearsal.bank import BANKS, Draw, Filling, bank_for
from rehearsal.cast import Asked
from rehearsal.endpoint import RehearsalTransport
from rehearsal.names import address, handle, parts, spoken
from rehearsal.persona import in_bank
from tweets.length import weighted_length
from tweets.rules import objections
from tweets.schema import TweetAnswer

ADDRESS = "http://rehearsal.invalid/v1"
LANGUAGES = ("en", "zh", "ja")
CHRISTMAS = {"en": "Christmas Day", "zh": "圣诞节", "ja": "クリスマス"}
SCRIPTS = {"zh": "\u4e00-\u9fff", "ja": "\u3040-\u30ff\u4e00-\u9fff々"}
LENGTHS = {"under 60": (1, 60), "60 to 180": (60, 180), "180 to 260": (180, 260)}
CAST = 200


def portrait(number: int) -> bytes:
    """A small picture like no other: every fourth of one colour, the rest with a head on a body."""
    ground = ((number * 37) % 256, (number * 91) % 256, number)
    image = Image.new("RGB", (40, 56), ground)
    if number % 4:
        draw = ImageDraw.Draw(image)
        draw.rectangle((10, 2, 29, 16), fill=((number * 53) % 256, (number * 29) % 256, 40))
        draw.rectangle((14, 17, 25, 32), fill=(224, 180, 150))
        draw.rectangle((6, 36, 33, 55), fill=(30, (number * 17) % 256, 150))
    return png(image)


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def question(purpose: str, picture: bytes = b"", again: int = 0, **blocks: Any) -> dict[str, Any]:
    """A request as the client sends it."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in blocks.items()}
    text = "\n\n".join(f"<{name}>{value}</{name}>" for name, value in ({"language": "en"} | texts).items())
    content: Any = text
    if picture:
        url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
    messages = [{"role": "system", "content": "You get the character in <core>."}, {"role": "user", "content": content}]
    for _ in range(again):
        messages += [{"role": "assistant", "content": "{}"}, {"role": "user", "content": "That cannot be used."}]
    body: dict[str, Any] = {"model": "rehearsal", "messages": messages}
    if purpose:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": purpose, "schema": {}}}
    return body


async def send(body: dict[str, Any]) -> httpx2.Response:
    request = httpx2.Request("POST", f"{ADDRESS}/chat/completions", json=body)
    return await RehearsalTransport().handle_async_request(request)


async def answer(purpose: str, picture: bytes = b"", again: int = 0, **blocks: Any) -> dict[str, Any]:
    response = await send(question(purpose, picture, again, **blocks))
    assert response.status_code == 200, response.text
    return dict(json.loads(response.json()["choices"][0]["message"]["content"]))


async def persona(picture: bytes, language: str = "en") -> dict[str, dict[str, Any]]:
    """All answers for one portrait, asked for as the stages do."""
    made = {"core": await answer("persona_core", picture, language=language)}
    sheet = {name: value for name, value in made["core"].items() if name != "reading"}
    given: dict[str, Any] = {"language": language, "core": sheet}
    for stage in STAGES[1:]:
        told = given | {name: made[name] for name in stage.needs if name != "core"}
        made[stage.name] = await answer(stage.purpose, picture if stage.sees else b"", **told)
    return made


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def writer_material(made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    core = made["core"]
    return {
        "name": core["facts"]["name"],
        "facts": core["facts"],
        "speech": core["speech"],
        "hashtags": made["strategy"]["hashtags"],
    }


def planned_days(
    made: dict[str, dict[str, Any]], posts: int = 10, holiday: str = "Christmas Day"
) -> list[dict[str, Any]]:
    """A post a day, every other one part of a story line."""
    kinds = itertools.cycle(kind["name"] for kind in made["strategy"]["content_types"])
    parts = dict(zip(range(21, 31, 2), ("plan", "progress", "setback", "progress", "outcome"), strict=True))
    planned = []
    for day in range(20, 20 + posts):
        post: dict[str, Any] = {"id": f"2026-12-{day:02}-1", "time": f"{7 + day % 15:02}:20"}
        post |= {"content_type": next(kinds)}
        post |= {"story": {"line": 1, "part": parts[day]}} if day in parts else {}
        holidays = [holiday] if day == 25 else []
        planned.append(
            {
                "date": f"2026-12-{day:02}",
                "weekday": "friday",
                "season": "winter",
                "holidays": holidays,
                "posts": [post],
            }
        )
    return planned


def slots_of(made: dict[str, dict[str, Any]], days: list[dict[str, Any]], themes: list[str]) -> list[dict[str, Any]]:
    kinds = {kind["name"]: kind for kind in made["strategy"]["content_types"]}
    lengths = ["60 to 180", "180 to 260", "60 to 180", "under 60", "180 to 260"]
    return [
        {
            "id": post["id"],
            "date": day["date"],
            "weekday": day["weekday"],
            "time": post["time"],
            "holidays": day["holidays"],
            "content_type": kinds[post["content_type"]],
            "theme": theme,
            "picture": True,
            "wanted_length": lengths[number % len(lengths)],
        }
        for number, (day, theme) in enumerate(zip(days, themes, strict=True))
        for post in day["posts"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_200_portraits_make_200_valid_characters_with_their_own_names_handles_and_first_lines(
    language: str,
) -> None:
    names, handles, greetings = [], [], []
    for number in range(CAST):
        made = await persona(portrait(number), language)
        for stage in STAGES:
            answer_of(stage.name).model_validate(made[stage.name])
        assert not [text for text in strings(made) if "{" in text or "}" in text]
        facts = made["core"]["facts"]
        kinds = made["strategy"]["content_types"]
        assert sum(kind["share"] for kind in kinds) == 1
        assert 6 <= len(kinds) <= 9
        assert any(not day["hours"] for day in made["strategy"]["rhythm"])
        assert {post["content_type"] for post in made["examples"]["posts"]} <= {kind["name"] for kind in kinds}
        assert len({post["form"] for post in made["examples"]["posts"]}) == 8
        assert {one["name"] for one in facts["people"]} <= {one["name"] for one in made["network"]["people"]}
        assert 2 <= len(facts["people"]) <= 4
        assert facts["name"].split()[0] not in made["visual"]["appearance"]
        assert len(made["visual"]["appearance"].split()) <= 50
        names.append(facts["name"])
        handles += [one["handle"] for one in made["network"]["people"]]
        greetings.append(made["voice"]["greeting"])
    assert len(set(names)) == len(set(greetings)) == CAST
    assert len(set(handles)) == len(handles)
    assert all(re.fullmatch(r"[a-z0-9_]{4,15}", handle) for handle in handles)


async def test_the_same_portrait_is_the_same_character_for_ever() -> None:
    one, other = await persona(portrait(3)), await persona(portrait(3))
    assert one == other
    assert one["core"]["facts"]["name"] != (await persona(portrait(4)))["core"]["facts"]["name"]


async def test_the_portraits_colours_come_out_in_looks_and_appearance() -> None:
    image = Image.new("RGB", (200, 300), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.rectangle((50, 15, 150, 95), fill=(200, 28, 34))  # hair
    draw.rectangle((70, 96, 130, 170), fill=(236, 200, 176))  # face
    draw.rectangle((80, 118, 92, 128), fill=(44, 84, 180))  # eyes
    draw.rectangle((108, 118, 120, 128), fill=(44, 84, 180))
    draw.rectangle((20, 190, 180, 300), fill=(48, 130, 60))  # clothing
    core = await answer("persona_core", png(image))
    looks = core["facts"]["looks"]
    assert core["reading"]["kind"] == "drawing"
    assert looks["hair"].endswith(" red")
    assert looks["eyes"] == "blue"
    assert looks["skin"] == "pale"
    assert looks["clothing"].startswith("green ")
    visual = await answer("persona_visual", png(image), core=core)
    assert "red hair and blue eyes" in visual["appearance"]
    assert "a green " in visual["appearance"]
    assert {"white", "green", "red"} <= set(visual["palette"])


async def test_a_picture_of_one_colour_is_unclear() -> None:
    core = await answer("persona_core", png(Image.new("RGB", (30, 30), (24, 140, 140))))
    assert core["reading"]["kind"] == "unclear"
    assert "teal" in core["reading"]["proves"]


async def test_bytes_that_are_no_picture_still_make_somebody() -> None:
    Core.model_validate(await answer("persona_core", b"not a picture"))
    Core.model_validate(await answer("persona_core"))


@pytest.mark.parametrize(
    ("language", "with_themes", "cast"),
    [("en", True, 40), ("en", False, 40), ("zh", True, 100), ("zh", False, 20), ("ja", True, 100), ("ja", False, 20)],
)
async def test_posts_are_valid_fit_their_length_and_hardly_ever_resemble_each_other(
    language: str, with_themes: bool, cast: int
) -> None:
    texts: list[str] = []
    for number in range(cast):
        made = await persona(portrait(number), language)
        days = planned_days(made, holiday=CHRISTMAS[language])
        material = writer_material(made)
        given: dict[str, Any] = {"language": language, "persona": material}
        lines = [{"line": 1, "about": "", "so_far": []}]
        plan = Themes.model_validate(await answer("calendar_plan", **given, story_lines=lines, days=days))
        assert [theme.id for theme in plan.themes] == [day["posts"][0]["id"] for day in days]
        assert len(plan.story_lines) == 1
        themes = [theme.theme if with_themes else "" for theme in plan.themes]
        assert len(set(themes)) == (10 if with_themes else 1)
        scenes = set()
        for slot in slots_of(made, days, themes):
            post = TweetAnswer.model_validate(await answer("tweets_post", **given, slot=slot))
            assert objections(post, most_hashtags=made["strategy"]["hashtags"]["most"], picture=True) == []
            low, high = LENGTHS[slot["wanted_length"]]
            assert low <= weighted_length(post.text) <= high, (slot, post.text)
            assert len(post.scene.split()) <= 60
            assert not {"{", "}"} & set(post.text + post.scene + post.alt_text)
            for text in (post.text, post.alt_text, *post.hashtags):
                assert language == "en" or not re.search("[A-Za-z]", text), text
            scenes.add(post.scene)
            texts.append(post.text)
        assert len(scenes) >= 9
    assert near_duplicates(texts) <= 0.01 * len(texts)


def near_duplicates(texts: list[str]) -> int:
    """How many texts share half of their word triples, or 85 % of their letters, with an earlier one.

    Where no spaces part the words, each character counts as one.
    """
    words = [
        re.findall("[\u3040-\u30ff\u4e00-\u9fff]|[^\\W\u3040-\u30ff\u4e00-\u9fff]+", text.casefold()) for text in texts
    ]
    triples = [set(zip(*(row[shift:] for shift in range(3)), strict=False)) for row in words]
    holders: dict[tuple[str, ...], list[int]] = {}
    found = set()
    for other, own in enumerate(triples):
        shared = Counter(one for triple in own for one in holders.get(triple, ()))
        for one, common in shared.items():
            if 5 * common < min(len(triples[one]), len(own)):
                continue
            letters = SequenceMatcher(None, texts[one], texts[other], autojunk=False)
            alike = common / len(triples[one] | own) >= 0.5
            if alike or (letters.quick_ratio() >= 0.85 and letters.ratio() >= 0.85):
                found.add(other)
        for triple in own:
            holders.setdefault(triple, []).append(other)
    return len(found)


@pytest.mark.parametrize("language", ["zh", "ja"])
async def test_a_character_is_written_in_its_own_language_throughout(language: str) -> None:
    for number in range(20):
        made = await persona(portrait(number), language)
        core = made["core"] | {"reading": "", "facts": made["core"]["facts"] | {"looks": "", "name_spoken": ""}}
        core["facts"] |= {"home": core["facts"]["home"]["place"], "pronouns": ""}
        rhythm = [day["why"] for day in made["strategy"]["rhythm"]]
        network = [one | {"handle": ""} for one in made["network"]["people"]]
        examples = [post | {"form": ""} for post in made["examples"]["posts"]]
        told = [core, made["strategy"] | {"rhythm": rhythm}, network, examples, made["voice"], made["knowledge"]]
        text = "".join(strings(told)).replace("AI", "")
        letters = [letter for letter in text if letter.isalpha()]
        own = [letter for letter in letters if re.match(f"[{SCRIPTS[language]}]", letter)]
        assert len(own) >= 0.99 * len(letters), sorted({letter for letter in letters if letter not in own})
        painted = "".join(strings([made["visual"] | {"places": ""}, made["core"]["facts"]["looks"]]))
        assert painted.isascii()


@pytest.mark.parametrize(
    ("language", "name", "given", "handle_of", "said"),
    [
        ("zh", "林秀兰", "秀兰", "xiulan_lin", "Lín Xiùlán"),
        ("zh", "玛格达·索科林", "玛格达", "magda_soko", "Magda Sokolin"),
        ("ja", "青木 千鶴", "千鶴", "chizuru_aoki", "あおき ちづる"),
        ("ja", "マグダ・ソコリン", "マグダ", "maguda_soko", "マグダ ソコリン"),
        ("ja", "名も知らぬ人", "名も知らぬ人", "", ""),
        ("zh", "Łucja Þór", "Łucja", "lucja_thor", ""),
    ],
)
def test_names_are_taken_apart_spelled_and_spoken_as_their_language_does(
    language: str, name: str, given: str, handle_of: str, said: str
) -> None:
    bank = bank_for(language)
    assert parts(bank, name)[0] == given
    assert re.fullmatch(rf"{handle_of}[a-z0-9]*", handle(bank, name, Draw("x")))
    assert not said or spoken(bank, {}, name) == said


@pytest.mark.parametrize(
    ("language", "role", "called"), [("zh", "从前的老师", "林老师"), ("ja", "昔の恩師", "青木先生")]
)
def test_people_are_spoken_of_as_their_role_asks(language: str, role: str, called: str) -> None:
    bank = bank_for(language)
    found = next(one for one in bank.persona["person"] if one["relation"] == role)
    assert address(bank, {"zh": "林秀兰", "ja": "青木 千鶴"}[language], found) == called


async def test_a_post_tells_its_theme_its_hour_and_its_weather() -> None:
    made = await persona(portrait(5))
    day = planned_days(made)[:1]
    slot = slots_of(made, day, ["Found {nothing} but a walnut in the letterbox."])[0] | {"time": "23:10"}
    post = await answer("tweets_post", persona=writer_material(made), slot=slot)
    assert "Found {nothing} but a walnut in the letterbox." in post["text"]
    assert "at night" in post["scene"]
    assert "at night" in post["alt_text"]
    assert "sunny" not in post["scene"]


async def test_no_two_posts_of_a_fortnight_open_alike() -> None:
    for number in range(10):
        made = await persona(portrait(number))
        material, days = writer_material(made), planned_days(made, posts=12)
        planned = await answer("calendar_plan", persona=material, story_lines=[], days=days)
        themes = [theme["theme"] for theme in planned["themes"]]
        slots = [slot | {"wanted_length": "180 to 260"} for slot in slots_of(made, days, themes)]
        texts = [(await answer("tweets_post", persona=material, slot=slot))["text"] for slot in slots]
        openings = [re.split("[.:!?]", text)[0] for text in texts]
        assert len(set(openings)) == len(openings), sorted(openings)


async def test_scenes_and_alt_texts_show_the_same_in_the_painters_own_words() -> None:
    made = await persona(portrait(6))
    words = bank_for("en").looks["scene"]
    slots = slots_of(made, planned_days(made), [""] * 10)
    for slot in slots:
        post = await answer("tweets_post", persona=writer_material(made), slot=slot)
        for table in ("places", "times", "light", "objects"):
            shown = [phrase for phrase in words[table].values() if re.search(rf"\b{phrase}\b", post["scene"])]
            assert shown, post
            assert any(phrase in post["alt_text"].casefold() for phrase in shown), post


async def test_a_question_sent_back_gets_another_answer() -> None:
    made = await persona(portrait(7))
    slot = slots_of(made, planned_days(made)[:1], [""])[0]
    material = writer_material(made)
    first = await answer("tweets_post", persona=material, slot=slot)
    second = await answer("tweets_post", again=1, persona=material, slot=slot)
    assert first["text"] != second["text"]


async def test_a_card_by_hand_is_answered_from_its_name() -> None:
    material = {"name": "Old Benek", "description": "A night baker who hums."}
    slot = {"id": "2027-01-05-1", "content_type": {"name": "rant", "form": "a complaint of two lines"}}
    post = TweetAnswer.model_validate(await answer("tweets_post", persona=material, slot=slot))
    assert objections(post, most_hashtags=1, picture=True) == []
    assert any(
        word in post.text for word in next(j for j in bank_for("en").jobs if j["title"] == "night baker")["woes"]
    )


async def test_the_purpose_is_found_without_a_schema() -> None:
    made = await persona(portrait(8))
    sheet = {name: value for name, value in made["core"].items() if name != "reading"}
    assert await answer("", portrait(8)) == made["core"]
    assert await answer("", portrait(8), core=sheet) == made["visual"]
    assert await answer("", core=sheet, strategy=made["strategy"]) == made["examples"]
    body = question("", core=sheet)
    body["messages"][0]["content"] += " Answer with moods, running_jokes, ..."
    assert json.loads((await send(body)).json()["choices"][0]["message"]["content"]) == made["voice"]


def test_a_stage_may_be_answered_by_the_bank_alone() -> None:
    table = {"dreams": [{"of": "{name} and a {thing}", "often": 3}], "sleeps": "late"}
    bank = replace(bank_for("en"), persona=bank_for("en").persona | {"stage": {"dreams": table}})
    core: dict[str, Any] = {"facts": {"name": "Marra Tveit"}}
    made = in_bank(bank)["persona_dreams"](Asked("en", {"core": core}))
    [dream] = made["dreams"]
    assert dream["of"].startswith("Marra Tveit and a ")
    assert "{" not in dream["of"]
    assert (dream["often"], made["sleeps"]) == (3, "late")


@pytest.mark.parametrize("body", [question("poem_ode"), question(""), {"model": "rehearsal"}, {"messages": [{}]}])
async def test_a_question_it_does_not_know_is_refused_with_the_reason(body: dict[str, Any]) -> None:
    response = await send(body)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


async def test_other_routes_are_not_there() -> None:
    async with httpx2.AsyncClient(transport=RehearsalTransport()) as client:
        assert (await client.get(f"{ADDRESS}/files")).status_code == 404


async def test_the_real_client_talks_to_it() -> None:
    http_client = openai.DefaultAsyncHttpxClient(transport=RehearsalTransport())
    async with openai.AsyncOpenAI(base_url=ADDRESS, api_key="x", max_retries=0, http_client=http_client) as client:
        assert [model.id async for model in client.models.list()] == ["rehearsal"]
        completion = await client.chat.completions.create(**question("persona_core", portrait(9)))
    assert completion.model == "rehearsal"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    Core.model_validate_json(completion.choices[0].message.content or "")


async def test_latency_is_waited_for() -> None:
    async with httpx2.AsyncClient(transport=RehearsalTransport(lambda purpose: 0.05)) as client:
        started = time.perf_counter()
        await client.get(f"{ADDRESS}/models")
    assert time.perf_counter() - started >= 0.05


def test_a_language_without_a_bank_is_rehearsed_in_english() -> None:
    assert bank_for("tlh") is bank_for("en")
    assert bank_for("../../etc") is bank_for("en-GB")
    assert bank_for("zh-Hant") is bank_for("zh")


@pytest.mark.parametrize("language", sorted(folder.name for folder in BANKS.iterdir() if folder.is_dir()))
def test_a_bank_has_enough_of_everything(language: str) -> None:
    bank = bank_for(language)
    scene = bank.looks["scene"]
    assert len(bank.jobs) >= 24
    assert len(bank.names["home"]) >= 24
    assert len({job["work"] for job in bank.jobs}) == len({job["title"] for job in bank.jobs}) == len(bank.jobs)
    for job in bank.jobs:
        assert set(job["objects"]) <= set(scene["objects"]), job["title"]
        assert {word for _, word in job["places"]} <= set(scene["places"]), job["title"]
        least = {"things": 8, "folk": 6, "did": 12, "truths": 6, "said": 6, "woes": 5, "asks": 4, "goods": 7}
        assert all(len(set(job[name])) >= count for name, count in least.items()), job["title"]
        assert job["outcomes"], job["title"]
    assert all(sum(row) == 1 for row in bank.persona["strategy"]["shares"])
    words = bank.posts["alt"]
    for table, known in (
        ("pose", scene["poses"]),
        ("place", scene["places"]),
        ("time", scene["times"]),
        ("weather", scene["light"]),
        ("object", scene["objects"]),
    ):
        assert language == "en" or set(words[table]) == set(known)
    cultures = {culture["key"] for culture in bank.names["culture"]}
    assert all(home["culture"] in cultures for home in bank.names["home"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_made_to_say_what_it_never_says(language: str) -> None:
    bank = bank_for(language)
    said = "\n".join(strings([list(bank.jobs), bank.posts, bank.persona["voice"], bank.persona["core"]])).casefold()
    for temper in bank.persona["temper"]:
        own = "\n".join(strings([temper["asides"], temper["constructions"], temper["fillers"]])).casefold()
        for never in temper["never"]:
            edge = r"\b" if language == "en" else ""
            assert not re.search(f"{edge}{re.escape(never.casefold())}{edge}", f"{said}\n{own}"), never


def test_a_slot_that_is_named_twice_takes_the_next_piece() -> None:
    filling = Filling({"thing": "bell"}, {"folk": ["a monk", "a {thing} founder"]})
    assert filling.fill("{Folk}, {folk}, the {thing}, {else}") == "A monk, a bell founder, the bell, {else}"


def test_a_draw_hangs_on_its_key_alone() -> None:
    items = list(range(40))
    assert Draw("a").mixed("x", items) == Draw("a").mixed("x", items)
    assert sorted(Draw("a").mixed("x", items)) == items
    assert Draw("a").mixed("x", items) != Draw("b").mixed("x", items)
