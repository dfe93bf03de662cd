"""What one run finds out about an endpoint, the next one knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm.client import LLM
from llm.endpoint import Profile
from llm.gate.learned import Learned
from llm.journal import Journal
from llm.memory import Memory
from settings import LLMSettings
from tests.llm.test_client import question
from tests.loopback import Reply, Request, completion, serve

OPENAI = "https://api.openai.com/v1"


def test_an_unknown_endpoint_begins_with_what_is_known_of_its_host(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "endpoints.json")
    assert memory.profile(OPENAI, "m").limit_name == "max_completion_tokens"
    assert memory.learned(OPENAI, "m") == Learned()


def test_what_was_found_out_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    memory = Memory(path)
    learned = Learned(limit=16, places=True, rate=20.0, burst=5, seconds={"a": 0.3})
    memory.keep("http://x.test/v1", "m", profile=Profile(structured="json_object"), learned=learned)
    memory.save()
    again = Memory(path)
    assert again.learned("http://x.test/v1", "m") == learned
    assert again.profile("http://x.test/v1", "m").structured == "json_object"
    assert again.learned("http://x.test/v1", "other") == Learned()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"http://x.test/v1 m": 5}', '{"http://x.test/v1 m": {"gate": 1}}'])
def test_a_file_that_makes_no_sense_is_read_over(tmp_path: Path, content: str) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(content, encoding="utf-8")
    memory = Memory(path)
    assert memory.learned("http://x.test/v1", "m") == Learned()
    assert memory.profile("http://x.test/v1", "m") == Profile()


async def test_a_second_run_does_not_ask_in_a_way_that_was_refused(tmp_path: Path) -> None:
    def handler(request: Request) -> Reply:
        if "response_format" in request.body:
            return Reply(status=400, body=b'{"error": {"message": "response_format is not supported"}}')
        return Reply(body=completion({"text": "hello"}))

    async with serve(handler) as server:
        for number in (1, 2):
            settings = LLMSettings(base_url=server.url, text_model="m")
            with Journal(tmp_path / "journal.sqlite3") as journal:
                async with LLM(settings, journal, memory=Memory(tmp_path / "endpoints.json")) as llm:
                    await llm.ask(question(number))
        kinds = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert kinds == ["json_schema", "json_object", None, None]
