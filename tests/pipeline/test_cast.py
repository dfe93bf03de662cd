"""The cast as a whole, by whole commands against a real server: draws, wishes, work on personas that stand."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from pathlib import Path

import pytest
from PIL import Image

from config import read_settings
from errors import BadInput
from persona.cards.card import read_persona
from persona.schema.stage_table import STAGES
from tests.answers import REPLIES
from tests.command import command
from tests.loopback import Reply, Request, Server, completion, serve

BOND = {"relation": "the other", "called": "you", "wants": "tea", "open_matter": "the bill", "writes": "short"}
NAMES = ("Ilse Abara", "Tomo Quist", "Rafael Okonjo", "Wen Dalgaard", "Bettina Sauro")


def answer(request: Request) -> Reply:
    """A good answer to any question about a persona, a calendar or a pair."""
    if request.purpose == "persona_acquaintance":
        return Reply(body=completion({"first": BOND, "second": BOND}))
    if request.purpose == "calendar_plan":
        posts = json.loads(request.text.rpartition("<days>")[2].partition("</days>")[0])
        ids = [post["id"] for day in posts for post in day["posts"]]
        themes = [{"id": one, "theme": f"Something happened to the bell of {one}."} for one in ids]
        return Reply(body=completion({"story_lines": ["The bell breaks."], "themes": themes}))
    if request.purpose == "tweets_post":
        return Reply(body=completion({}))
    return Reply(body=completion(REPLIES[request.purpose].model_dump(mode="json")))


class Namer:
    """Answers as `answer` does, with another name for each picture, so that no two are alike in it."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __call__(self, request: Request) -> Reply:
        if request.purpose != "persona_core":
            return answer(request)
        picture = json.dumps(request.body["messages"][-1]["content"][-1])
        core = REPLIES["persona_core"].model_dump(mode="json")
        core["facts"]["name"] = self.names.setdefault(picture, NAMES[len(self.names)])
        return Reply(body=completion(core))


def draw(path: Path, colour: str = "red") -> Path:
    Image.new("RGB", (64, 96), colour).save(path)
    return path


def flags(server: Server, out: Path) -> list[object]:
    return ["--api-base", server.url, "--model", "test", "--out", out, "--json"]


def draws(server: Server) -> list[str]:
    """The draws of the first questions, in the order in which they came."""
    return [found for request in server.requests for found in re.findall("<draw>(.*)</draw>", request.text)]


async def test_every_portrait_has_its_own_draw_and_one_more_picture_pays_for_itself_alone(tmp_path: Path) -> None:
    pictures = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "green", "blue", "gold")]
    async with serve(Namer()) as server:
        first = await command("--generate-persona", "--images", *pictures[:3], *flags(server, tmp_path))
        second = await command("--generate-persona", "--images", *reversed(pictures), *flags(server, tmp_path))
        dealt = draws(server)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert len(set(dealt)) == 4
    assert len(server.requests) == 28
    assert second.report["counts"]["personas"] == {"made": 1, "before": 3, "holes": 0, "total": 4}


async def test_the_order_of_the_pictures_does_not_change_what_is_asked(tmp_path: Path) -> None:
    pictures = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "green", "blue")]
    asked: list[list[str]] = []
    for order in (pictures, pictures[::-1]):
        async with serve(answer) as server:
            out = tmp_path / f"out{len(asked)}"
            await command("--generate-persona", "--images", *order, *flags(server, out))
            asked.append(sorted(draws(server)))
    assert asked[0] == asked[1]


