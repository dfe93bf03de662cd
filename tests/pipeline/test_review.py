"""The review over HTTP: who is answered, what a decision writes, and what two of them or a kill do."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from errors import BadInput
from files import Folders
from gallery.server import serving
from images.jobs import picture_jobs
from images.models import find_model
from pipeline.gallery import Exhibition, find_cast
from pipeline.review import ReviewDesk
from tests.command import ROOT, command
from tests.exhibition import KEY, put_character
from tests.studio import save_finished
from tweets.batch_file import batch_path, read_batch
from tweets.schema import Tweet, TweetBatch

FIRST = "2026-12-01-1"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser without scripts, at the address of a review."""

    web: aiohttp.ClientSession
    address: str
    desk: ReviewDesk
    root: Path

    @property
    def site(self) -> str:
        return self.address.removesuffix("index.html")

    async def post(self, path: str, *, scripts: bool = True, **fields: str) -> tuple[int, str]:
        body = {"persona": "marra", "batch": KEY, "post": FIRST, "part": "text"} | fields
        headers = {"X-Part": "1"} if scripts else {}
        async with self.web.post(self.site + path, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    def saved(self, post: str = FIRST) -> Tweet:
        return next(one for one in batch_in(self.root).posts if one.id == post)


def batch_in(root: Path) -> TweetBatch:
    return read_batch(batch_path(Folders(root), "marra", KEY))


@contextlib.asynccontextmanager
async def open_review(root: Path, port: int = 0) -> AsyncIterator[Visitor]:
    folders = Folders(root)
    desk = ReviewDesk(Exhibition(folders), {one.name: one for one in find_cast(folders)})
    for one in desk.found.values():
        await desk.look_at(one)
    served = {"thumbnails": folders.gallery / "thumbnails", "pictures": folders.pictures}
    async with serving(desk, served, port, asyncio.Event()) as address, aiohttp.ClientSession() as web:
        yield Visitor(web, address, desk, root)


async def test_the_pages_are_served_with_all_that_they_show(tmp_path: Path) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        async with visitor.web.get(visitor.address) as answer:
            assert "Marra Tveit" in await answer.text()
        base = visitor.site + "characters/marra/index.html"
        async with visitor.web.get(base) as answer:
            page = await answer.text()
            assert "script-src 'sha256-" in answer.headers["Content-Security-Policy"]
        found = [*re.findall(r'src="([^"]+)"', page), *re.findall(r'<figure>\s*<a href="([^"]+)"', page)]
        assert len(found) == 10
        for link in found:
            async with visitor.web.get(visitor.site + link.removeprefix("../../")) as answer:
                assert answer.status == 200, link


async def test_only_who_knows_the_address_on_this_machine_is_answered(tmp_path: Path) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        assert visitor.address.startswith("http://127.0.0.1:")
        token = visitor.site.rstrip("/").rpartition("/")[2]
        assert len(token) >= 32
        for path in ("", "index.html", "characters/marra/index.html", token[:-1] + "/index.html"):
            async with visitor.web.get(visitor.site.removesuffix(f"{token}/") + path) as answer:
                assert answer.status == 404
        async with visitor.web.get(visitor.address, headers={"Host": "elsewhere.example:80"}) as answer:
            assert answer.status == 403
        for path in ("pictures/../personas/marra.json", "pictures/%2e%2e/personas/marra.json", "thumbnails//etc/hosts"):
            async with visitor.web.get(visitor.site + path) as answer:
                assert answer.status in {403, 404}


@pytest.mark.parametrize("act", ["keep", "redo", "drop"])
async def test_a_decision_is_in_the_file_when_it_is_answered(tmp_path: Path, act: str) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        status, part = await visitor.post("decide", act=act, wish=" shorter, <b>please</b> ")
        assert status == 200
        decision = visitor.saved().decision
        assert decision is not None
        assert (decision.act, decision.wish) == (act, "shorter, <b>please</b>" if act == "redo" else "")
        assert f'value="{act}" aria-pressed="true"' in part
        assert "<b>please" not in part
        assert (await visitor.post("decide", act=act, part="picture"))[0] == 200
        painting = visitor.saved().painting
        assert painting is not None
        assert painting.decision is not None
        assert painting.decision.act == act


async def test_a_browser_without_scripts_is_sent_back_to_the_post(tmp_path: Path) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        status, page = await visitor.post("decide", scripts=False, act="drop")
        assert status == 200
        assert "<h1" in page


async def test_a_picture_that_was_painted_again_can_be_decided_about_again(tmp_path: Path) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        seeds = set()
        for _ in range(3):
            _, part = await visitor.post("decide", act="redo", part="picture", wish="at night")
            assert "Another picture takes this one's place" in part
            job = picture_jobs(batch_in(tmp_path), find_model("rehearsal"), Folders(tmp_path))[0]
            seeds.add(job.seed)
            save_finished(job)
        assert len(seeds) == 3
        _, part = await visitor.post("decide", act="keep", part="picture")
        assert "Another picture" not in part


async def test_a_text_is_edited_counted_and_refused_when_it_is_too_long(tmp_path: Path) -> None:
    put_character(tmp_path)
    async with open_review(tmp_path) as visitor:
        assert (await visitor.post("count", text="銅鑼 rings"))[1] == "10"
        status, words = await visitor.post("edit", text="銅" * 25_000)
        assert (status, words) == (422, "The text counts 50000 where 280 are allowed. Shorten it by 49720.")
        assert visitor.saved().text == "Bell number 1. It hums."
        assert (await visitor.post("edit", text="Mine now. #Bells"))[0] == 200
        saved = visitor.saved()
        assert (saved.text, saved.weighted_length, saved.hashtags) == ("Mine now. #Bells", 16, ("Bells",))
        assert saved.edited


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "burn"},
        {"act": "keep", "part": "soul"},
        {"act": "keep", "post": "2026-12-09-1"},
        {"act": "keep", "persona": "nobody"},
        {"act": "keep", "persona": "../marra"},
        {"act": "keep", "batch": "ffffffff"},
        {"act": "redo", "wish": "x" * 501},
        {},
    ],
)
async def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    put_character(tmp_path)
    before = batch_in(tmp_path)
    async with open_review(tmp_path) as visitor:
        status, words = await visitor.post("decide", **fields)
        assert status == 422
        assert words.endswith(".")
    assert batch_in(tmp_path) == before


