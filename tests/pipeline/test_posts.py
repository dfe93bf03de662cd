"""The feed by whole commands against a real server: what is alike is told with its command, and the command works."""

from __future__ import annotations

import json
from pathlib import Path

from persona.cards.card import write_persona
from tests import answers
from tests.command import command
from tests.loopback import Reply, Request, Server, completion, serve
from tests.tweets.test_write import words_of

SAME = "Pia sold the small bell to a man who wanted a doorstop."


def block(request: Request, name: str) -> str:
    return request.text.rpartition(f"<{name}>")[2].partition(f"</{name}>")[0]


class Feed:
    """Another post for each slot, but the first slot of each character is told in the same words."""

    def __init__(self) -> None:
        self.firsts: dict[bool, str] = {}

    def __call__(self, request: Request) -> Reply:
        slot, draft, second = block(request, "slot"), block(request, "draft"), "Second" in request.text
        first = self.firsts.setdefault(second, slot) == slot and not draft
        key = f"{slot}{draft}{second}"
        told = SAME if first else f"{words_of(key, 7).capitalize()}."
        scene = f"A bell, {words_of(key, 6)}, close view."
        return Reply(body=completion({"text": told, "hashtags": [], "scene": scene, "alt_text": "A bell."}))


def cast_of_two(folder: Path) -> list[Path]:
    paths = []
    for number, name in enumerate(("Marra First", "Marra Second")):
        core = answers.CORE.model_copy(update={"facts": answers.CORE.facts.model_copy(update={"name": name})})
        one = answers.persona(f"cast{number}").model_copy(update={"core": core})
        paths.append(folder / "personas" / f"{one.name}.json")
        write_persona(paths[-1], one)
    return paths


def flags(server: Server, out: Path) -> list[object]:
    return ["--api-base", server.url, "--model", "test", "--out", out, "--json"]


async def test_likeness_in_the_cast_is_told_with_a_command_that_mends_it(tmp_path: Path) -> None:
    async with serve(Feed()) as server:
        written = ["--batch-mode", "--personas", *cast_of_two(tmp_path), "--tweets", 4]
        first = await command(*written, *flags(server, tmp_path))
        assert first.code == 0, first.err
        variety = first.report["variety"]
        assert variety["near_duplicates"]["across"] == 1
        [likeness] = variety["likenesses"]
        assert "cast1" in likeness["post"].split(" says")[0]
        assert f"To fix it: {likeness['mend']}" in first.err
        words = likeness["mend"].split()
        assert words[:3] == ["python", "main.py", "--redo-post"]
        asked = len(server.requests)
        mended = await command(*words[2:], *flags(server, tmp_path)[:-3], "--json")
        assert mended.code == 0, mended.err
        assert len(server.requests) == asked + 1
        again = await command(*written, *flags(server, tmp_path))
        assert len(server.requests) == asked + 1
    assert again.report["variety"]["likenesses"] == []
    assert again.report["counts"]["posts"] == {"made": 0, "before": 8, "holes": 0, "total": 8}


async def test_a_redone_post_keeps_its_slot_and_leaves_the_others_alone(tmp_path: Path) -> None:
    async with serve(Feed()) as server:
        paths = cast_of_two(tmp_path)[:1]
        await command("--batch-mode", "--personas", *paths, "--tweets", 3, *flags(server, tmp_path))
        [path] = (tmp_path / "output_standalone").glob("*.json")
        before = json.loads(path.read_text(encoding="utf-8"))["posts"]
        named = ["--redo-post", before[1]["id"], "--tweets-batch", path, *flags(server, tmp_path)]
        await command(*named)
        once = json.loads(path.read_text(encoding="utf-8"))["posts"]
        await command(*named)
        twice = json.loads(path.read_text(encoding="utf-8"))["posts"]
        told = [json.loads(block(request, "slot")) for request in server.requests]
    assert len({posts[1]["text"] for posts in (before, once, twice)}) == 3
    for after in (once, twice):
        assert (after[0], after[2]) == (before[0], before[2])
        assert {name: after[1][name] for name in ("id", "at", "theme", "content_type")} == {
            name: before[1][name] for name in ("id", "at", "theme", "content_type")
        }
    assert len(told) == 5
    same = [one for one in told if one["id"] == before[1]["id"]]
    assert {(one["date"], one["time"], one["content_type"]["name"], one["picture"]) for one in same} == {
        (same[0]["date"], same[0]["time"], same[0]["content_type"]["name"], same[0]["picture"])
    }


async def test_a_post_that_cannot_be_redone_costs_a_sentence(tmp_path: Path) -> None:
    async with serve(Feed()) as server:
        await command("--batch-mode", "--personas", *cast_of_two(tmp_path)[:1], "--tweets", 2, *flags(server, tmp_path))
        [path] = (tmp_path / "output_standalone").glob("*.json")
        for id_, said in (("2031-01-01-1", "has no post 2031-01-01-1"), ("tomorrow", "tomorrow is no post id")):
            done = await command("--redo-post", id_, "--tweets-batch", path, *flags(server, tmp_path)[:-1])
            assert done.code == 2, done.err
            assert said in done.err
        asked, value = len(server.requests), json.loads(path.read_text(encoding="utf-8"))
        id_ = value["posts"][0]["id"]
        path.write_text(json.dumps(value | {"posts": [value["posts"][0], *value["posts"]]}), encoding="utf-8")
        done = await command("--redo-post", id_, "--tweets-batch", path, *flags(server, tmp_path)[:-1])
        assert f"{path}: the id {id_} is used twice." in done.err
        assert (done.code, len(server.requests)) == (2, asked)
        done = await command("--redo-post", "2026-12-01-1")
        assert done.code == 2
        assert "--redo-post needs --tweets-batch" in done.err