async def test_brief_and_location_reach_stage_1_and_the_brief_the_calendar(tmp_path: Path) -> None:
    picture, brief = draw(tmp_path / "a.png"), tmp_path / "brief.md"
    brief.write_text("# A city on stilts\n\nDry tone.\n", encoding="utf-8")
    wishes = ["--brief", brief, "--location", "Kyoto, Japan"]
    async with serve(answer) as server:
        await command("--generate-persona", "--image", picture, *wishes, *flags(server, tmp_path))
        same = await command("--generate-persona", "--image", picture, *wishes, *flags(server, tmp_path))
        assert same.report["usage"]["calls"] == 0
        core = server.requests[0].text
        assert "<brief># A city on stilts\n\nDry tone.</brief>" in core
        assert "<location>Kyoto, Japan</location>" in core
        persona = tmp_path / "personas" / "a.json"
        planned = ["--persona", persona, "--generate-calendar", "--tweets", 2, "--brief", brief]
        await command(*planned, *flags(server, tmp_path))
        [plan] = [request for request in server.requests if request.purpose == "calendar_plan"]
        assert "<brief># A city on stilts\n\nDry tone.</brief>" in plan.text
        before = len(server.requests)
        other = await command("--generate-persona", "--image", picture, *flags(server, tmp_path))
        assert other.report["counts"]["personas"]["made"] == 1, "another brief makes another persona"
        assert "<brief></brief>\n\n<location></location>\n\n<draw>{" in server.requests[before].text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is not UTF-8 text"),
        (b"a\x00b", "is not text"),
        (b"x" * 10_001, "has 10,001 characters"),
    ],
)
def test_a_brief_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "b.md").write_bytes(content)
    with pytest.raises(BadInput, match=rf"The brief .*b\.md .*{said}.* text or Markdown file of at most 10,000"):
        read_settings({"brief": str(tmp_path / "b.md")}, {}, tmp_path / ".env")


async def test_a_brief_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = await command("--generate-persona", "--image", "a.png", "--brief", "gone.md", "--out", tmp_path)
    assert done.code == 2
    assert "gone.md cannot be read: no such file" in done.err


async def test_a_redo_asks_anew_and_another_one_once_more(tmp_path: Path) -> None:
    picture, path = draw(tmp_path / "a.png"), tmp_path / "personas" / "a.json"
    number = 0

    def handler(request: Request) -> Reply:
        nonlocal number
        number += 1
        value = REPLIES[request.purpose].model_dump(mode="json")
        if request.purpose == "persona_voice":
            value["greeting"] = f"Hello, {number}."
        return Reply(body=completion(value))

    async with serve(handler) as server:
        await command("--generate-persona", "--image", picture, *flags(server, tmp_path))
        greetings = []
        for _ in range(2):
            done = await command("--redo", "voice", "--persona", path, *flags(server, tmp_path))
            assert done.code == 0, done.err
            voice = read_persona(path).voice
            assert voice is not None
            greetings.append(voice.greeting)
        assert server.purposes()[len(STAGES) :] == ["persona_voice", "persona_voice"]
        assert greetings == ["Hello, 8.", "Hello, 9."]
        again = await command("--generate-persona", "--image", picture, *flags(server, tmp_path))
    assert again.report["counts"]["personas"]["before"] == 1
    assert len(server.requests) == 9


async def test_a_redo_that_is_interrupted_pays_once(tmp_path: Path) -> None:
    picture, path = draw(tmp_path / "a.png"), tmp_path / "personas" / "a.json"
    processes: list[asyncio.subprocess.Process] = []
    armed = False

    async def handler(request: Request) -> Reply:
        nonlocal armed
        if armed and request.purpose == "persona_strategy":
            armed = False
            processes[-1].send_signal(signal.SIGINT)
            await asyncio.sleep(0.5)
        return answer(request)

    async with serve(handler) as server:
        await command("--generate-persona", "--image", picture, *flags(server, tmp_path))
        before, armed = path.read_bytes(), True
        redo = ["--redo", "2", "--personas", path, *flags(server, tmp_path)]
        stopped = await command(*redo, started=processes.append)
        assert stopped.code == 130, stopped.err
        assert path.read_bytes() == before
        done = await command(*redo)
    assert done.code == 0, done.err
    assert server.purposes()[len(STAGES) :] == ["persona_strategy", "persona_examples"]
    assert read_persona(path).redone == {"strategy": 1, "examples": 1}


async def test_a_redo_that_cannot_find_a_picture_is_a_hole_and_the_others_are_made(tmp_path: Path) -> None:
    pictures = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "blue")]
    async with serve(Namer()) as server:
        await command("--generate-persona", "--images", *pictures, *flags(server, tmp_path))
        pictures[0].unlink()
        personas = [tmp_path / "personas" / name for name in ("red.json", "blue.json")]
        done = await command("--redo", "visual", "--personas", *personas, *flags(server, tmp_path))
    assert done.code == 3
    assert "red.png" in done.err
    assert "--image" in done.err
    assert server.purposes()[14:] == ["persona_visual"]


