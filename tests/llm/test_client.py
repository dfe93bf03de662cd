"""The client against a real server on loopback: what is asked again, what stops the run, what is never paid twice."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from errors import BadAnswer, DiskFull, Interrupted, ItemFailed, Misconfigured, StopRun, Unreachable
from llm.client import LLM, Picture, Question
from llm.journal import Journal
from llm.prompts import Prompt
from settings import LLMSettings
from tests.loopback import Handler, Reply, Request, Server, completion, serve


class Word(BaseModel):
    text: str = Field(min_length=1)


GOOD = Reply(body=completion({"text": "hello"}))


def question(n: int = 0, **changes: object) -> Question[Word]:
    values: dict[str, object] = {"purpose": "a_word", "item": f"word {n}", "prompt": Prompt("Be brief.", f"Word {n}?")}
    return Question(answer=Word, **(values | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def asking(handler: Handler, tmp_path: Path, **settings: object) -> AsyncIterator[tuple[LLM, Server, list[str]]]:
    said: list[str] = []
    async with serve(handler) as server:
        values = {"base_url": server.url, "text_model": "m", "vision_model": "eyes", "timeout": 5.0} | settings
        with Journal(tmp_path / "journal.sqlite3") as journal:
            async with LLM(LLMSettings(**values), journal, say=said.append, sleep=_no_pause) as llm:  # type: ignore[arg-type]
                yield llm, server, said


def in_turn(*replies: Reply) -> Handler:
    """Answer with each reply in turn; the last one stays."""
    waiting: Iterator[Reply] = iter(replies)
    last = replies[-1]
    return lambda request: next(waiting, last)


async def test_a_question_is_answered_and_kept(tmp_path: Path) -> None:
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        assert (await llm.ask(question())).text == "hello"
        assert (await llm.ask(question())).text == "hello"
        assert len(server.requests) == 1
        assert (llm.usage.calls, llm.usage.replayed, llm.usage.tokens_in) == (1, 1, 100)
        body = server.requests[0].body
        assert body["model"] == "m"
        assert body["response_format"]["json_schema"]["name"] == "a_word"
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert "temperature" not in body


async def test_pictures_go_to_the_vision_model_as_data_uris(tmp_path: Path) -> None:
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        await llm.ask(question(pictures=(Picture(b"bytes", "image/jpeg", "d"),)))
        assert server.requests[0].body["model"] == "eyes"
        part = server.requests[0].body["messages"][1]["content"][1]
        assert part["image_url"]["url"] == "data:image/jpeg;base64,Ynl0ZXM="


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": Prompt("Be brief.", "Another?")},
        {"attempt": 1},
        {"purpose": "other"},
        {"pictures": (Picture(b"x", "image/jpeg", "x"),)},
    ],
)
async def test_whatever_belongs_to_the_question_makes_it_a_new_one(tmp_path: Path, change: dict[str, Any]) -> None:
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        await llm.ask(question())
        await llm.ask(question(**change))
        assert len(server.requests) == 2


async def test_an_unusable_answer_is_quoted_back_once(tmp_path: Path) -> None:
    replies = in_turn(Reply(body=completion({"text": ""})), GOOD)
    async with asking(replies, tmp_path) as (llm, server, said):
        assert (await llm.ask(question())).text == "hello"
        messages = server.requests[1].body["messages"]
        assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
        assert "text:" in messages[3]["content"]
        assert "cannot be used" in said[0]
        assert llm.usage.refused == 1


async def test_a_check_of_the_caller_is_told_to_the_model(tmp_path: Path) -> None:
    def no_hello(word: Word) -> Sequence[str]:
        return ("do not say hello",) if word.text == "hello" else ()

    replies = in_turn(GOOD, Reply(body=completion({"text": "good day"})))
    async with asking(replies, tmp_path) as (llm, server, _):
        assert (await llm.ask(question(check=no_hello))).text == "good day"
        assert "do not say hello" in server.requests[1].text


def doubts_hello(word: Word) -> Sequence[str]:
    return ("hello is doubtful",) if word.text == "hello" else ()


def refuses_bye(word: Word) -> Sequence[str]:
    return ("do not say bye",) if word.text == "bye" else ()


async def test_a_doubt_sends_the_answer_back_and_the_better_one_is_kept(tmp_path: Path) -> None:
    replies = in_turn(GOOD, Reply(body=completion({"text": "good day"})))
    async with asking(replies, tmp_path) as (llm, server, said):
        assert (await llm.ask(question(doubt=doubts_hello))).text == "good day"
        assert "hello is doubtful" in server.requests[1].text
        assert "asked for once more: hello is doubtful" in said[0]
        assert (await llm.ask(question(doubt=doubts_hello))).text == "good day"
        assert len(server.requests) == 2


async def test_an_answer_whose_doubts_stay_is_accepted_after_one_call_more_and_replayed(tmp_path: Path) -> None:
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        for _ in range(2):
            assert (await llm.ask(question(doubt=doubts_hello, tries=1))).text == "hello"
        assert (len(server.requests), llm.usage.replayed) == (2, 1)


async def test_a_worse_answer_after_a_doubted_one_gives_the_doubted_one(tmp_path: Path) -> None:
    replies = in_turn(GOOD, Reply(body=completion({"text": "bye"})))
    async with asking(replies, tmp_path) as (llm, server, _):
        for _ in range(2):
            assert (await llm.ask(question(check=refuses_bye, doubt=doubts_hello))).text == "hello"
        assert len(server.requests) == 3


async def test_an_answer_with_objections_is_refused_whether_or_not_it_is_doubted(tmp_path: Path) -> None:
    bye = Reply(body=completion({"text": "bye"}))
    async with asking(lambda request: bye, tmp_path) as (llm, server, _):
        with pytest.raises(BadAnswer, match="do not say bye; nor so"):
            await llm.ask(question(check=refuses_bye, doubt=lambda word: ("nor so",)))
        assert len(server.requests) == 2


async def test_a_run_that_stops_over_a_doubt_has_kept_the_doubted_answer(tmp_path: Path) -> None:
    replies = in_turn(GOOD, Reply(status=401, body=b"{}"))
    async with asking(replies, tmp_path) as (llm, _, _):
        with pytest.raises(Misconfigured):
            await llm.ask(question(doubt=doubts_hello))
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        assert (await llm.ask(question(doubt=doubts_hello))).text == "hello"
        assert server.requests == []


async def test_an_answer_that_stays_bad_is_given_up_with_its_reply_and_asked_anew_next_time(tmp_path: Path) -> None:
    async with asking(lambda request: Reply(body=completion({"no": 1})), tmp_path) as (llm, server, _):
        with pytest.raises(BadAnswer) as caught:
            await llm.ask(question())
        assert caught.value.cause == "invalid"
        assert json.loads(caught.value.reply) == {"no": 1}
        with pytest.raises(BadAnswer):
            await llm.ask(question())
        assert len(server.requests) == 4


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=500, body=b"boom"),
        Reply(status=502, body=b"<html>bad gateway</html>"),
        Reply(reset=True),
        Reply(body=completion({"text": "hello"}), cut=60),
        Reply(body=b"<html>login</html>"),
        Reply(body=completion('{"text": "hel', finish="length")),
        Reply(body=completion('{"text": "hel')),
        Reply(body=completion("")),
        Reply(body=b'{"choices": null}'),
        Reply(body=b'{"error": {"message": "upstream"}}'),
        Reply(status=429, headers={"retry-after": "0"}, body=b"{}"),
        Reply(status=503, headers={"retry-after-ms": "20"}, body=b"{}"),
        Reply(status=529, headers={"retry-after-ms": "20"}, body=b"overloaded"),
        Reply(body="naïve".encode("latin-1")),
        Reply(body=completion({"text": "hello"}), cut=0),
    ],
    ids=lambda fault: f"{fault.status}-{fault.body[:20]!r}-{fault.cut}-{fault.reset}",
)
async def test_a_passing_fault_costs_nothing_but_time(tmp_path: Path, fault: Reply) -> None:
    async with asking(in_turn(fault, GOOD), tmp_path) as (llm, server, _):
        assert (await llm.ask(question())).text == "hello"
        assert len(server.requests) == 2


async def test_a_call_that_hangs_is_given_up_at_the_deadline_and_asked_again(tmp_path: Path) -> None:
    async with asking(in_turn(Reply(delay=60), GOOD), tmp_path, timeout=0.3) as (llm, server, _):
        assert (await llm.ask(question())).text == "hello"
        assert len(server.requests) == 2


async def test_a_reply_that_drips_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    drip = Reply(body=completion({"text": "hello"}), drip=0.05)
    async with asking(in_turn(drip, GOOD), tmp_path, timeout=0.5) as (llm, server, _):
        assert (await llm.ask(question())).text == "hello"
        assert len(server.requests) == 2


async def test_an_answer_cut_for_length_is_asked_with_more_room(tmp_path: Path) -> None:
    cut = Reply(body=completion("{", finish="length", tokens=(5, 9000)))
    async with asking(in_turn(cut, GOOD), tmp_path) as (llm, server, _):
        await llm.ask(question())
        assert server.requests[1].body["max_tokens"] == 18000
        assert "max_tokens" not in server.requests[0].body


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"error": {"message": "bad key"}}, "OPENAI_API_KEY"),
        (402, {"error": {"message": "pay"}}, "no credit"),
        (403, {"error": {"message": "region"}}, "does not allow"),
        (404, {"error": {"message": "no such model"}}, "--model"),
        (429, {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}, "no credit"),
        (400, {"error": {"message": "The model `m` does not exist"}}, "--model"),
        (400, [{"error": {"message": "API key not valid"}}], "OPENAI_API_KEY"),
    ],
)
async def test_what_no_patience_mends_stops_the_run_at_once(
    tmp_path: Path, status: int, body: object, said: str
) -> None:
    refusal = Reply(status=status, body=json.dumps(body).encode())
    async with asking(lambda request: refusal, tmp_path, max_concurrent=2) as (llm, server, _):
        results = await asyncio.gather(*(llm.ask(question(n)) for n in range(20)), return_exceptions=True)
        assert all(isinstance(result, Misconfigured) for result in results)
        assert said in str(results[0])
        assert len(server.requests) <= 2


@pytest.mark.parametrize("status", [413, 422])
async def test_a_question_that_is_refused_costs_its_item_alone(tmp_path: Path, status: int) -> None:
    def handler(request: Request) -> Reply:
        return Reply(status=status, body=b'{"detail": "too large"}') if "Word 0?" in request.text else GOOD

    async with asking(handler, tmp_path) as (llm, _, _):
        results = await asyncio.gather(*(llm.ask(question(n)) for n in range(4)), return_exceptions=True)
        assert isinstance(results[0], ItemFailed)
        assert all(isinstance(result, Word) for result in results[1:])


async def test_the_ladder_goes_down_when_a_parameter_is_refused_and_stays_there(tmp_path: Path) -> None:
    def handler(request: Request) -> Reply:
        kind = request.body.get("response_format", {}).get("type")
        if kind is not None:
            return Reply(status=400, body=json.dumps({"error": f"response_format {kind} is not supported"}).encode())
        return GOOD

    async with asking(handler, tmp_path) as (llm, server, _):
        await llm.ask(question(1))
        await llm.ask(question(2))
        kinds = [request.body.get("response_format", {}).get("type") for request in server.requests]
        assert kinds == ["json_schema", "json_object", None, None]
        assert "JSON Schema" in server.requests[-1].text


async def test_a_wrong_address_stops_the_run_and_says_so(tmp_path: Path, unused_port: int) -> None:
    settings = LLMSettings(base_url=f"http://127.0.0.1:{unused_port}/v1")
    with Journal(tmp_path / "j.sqlite3") as journal:
        async with LLM(settings, journal, sleep=_no_pause) as llm:
            with pytest.raises(Unreachable, match=r"does not answer.*--api-base"):
                await llm.ask(question())


async def test_an_endpoint_that_does_not_speak_tls_is_said(tmp_path: Path) -> None:
    async with serve(lambda request: GOOD) as server:
        settings = LLMSettings(base_url=server.url.replace("http:", "https:"), timeout=0.3)
        with Journal(tmp_path / "j.sqlite3") as journal:
            async with LLM(settings, journal, sleep=_no_pause) as llm:
                with pytest.raises(Unreachable, match="does not answer"):
                    await llm.ask(question())


async def test_a_reply_of_ten_megabytes_costs_its_item_alone(tmp_path: Path) -> None:
    def handler(request: Request) -> Reply:
        return Reply(body=completion({"text": "x" * 10_000_000})) if "Word 0?" in request.text else GOOD

    async with asking(handler, tmp_path) as (llm, _, _):
        results = await asyncio.gather(*(llm.ask(question(n)) for n in range(3)), return_exceptions=True)
    assert isinstance(results[0], BadAnswer)
    assert results[0].cause == "too long"
    assert all(isinstance(result, Word) for result in results[1:])


async def test_a_disk_that_is_full_stops_the_run_before_more_is_paid(tmp_path: Path) -> None:
    async with asking(lambda request: Reply(body=GOOD.body, delay=0.01), tmp_path, max_concurrent=2) as (
        llm,
        server,
        _,
    ):
        await llm.ask(question(0))
        book = sqlite3.connect(tmp_path / "journal.sqlite3")
        book.execute("create trigger full before insert on answers begin select raise(abort, 'disk is full'); end")
        book.close()
        results = await asyncio.gather(*(llm.ask(question(n)) for n in range(1, 20)), return_exceptions=True)
    assert all(isinstance(result, DiskFull) for result in results)
    assert "disk is full" in str(results[0])
    assert len(server.requests) <= 3


async def test_a_stop_lets_running_calls_finish_and_keeps_them(tmp_path: Path) -> None:
    async with asking(lambda request: Reply(body=GOOD.body, delay=0.3), tmp_path, max_concurrent=2) as (llm, server, _):
        tasks = [asyncio.create_task(llm.ask(question(n))) for n in range(6)]
        await asyncio.sleep(0.1)
        llm.stop(Interrupted("Stopped."))
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, Word) for result in results] == [True, True, False, False, False, False]
        assert all(isinstance(result, StopRun) for result in results[2:])
        assert len(server.requests) == 2
    async with asking(lambda request: GOOD, tmp_path) as (llm, server, _):
        await llm.ask(question(0))
        assert server.requests == []


async def test_the_ceiling_holds(tmp_path: Path) -> None:
    slow = Reply(body=GOOD.body, delay=0.02)
    async with asking(lambda request: slow, tmp_path, max_concurrent=3) as (llm, server, _):
        await asyncio.gather(*(llm.ask(question(n)) for n in range(30)))
        assert server.most_in_flight == 3


async def test_identity_of_openai_does_not_travel_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: secret")
    async with asking(lambda request: GOOD, tmp_path, api_key="sk-key") as (llm, server, _):
        await llm.ask(question())
        headers = server.requests[0].headers
        assert "secret" not in json.dumps(headers)
        assert headers["authorization"] == "Bearer sk-key"


async def test_an_item_whose_faults_do_not_pass_is_given_up_while_others_succeed(tmp_path: Path) -> None:
    def handler(request: Request) -> Reply:
        return Reply(status=500) if "Word 0?" in request.text else GOOD

    async with asking(handler, tmp_path) as (llm, _, _):
        bad = asyncio.create_task(llm.ask(question(0)))
        for n in range(1, 40):
            await llm.ask(question(n))
            await asyncio.sleep(0.005)
        with pytest.raises(ItemFailed):
            await bad


async def _no_pause(_seconds: float) -> None:
    await asyncio.sleep(0.01)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
