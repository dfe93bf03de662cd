"""--dry-run: what it says beforehand, beside what the run then does; and that it touches nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from cli.dry_run.forecast import Forecast, count_tokens
from llm.journal import Journal, JournalEntry
from persona.schema.stage_table import STAGES
from rehearsal.endpoint import RehearsalTransport
from tests.command import ROOT, Done, command
from tests.loopback import Reply, Request, serve

PORTRAITS = [ROOT / "examples" / "portraits" / f"{name}.png" for name in ("mira", "fenn")]
CLOSE = 0.15

Told = dict[str, dict[str, int]]


def everything(folder: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def check_close(before: Done, after: Done) -> None:
    """The run differs from what was told before it by at most 15 % in calls and in tokens."""
    assert (before.code, after.code) == (0, 0), before.err + after.err
    told, done = before.report["usage"], after.report["usage"]
    for what in ("calls", "tokens_in", "tokens_out"):
        assert done[what] > 0
        assert abs(told[what] - done[what]) <= CLOSE * done[what], (what, told[what], done[what])
    assert before.report["counts"] == after.report["counts"]


def modes(out: Path) -> dict[str, list[object]]:
    return {
        "persona": ["--generate-persona", "--images", *PORTRAITS],
        "posts": ["--batch-mode", "--personas", f"{out}/personas/*.json", "--generate-calendar", "--tweets", 4],
        "all": ["--run-all", "--images", PORTRAITS[0], "--tweets", 3],
    }


@pytest.mark.parametrize(
    "names", [pytest.param(("persona", "posts"), id="chain"), pytest.param(("all",), id="all", marks=pytest.mark.slow)]
)
async def test_in_rehearsal_a_dry_run_says_what_the_run_then_does_and_writes_nothing(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        ours = [*modes(tmp_path)[name], "--rehearse", "--out", tmp_path, "--json"]
        there = everything(tmp_path)
        before = await command(*ours, "--dry-run")
        assert everything(tmp_path) == there
        check_close(before, await command(*ours))


async def test_attempts_and_their_judge_are_counted_though_nothing_is_painted(tmp_path: Path) -> None:
    ours = [
        "--run-all",
        "--images",
        PORTRAITS[0],
        "--tweets",
        2,
        "--rehearse",
        "--out",
        tmp_path,
        "--json",
        "--dry-run",
    ]
    once, thrice = [(await command(*ours, *more)).report for more in ([], ["--best-of", 3])]
    pictures = once["counts"]["pictures"]["made"]
    assert thrice["counts"]["pictures"]["made"] == pictures > 0
    assert thrice["usage"]["calls"] == once["usage"]["calls"] + 3 * pictures
    assert everything(tmp_path) == {}


def endpoint() -> Callable[[Request], object]:
    """Answers as the rehearsal does, and counts tokens in its own way: bytes, and its own price for a picture."""
    transport = RehearsalTransport()

    async def answer(request: Request) -> Reply:
        asked = httpx2.Request("POST", "http://endpoint/v1/chat/completions", json=request.body)
        body = json.loads((await transport.handle_async_request(asked)).content)
        content = body["choices"][0]["message"]["content"]
        body["usage"]["prompt_tokens"] = len(request.text.encode()) * 10 // 43 + 1100 * request.pictures
        body["usage"]["completion_tokens"] = len(content.encode()) * 10 // 43
        return Reply(body=json.dumps(body).encode())

    return answer


async def test_before_a_real_endpoint_tokens_are_counted_from_the_prompts_without_asking_it(tmp_path: Path) -> None:
    for name in ("persona", "posts"):
        arguments = [*modes(tmp_path)[name], "--model", "m", "--out", tmp_path, "--json"]
        there = everything(tmp_path)
        async with serve(endpoint()) as server:  # type: ignore[arg-type]
            before = await command(*arguments, "--dry-run", "--api-base", server.url)
            assert server.requests == []
            assert everything(tmp_path) == there
            check_close(before, await command(*arguments, "--api-base", server.url))
    assert "not known: put PRICE_INPUT" in before.err


async def test_what_is_there_already_is_told_and_costs_nothing(tmp_path: Path) -> None:
    first = ["--generate-persona", "--image", PORTRAITS[0], "--rehearse", "--out", tmp_path]
    await command(*first)
    both = await command(
        *("--generate-persona", "--images", *PORTRAITS, "--rehearse", "--out", tmp_path, "--dry-run", "--json")
    )
    assert both.report["counts"]["personas"] == {"made": 1, "before": 1, "holes": 0, "total": 2}
    assert both.report["usage"]["calls"] == len(STAGES)
    # A persona whose file is gone is made from the journal.
    (tmp_path / "personas" / "mira.json").unlink()
    again = await command(*first, "--dry-run", "--json")
    assert (again.report["usage"]["calls"], again.report["usage"]["replayed"]) == (0, len(STAGES))


async def test_work_on_a_persona_that_stands_leaves_its_file_alone(tmp_path: Path) -> None:
    await command("--generate-persona", "--image", PORTRAITS[0], "--rehearse", "--out", tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = (tmp_path / "personas" / "mira.json").rename(elsewhere / "mira.json")
    there = everything(tmp_path)
    done = await command(
        *("--persona", moved, "--redo", "voice", "--rehearse", "--out", tmp_path, "--dry-run", "--json"),
    )
    assert done.code == 0, done.err
    assert done.report["usage"]["calls"] == 1
    assert everything(tmp_path) == there


async def test_bad_input_is_told_with_the_users_own_paths(tmp_path: Path) -> None:
    (tmp_path / "personas").mkdir()
    broken = tmp_path / "personas" / "x.json"
    broken.write_text("{", encoding="utf-8")
    done = await command("--persona", broken, "--tweets", 2, "--rehearse", "--out", tmp_path, "--dry-run", "--json")
    assert done.code == 2
    assert f"{broken} is not JSON" in done.err
    assert "dramatis-" not in done.err + done.out


async def test_a_painter_that_is_not_here_is_told_with_its_size(tmp_path: Path) -> None:
    done = await command(
        *("--run-all", "--image", PORTRAITS[0], "--tweets", 2, "--image-model", "sd-turbo", "--dry-run", "--json"),
        *("--out", tmp_path, "--max-cost", "0.000001"),
        environment={
            "HF_HOME": str(tmp_path / "hub"),
            "PRICE_INPUT": "1",
            "PRICE_OUTPUT": "2",
            "CUDA_VISIBLE_DEVICES": "",
        },
    )
    assert done.code == 0, done.err
    assert done.report["bytes"]["download"] == 2_600_000_000
    assert done.report["bytes"]["pictures"] > 0
    assert done.report["dollars"] > 0
    assert "--max-cost" in done.err
    assert "this painter has not painted here yet" in done.err


def test_the_length_of_answers_is_that_of_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        for number, (model, tokens) in enumerate([("m", 100), ("m-2026-01-01", 300), ("another", 9000)]):
            journal.write(
                JournalEntry(
                    key=str(number), purpose="tweets_post", item="x", model=model, reply="{}", tokens_out=tokens
                )
            )
        answers = journal.mean_answers("m", "m")
    assert answers == {"tweets_post": 200}
    forecast = Forecast(answers, {"tweets_post": 1.5})
    assert forecast.tokens("tweets_post", "x" * 396, "y", 1) == (1600, 200)
    assert (forecast.seconds("tweets_post"), forecast.seconds("persona_core")) == (1.5, 20.0)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The kettle sings in the kitchen, and nobody listens.", 10, 16),
        ("水壶在厨房里唱歌，没有人听。", 9, 16),
        ("", 0, 1),
    ],
)
def test_tokens_are_about_as_many_as_tokenizers_find(text: str, least: int, most: int) -> None:
    assert least <= count_tokens(text) <= most