async def test_a_card_from_elsewhere_is_completed_and_then_there(tmp_path: Path) -> None:
    card = tmp_path / "ada.json"
    card.write_text(json.dumps({"name": "Ada Quist", "description": "Keeps bees on a roof."}), encoding="utf-8")
    async with serve(answer) as server:
        first = await command("--complete", "--persona", card, *flags(server, tmp_path))
        second = await command("--complete", "--persona", card, *flags(server, tmp_path))
    assert (first.code, second.code) == (0, 0), first.err
    assert len(server.requests) == len(STAGES)
    assert not any(request.pictures for request in server.requests)
    assert second.report["counts"]["personas"] == {"made": 0, "before": 1, "holes": 0, "total": 1}
    made = read_persona(tmp_path / "personas" / "ada.json")
    assert made.character == "Ada Quist"
    assert made.knowledge is not None


async def test_members_come_to_know_each_other_both_ways_and_only_once(tmp_path: Path) -> None:
    pictures = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "green", "blue")]
    make = ["--generate-persona", "--know-each-other", "--images", *pictures]
    async with serve(Namer()) as server:
        first = await command(*make, *flags(server, tmp_path))
        assert first.code == 0, first.err
        assert server.purposes()[3 * len(STAGES) :] == ["persona_acquaintance"] * 3
        second = await command(*make, *flags(server, tmp_path))
        folder = f"{tmp_path}/personas/*.json"
        third = await command("--know-each-other", "--personas", folder, *flags(server, tmp_path))
    assert second.report["counts"]["acquaintances"] == {"made": 0, "before": 3, "holes": 0, "total": 3}
    assert third.code == 0, third.err
    assert len(server.requests) == 24
    cast = {path.stem: read_persona(path) for path in (tmp_path / "personas").glob("*.json")}
    for name, persona in cast.items():
        assert set(persona.acquaintances) == set(cast) - {name}
        assert persona.network is not None
        handles = {contact.handle for contact in persona.network.people}
        assert {other.handle for other in cast.values() if other is not persona} <= handles


async def test_likenesses_are_told_with_the_command_that_mends_them_and_nothing_is_changed(tmp_path: Path) -> None:
    pictures = [draw(tmp_path / f"{colour}.png", colour) for colour in ("red", "blue")]
    async with serve(answer) as server:
        done = await command("--generate-persona", "--images", *pictures, *flags(server, tmp_path))
    assert done.code == 0
    assert re.search(r"(red|blue)\.json is like (red|blue)\.json in its name: Marra Tveit", done.err)
    found = re.search(r"python main\.py --redo core --persona (\S+) --out (\S+)", done.err)
    assert found is not None
    assert Path(found[1]).exists()
    assert Path(found[2]) == tmp_path
    assert server.purposes().count("persona_core") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--redo", "voice"], "--redo needs --persona"),
        (["--redo", "nine", "--persona", "a.json", "--rehearse"], "nine is no stage"),
        (["--redo", "4", "--complete", "--persona", "a.json"], "one thing at a time"),
        (["--redo", "4", "--batch-mode", "--persona", "a.json"], "one thing at a time"),
        (["--complete"], "--complete needs --persona"),
        (["--complete", "--personas", "a.json", "b.json", "--image", "c.png", "--rehearse"], "picture of one persona"),
        (["--know-each-other", "--persona", "a.json", "--rehearse"], "two or more"),
        (["--know-each-other", "--generate-persona", "--image", "a.png", "--rehearse"], "two or more"),
        (["--know-each-other", "--run-all", "--image", "a.png"], "before any posts"),
    ],
)
async def test_work_on_a_cast_that_makes_no_sense_is_a_usage_error(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = await command(*arguments, "--out", tmp_path / "out")
    assert done.code == 2, done.err
    assert said in done.err
    assert "Traceback" not in done.err