async def test_a_port_in_use_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    async with open_review(tmp_path) as visitor:
        port = int(visitor.site.split(":")[2].split("/")[0])
        with pytest.raises(BadInput, match=f"Port {port} is in use.*--port"):
            async with open_review(tmp_path, port):
                pass


@pytest.mark.slow
async def test_a_second_review_of_the_same_folder_is_an_error_and_a_killed_one_is_none(tmp_path: Path) -> None:
    put_character(tmp_path)
    first, address = await _started(tmp_path)
    try:
        second = await command("--review", "--port", 0, "--out", tmp_path)
        assert (second.code, second.out) == (2, "")
        assert "is open already" in second.err
        async with aiohttp.ClientSession() as web:
            body = {"persona": "marra", "batch": KEY, "post": FIRST, "part": "text", "act": "drop"}
            async with web.post(address.replace("index.html", "decide"), data=body) as answer:
                assert answer.status == 200
    finally:
        first.kill()
        await first.wait()
    decision = batch_in(tmp_path).posts[0].decision
    assert decision is not None
    assert decision.act == "drop"

    third, address = await _started(tmp_path)
    async with aiohttp.ClientSession() as web, web.post(address.replace("index.html", "finish")) as answer:
        assert "closed" in await answer.text()
    assert await asyncio.wait_for(third.wait(), 20) == 0


async def test_ctrl_c_ends_a_review_and_says_what_comes_next(tmp_path: Path) -> None:
    put_character(tmp_path)
    process, address = await _started(tmp_path)
    async with aiohttp.ClientSession() as web:
        for part, post in (("text", FIRST), ("picture", "2026-12-02-1")):
            body = {"persona": "marra", "batch": KEY, "post": post, "part": part, "act": "redo"}
            async with web.post(address.replace("index.html", "decide"), data=body) as answer:
                assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 20)
    words = err.decode()
    assert "Decided: picture redo: 1, text redo: 1" in words
    assert "Texts to be written again: 1." in words
    assert f"--generate-images --tweets-batch {tmp_path}" in words


async def _started(root: Path) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "main.py"), "--review", "--port", "0", "--out", str(root)),
        cwd=root,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    return process, line.decode().strip()
