"""--check: the right finding for each thing that is not in place, and a remedy with it."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cli.check.endpoint import LOCAL, MODEL, find_local
from cli.check.finding import Finding, State, bad
from cli.check.painting import PAINTING, check_torch
from cli.check.setup import check_folders, check_journal, check_settings, findings
from config import read_settings
from files import Folders
from images.pool.devices import Device
from llm.journal import Journal, JournalEntry
from tests.command import command
from tests.loopback import Reply, Request, Server, completion, serve

NOWHERE = Path("/nonexistent/.env")
Rule = Callable[[Request], Reply | None]


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def refuse(status: int, message: str) -> Reply:
    return Reply(status, json.dumps({"error": {"message": message}}).encode())


@contextlib.asynccontextmanager
async def endpoint(*rules: Rule, word: str = "red", headers: dict[str, str] | None = None) -> AsyncIterator[Server]:
    """An endpoint that has the model `m` and answers every question with `word`, unless a rule says otherwise."""

    def answer(request: Request) -> Reply:
        for rule in rules:
            if (reply := rule(request)) is not None:
                return reply
        if request.path.endswith("/models"):
            return Reply(body=json.dumps({"data": [{"id": "m"}, {"id": "eyes"}]}).encode())
        return Reply(body=completion({"word": word}), headers=headers or {})

    async with serve(answer) as server:
        yield server


async def asked(url: str, model: str = "m") -> dict[str, Finding]:
    """What is found about the language model, by a few of its words."""
    settings = read_settings({"api_base": url, "model": model}, {"OPENAI_API_KEY": "sk-secret-0123"}, NOWHERE)
    found = []
    async for finding in findings(settings, usual=[]):
        if finding.about == LOCAL:
            break
        found.append(finding)
    return {finding.what: finding for finding in found if finding.about == MODEL}


def one(found: dict[str, Finding], words: str) -> Finding:
    (finding,) = [finding for what, finding in found.items() if words in what]
    return finding


async def test_an_endpoint_where_all_is_well_has_nothing_but_good_findings() -> None:
    headers = {"x-ratelimit-limit-requests": "1200", "x-ratelimit-remaining-requests": "1199"}
    async with endpoint(headers=headers) as server:
        found = await asked(server.url)
    assert {finding.state for finding in found.values()} == {State.GOOD}
    for words in (
        "lists m, eyes",
        "answered a tiny question in",
        "takes json_schema",
        "announces 20 calls",
        "looks at",
    ):
        assert one(found, words)
    assert [request.pictures for request in server.requests] == [0, 0, 1]


async def test_a_server_that_is_missing() -> None:
    found = await asked(f"http://127.0.0.1:{free_port()}/v1")
    finding = one(found, "does not answer")
    assert finding.state is State.BAD
    assert "Start the server" in finding.remedy
    assert len(found) == 1


async def test_a_key_that_is_refused() -> None:
    async with endpoint(lambda request: refuse(401, "bad key")) as server:
        found = await asked(server.url)
    finding = one(found, "refuses the key (401)")
    assert finding.state is State.BAD
    assert "OPENAI_API_KEY" in finding.remedy
    assert len(found) == len(server.requests) == 1


async def test_a_model_that_is_not_there() -> None:
    def unknown(request: Request) -> Reply | None:
        return refuse(404, "no such model") if request.body.get("model") == "ghost" else None

    async with endpoint(unknown) as server:
        found = await asked(server.url, "ghost")
    assert one(found, "does not list ghost").state is State.NOTE
    assert one(found, "knows no model 'ghost'").state is State.BAD


async def test_a_model_that_takes_no_pictures_and_one_that_does_not_see_them() -> None:
    def blind(request: Request) -> Reply | None:
        return refuse(400, "image input is not supported") if request.pictures else None

    async with endpoint(blind) as server:
        refused = one(await asked(server.url), "was shown a picture")
    async with endpoint(word="blue") as server:
        guessed = one(await asked(server.url), "does not see")
    for finding in (refused, guessed):
        assert finding.state is State.BAD
        assert "--vision-model" in finding.remedy


async def test_an_endpoint_without_json_schema_is_asked_in_a_simpler_way() -> None:
    def simple(request: Request) -> Reply | None:
        form = request.body.get("response_format", {}).get("type")
        return refuse(400, f"response_format {form} is not supported") if form == "json_schema" else None

    async with endpoint(simple) as server:
        found = await asked(server.url)
    finding = one(found, "does not take json_schema")
    assert finding.state is State.NOTE
    assert "json_object" in finding.what
    assert one(found, "looks at pictures").state is State.GOOD


async def test_an_endpoint_that_answers_with_a_web_page_or_breaks() -> None:
    async with endpoint(lambda request: Reply(body=b"<html>hello</html>")) as server:
        assert one(await asked(server.url), "no usable answer").state is State.BAD
    async with endpoint(lambda request: refuse(500, "out of memory")) as server:
        finding = one(await asked(server.url), "out of memory")
    assert finding.state is State.BAD
    assert finding.remedy


async def test_local_servers_are_found_with_the_line_for_dotenv() -> None:
    async with endpoint() as server, endpoint(lambda request: Reply(body=b'{"data": []}')) as empty:
        ports = [("Ollama", port_of(server)), ("vLLM", free_port()), ("LM Studio", port_of(empty))]
        found = await find_local("https://api.example/v1", ports)
        own = await find_local(server.url, ports[:2])
    assert found[0].remedy == (
        f"To use it, put into .env: OPENAI_BASE_URL=http://localhost:{ports[0][1]}/v1 and TEXT_MODEL=m"
    )
    assert [("Ollama answers" in one.what, "has no model" in one.what) for one in found] == [
        (True, False),
        (False, True),
    ]
    assert [(one.about, "No other server" in one.what) for one in own] == [(LOCAL, True)]


def port_of(server: Server) -> int:
    return int(server.url.split(":")[2].split("/")[0])


def test_settings_are_told_with_their_origin_and_keys_are_not_told() -> None:
    environment = {"OPENAI_API_KEY": "sk-secret-0123", "MAX_CONCURRENT": "7"}
    told = " ".join(finding.what for finding in check_settings(read_settings({"model": "m"}, environment, NOWHERE)))
    assert "MAX_CONCURRENT = 7, from the environment." in told
    assert "TEXT_MODEL = m, from --model." in told
    assert "OPENAI_API_KEY = set, 14 characters, from the environment." in told
    assert "secret" not in told


def test_folders_that_cannot_be_made_and_a_damaged_journal_are_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert {finding.state for finding in check_folders(Folders(tmp_path))} == {State.GOOD}
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
    assert {finding.state for finding in check_folders(Folders(tmp_path / "file"))} == {State.BAD}
    folders = Folders(tmp_path)
    assert [finding.state for finding in check_journal(folders)] == [State.NOTE]
    with Journal(folders.own / "journal.sqlite3") as journal:
        journal.write(JournalEntry(key="k", purpose="p", item="i", model="m", reply="{}"))
        journal.write(JournalEntry(key="k", purpose="p", item="i", model="m", reply="{}", cause="check"))
    (finding,) = check_journal(folders)
    assert "1 answers and 1 refused" in finding.what
    (folders.own / "journal.sqlite3").write_bytes(b"no database" * 1000)
    (finding,) = check_journal(folders)
    assert finding.state is State.BAD
    assert "damaged" in finding.what


def test_a_torch_that_cannot_use_the_gpus_that_the_driver_lists_is_found() -> None:
    gpu = [Device("cuda", 0, "RTX 4090", "GPU-1")]
    fits = {"version": "2.13.0+cu128", "cuda": "12.8", "gpus": ["RTX 4090"]}
    assert [finding.state for finding in check_torch(gpu, fits)] == [State.GOOD]
    (finding,) = check_torch(gpu, {"version": "2.13.0+cpu", "cuda": None, "gpus": []})
    assert (finding.state, "can use none of them" in finding.what) == (State.BAD, True)
    (finding,) = check_torch(gpu, {"error": "ModuleNotFoundError: No module named 'torch'"})
    assert (finding.state, "requirements.txt" in finding.remedy) == (State.BAD, True)


def test_a_bad_finding_without_a_remedy_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="without a remedy"):
        bad(MODEL, "Something is wrong.", "")


async def test_the_command_tells_all_of_it_and_its_exit_code_says_whether_a_run_would_fail(tmp_path: Path) -> None:
    well = await command("--check", "--rehearse", "--out", tmp_path, "--json")
    assert well.code == 0, well.err
    assert "Everything is in place." in well.err
    assert {finding["about"] for finding in well.report["findings"]} >= {"settings", "folders", "journal", PAINTING}
    async with endpoint(word="blue") as server:
        blind = await command(
            *("--check", "--api-base", server.url, "--model", "m", "--image-model", "rehearsal", "--out", tmp_path)
        )
    assert blind.code == 4
    assert "does not see" in blind.err
    assert list(tmp_path.iterdir()) == []
