"""Whole commands, as a user types them, against a real server on loopback: order, holes, resuming, exit codes."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest
from PIL import Image

from persona.schema.stage_table import IN_ORDER, PURPOSES, STAGES
from tests.answers import REPLIES
from tests.command import command
from tests.loopback import Reply, Request, Server, completion, serve


def answer(request: Request) -> Reply:
    """A good answer to any question of the persona stages."""
    return Reply(body=completion(REPLIES[request.purpose].model_dump(mode="json")), delay=0.02)


def draw(path: Path, colour: str = "red") -> Path:
    Image.new("RGB", (64, 96), colour).save(path)
    return path


def flags(server: Server, out: Path) -> list[object]:
    return ["--api-base", server.url, "--model", "test", "--out", out, "--json"]


async def test_the_questions_arrive_in_order_and_some_of_them_with_the_picture(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    async with serve(answer) as server:
        done = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
    assert done.code == 0, done.err
    purposes = server.purposes()
    assert purposes[:3] == [stage.purpose for stage in IN_ORDER]
    assert sorted(purposes) == sorted(PURPOSES)
    seeing = {stage.purpose for stage in STAGES if stage.sees}
    assert {request.purpose for request in server.requests if request.pictures} == seeing
    card = json.loads((tmp_path / "personas" / "marra.json").read_text(encoding="utf-8"))
    assert card["spec"] == "chara_card_v2"
    assert f"⚡ Stage 4-{len(STAGES)}" in done.err
    assert "🚀" in done.err
    assert "s/persona" in done.err


async def test_eager_starts_the_others_right_after_the_first(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    async with serve(answer) as server:
        done = await command("--generate-persona", "--image", portrait, "--eager", *flags(server, tmp_path))
    assert done.code == 0, done.err
    purposes = server.purposes()
    assert purposes[0] == "persona_core"
    assert purposes.index("persona_knowledge") < purposes.index("persona_examples")


async def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    async with serve(answer) as server:
        first = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
        second = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
    assert (first.code, second.code) == (0, 0)
    assert len(server.requests) == len(STAGES)
    assert second.report["counts"]["personas"] == {"made": 0, "before": 1, "holes": 0, "total": 1}


async def test_a_stage_that_fails_for_good_leaves_a_hole_and_the_next_run_asks_only_for_it(tmp_path: Path) -> None:
    portraits = [draw(tmp_path / "good.png", "red"), draw(tmp_path / "bad.png", "blue")]
    broken = True
    blue: set[str] = set()

    def handler(request: Request) -> Reply:
        # The two characters are told apart by their pictures: stage 5 fails for the second portrait alone.
        if request.purpose == "persona_core":
            name = "Blue Person" if server.purposes().count("persona_core") == 2 else "Red Person"
            core = REPLIES["persona_core"].model_dump(mode="json")
            core["facts"]["name"] = name
            return Reply(body=completion(core))
        if broken and request.purpose == "persona_voice" and "Blue Person" in request.text:
            blue.add(request.purpose)
            return Reply(body=completion({"moods": []}))
        return answer(request)

    async with serve(handler) as server:
        arguments = ["--generate-persona", "--images", *portraits, "--max-concurrent", 1]
        first = await command(*arguments, *flags(server, tmp_path))
        assert blue
        asked = len(server.requests)
        broken = False
        second = await command(*arguments, *flags(server, tmp_path))
    assert first.code == 3, first.err
    counts = first.report["counts"]["personas"]
    assert (counts["made"], counts["holes"]) == (1, 1)
    assert "No usable answer" in first.err
    assert "moods" in first.err
    assert second.code == 0, second.err
    assert server.purposes()[asked:] == ["persona_voice"]
    assert sorted(path.name for path in (tmp_path / "personas").glob("*.json")) == ["bad.json", "good.json"]


async def test_bad_pictures_cost_only_themselves(tmp_path: Path) -> None:
    good = draw(tmp_path / "good.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not a picture", encoding="utf-8")
    names = [tmp_path / name for name in ("empty.png", "text.png", "gone.png")]
    async with serve(answer) as server:
        done = await command("--generate-persona", "--images", *names, good, *flags(server, tmp_path))
    assert done.code == 3
    for name in ("empty.png", "text.png", "gone.png"):
        assert name in done.err
    assert (tmp_path / "personas" / "good.json").exists()


@pytest.mark.parametrize("content", [b"", b"text", None])
async def test_a_single_bad_picture_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    done = await command("--generate-persona", "--image", tmp_path / "x.png", "--rehearse", "--out", tmp_path)
    assert done.code == 2
    assert "x.png" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "personas").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tweets", "0"], "it must be a number of 1 or more"),
        (["--generate-persona", "--image", "a.png", "--max-concurrent", "0"], "it must be a number of 1 or more"),
        (["--start-date", "2026-02-30"], "a date that exists"),
        (["--generate-persona"], "--images"),
        (["--generate-persona", "--run-all", "--image", "x.png"], "one thing at a time"),
        (["--batch-mode"], "--personas"),
        (["--generate-images"], "--tweets-batch"),
        (["--generate-persona", "--images", "nothing-*.png"], "no file matches"),
        (["--batch-mode", "--personas", "nothing-*.json", "--rehearse"], "no file matches"),
        (["--persona", "a.json", "--calendar", "b.json", "--generate-calendar"], "one of the two"),
        (["--generate-persona", "--image", "a.png", "--language", "not a language"], "language code"),
        (["--generate-persona", "--image", "a.png", "--size", "7x7"], "multiples of 16"),
        ([], "usage"),
    ],
)
async def test_a_command_that_makes_no_sense_is_a_usage_error(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = await command(*arguments, "--out", tmp_path / "out")
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


async def test_without_key_and_address_the_three_ways_on_are_named(tmp_path: Path) -> None:
    done = await command("--generate-persona", "--image", draw(tmp_path / "a.png"), "--out", tmp_path, cwd=tmp_path)
    assert done.code == 4
    for way in ("OPENAI_API_KEY", "Ollama", "vLLM", "--rehearse"):
        assert way in done.err
    assert len(done.err.strip().splitlines()) == 1


async def test_a_refused_key_stops_with_exit_4_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-very-secret\n", encoding="utf-8")
    refusal = Reply(status=401, body=b'{"error": {"message": "Incorrect API key"}}')
    async with serve(lambda request: refusal) as server:
        done = await command(
            "--generate-persona", "--image", draw(tmp_path / "a.png"), *flags(server, tmp_path), cwd=tmp_path
        )
    assert done.code == 4
    assert "OPENAI_API_KEY" in done.err
    assert server.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "sk-very-secret" not in done.err + done.out
    for path in tmp_path.rglob("*"):
        assert path.name == ".env" or not path.is_file() or b"sk-very-secret" not in path.read_bytes()


async def test_one_interrupt_finishes_what_runs_keeps_it_and_exits_130(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    processes: list[asyncio.subprocess.Process] = []
    interrupted = False

    async def handler(request: Request) -> Reply:
        nonlocal interrupted
        if request.purpose == "persona_strategy" and not interrupted:
            interrupted = True
            processes[0].send_signal(signal.SIGINT)
            await asyncio.sleep(0.5)
        return answer(request)

    async with serve(handler) as server:
        first = await command(
            "--generate-persona", "--image", portrait, *flags(server, tmp_path), started=processes.append
        )
        assert first.code == 130, first.err
        assert "run the same command again" in first.err
        assert server.purposes() == list(PURPOSES[:2])
        second = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
    assert second.code == 0, second.err
    assert len(server.requests) == len(STAGES), "the two answers of the first run were kept"


async def test_two_interrupts_end_at_once(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    processes: list[asyncio.subprocess.Process] = []

    async def handler(request: Request) -> Reply:
        processes[0].send_signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        processes[0].send_signal(signal.SIGINT)
        await asyncio.sleep(30)
        return answer(request)

    async with serve(handler) as server:
        done = await asyncio.wait_for(
            command("--generate-persona", "--image", portrait, *flags(server, tmp_path), started=processes.append), 15
        )
    assert done.code == 130
    assert "Traceback" not in done.err


async def test_a_kill_at_any_moment_loses_no_finished_answer(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")
    processes: list[asyncio.subprocess.Process] = []
    killed = False

    def handler(request: Request) -> Reply:
        nonlocal killed
        if request.purpose == "persona_examples" and not killed:
            killed = True
            processes[0].kill()
        return answer(request)

    async with serve(handler) as server:
        first = await command(
            "--generate-persona", "--image", portrait, *flags(server, tmp_path), started=processes.append
        )
        assert first.code != 0
        assert not (tmp_path / "personas" / "marra.json").exists()
        second = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
    assert second.code == 0, second.err
    assert server.purposes().count("persona_core") == 1
    assert server.purposes().count("persona_strategy") == 1


async def test_a_photograph_of_a_person_is_refused_unless_the_person_agreed(tmp_path: Path) -> None:
    portrait = draw(tmp_path / "marra.png")

    def handler(request: Request) -> Reply:
        value = REPLIES[request.purpose].model_dump(mode="json")
        if request.purpose == "persona_core":
            value["reading"]["kind"] = "photograph_of_person"
        return Reply(body=completion(value))

    async with serve(handler) as server:
        refused = await command("--generate-persona", "--image", portrait, *flags(server, tmp_path))
        assert refused.code == 2
        assert "--allow-photo" in refused.err
        assert len(server.requests) == 1
        allowed = await command("--generate-persona", "--image", portrait, "--allow-photo", *flags(server, tmp_path))
    assert allowed.code == 0, allowed.err
    assert len(server.requests) == len(STAGES)


async def test_an_output_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = await command(
        "--generate-persona", "--image", draw(tmp_path / "a.png"), "--rehearse", "--out", tmp_path / "file" / "x"
    )
    assert done.code == 2
    assert "--out" in done.err


async def test_the_file_of_one_persona_can_be_named(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "x.json"
    async with serve(answer) as server:
        done = await command(
            "--generate-persona",
            "--image",
            draw(tmp_path / "a.png"),
            "--persona-output",
            target,
            *flags(server, tmp_path),
        )
    assert done.code == 0, done.err
    assert target.exists()


async def test_a_card_from_elsewhere_and_a_plain_description_are_personas(tmp_path: Path) -> None:
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Ada", "description": "Keeps bees."}}
    (tmp_path / "ada.json").write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / "bo.json").write_text(json.dumps({"name": "Bo", "description": "Mends nets."}), encoding="utf-8")
    personas = [tmp_path / "ada.json", tmp_path / "bo.json"]
    arguments = ["--batch-mode", "--personas", *personas, "--tweets", 4, "--rehearse", "--out", tmp_path, "--json"]
    done = await command(*arguments)
    assert done.code == 0, done.err
    assert done.report["counts"]["posts"]["made"] == 8
    assert sorted(path.name for path in (tmp_path / "calendars").iterdir()) == ["ada.json", "bo.json"]
    again = await command(*arguments)
    assert again.report["usage"]["calls"] == 0
    assert again.report["counts"]["posts"] == {"made": 0, "before": 8, "holes": 0, "total": 8}


async def test_two_personas_of_one_name_do_not_share_files(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.json").write_text(json.dumps({"name": "X", "description": folder}), encoding="utf-8")
    personas = [tmp_path / "a" / "x.json", tmp_path / "b" / "x.json"]
    done = await command("--batch-mode", "--personas", *personas, "--tweets", 2, "--rehearse", "--out", tmp_path)
    assert done.code == 3
    assert "both named 'x'" in done.err


async def test_a_calendar_is_taken_for_its_persona_whatever_its_file_is_called(tmp_path: Path) -> None:
    (tmp_path / "persona.json").write_text(json.dumps({"name": "Bo", "description": "Mends nets."}), encoding="utf-8")
    post = {"id": "2026-12-24-1", "time": "09:30", "content_type": "note", "theme": "The net tore again."}
    calendar = {"time_zone": "Asia/Tokyo", "days": [{"date": "2026-12-24", "posts": [post]}]}
    (tmp_path / "calendar.json").write_text(json.dumps(calendar), encoding="utf-8")
    given = ["--persona", tmp_path / "persona.json", "--calendar", tmp_path / "calendar.json"]
    done = await command(*given, "--tweets", 10, "--rehearse", "--out", tmp_path)
    assert done.code == 0, done.err
    batch = json.loads(Path(done.out.strip()).read_text(encoding="utf-8"))
    assert [post["at"] for post in batch["posts"]] == ["2026-12-24T09:30:00+09:00"]


async def test_a_persona_without_its_calendar_names_both_remedies(tmp_path: Path) -> None:
    for name in ("ada", "bo"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "description": "x"}), encoding="utf-8")
    (tmp_path / "calendars").mkdir()
    post = {"id": "2026-12-24-1", "time": "09:30", "content_type": "note"}
    calendar = {"persona": "ada", "days": [{"date": "2026-12-24", "posts": [post]}]}
    (tmp_path / "calendars" / "first.json").write_text(json.dumps(calendar), encoding="utf-8")
    personas = ["--personas", tmp_path / "ada.json", tmp_path / "bo.json"]
    done = await command(
        "--batch-mode", *personas, "--calendars", f"{tmp_path}/calendars/*.json", "--rehearse", "--out", tmp_path
    )
    assert done.code == 2
    assert "bo.json" in done.err
    assert "--generate-calendar" in done.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.json", '{"persona": "x"', "not JSON"),
        ("card.json", '{"name": "x", "description": "y"}', "no batch of posts"),
        ("later.json", '{"format": 2, "persona": "x", "key": "00000000", "posts": []}', "format 2"),
        ("path.json", '{"format": 1, "persona": "../x", "character": "x", "key": "00000000"}', "cannot stand in"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    done = await command("--generate-images", "--tweets-batch", tmp_path / name, "--rehearse", "--out", tmp_path)
    assert done.code == 2, done.err
    assert name in done.err
    assert said in done.err
    assert "Traceback" not in done.err


async def test_more_gpus_than_there_are_is_an_error_that_counts_them(tmp_path: Path) -> None:
    batch = '{"format": 1, "persona": "x", "character": "x", "key": "00000000"}'
    (tmp_path / "b.json").write_text(batch, encoding="utf-8")
    done = await command(
        "--generate-images", "--tweets-batch", tmp_path / "b.json", "--num-gpus", 99, "--out", tmp_path
    )
    assert done.code == 2
    assert "found here" in done.err
