"""Exports as a user asks for them: whole commands, offline and without a model."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from PIL import Image

from files import Folders
from images.jobs import picture_jobs
from images.models import find_model
from tests.command import command
from tests.studio import save_finished
from tests.tweets.export.test_export import BASE, lines, written
from tweets.batch_file import batch_path
from tweets.schema import MissingTweet, TweetBatch
from values import POST_FORMS


def saved(out: Path, **changes: Any) -> Path:
    return save(out, written(**changes))


def save(out: Path, batch: TweetBatch) -> Path:
    path = batch_path(Folders(out), batch.persona, batch.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(batch.model_dump_json(), encoding="utf-8")
    return path


async def test_all_forms_from_batches_that_exist(tmp_path: Path) -> None:
    saved(tmp_path)
    saved(tmp_path, persona="kaito")
    for job in picture_jobs(written(), find_model("rehearsal"), Folders(tmp_path)):
        save_finished(job)
    done = await command(
        *("--export", ",".join(POST_FORMS), "--tweets-batch", tmp_path / "output_standalone" / "*.json"),
        *("--media-base-url", BASE + "/", "--out", tmp_path),
        cwd=tmp_path,  # where no .env says anything about a model
    )
    assert done.code == 0, done.err
    exports = Folders(tmp_path).exports
    assert done.out.splitlines() == [
        str(exports / name)
        for name in (
            *("posts.jsonl", "generic.csv", "postiz.json", "x_api.jsonl", "ayrshare.csv", "calendar.ics", "hf"),
        )
    ]
    posts = lines(exports / "posts.jsonl")
    assert [post["persona"] for post in posts] == ["kaito"] * 3 + ["mira"] * 3
    assert posts[3]["picture_url"] == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    with (exports / "ayrshare.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 7
    calendar = Calendar.from_ical((exports / "calendar.ics").read_bytes())
    assert isinstance(calendar, Calendar)
    assert len(calendar.events) == 6
    assert "`rehearsal`" in (exports / "hf" / "README.md").read_text(encoding="utf-8")
    assert "no column for the AI mark" in done.err
    assert "2 pictures are not painted yet" in done.err
    assert f"--tweets-batch {tmp_path}/output_standalone/kaito-0123abcd.json --out {tmp_path}" in done.err
    assert not (tmp_path / ".dramatis").exists()


async def test_missing_posts_are_left_out_and_counted(tmp_path: Path) -> None:
    gap = MissingTweet(id="2026-12-03-1", cause="No usable answer.")
    path = save(tmp_path, written().model_copy(update={"missing": (gap,)}))
    done = await command("--export", "jsonl", "--tweets-batch", path, "--out", tmp_path, "--json")
    assert done.code == 3, done.err
    assert done.report["counts"]["posts"] == {"made": 0, "before": 3, "holes": 1, "total": 4}
    assert done.report["counts"]["exports"]["made"] == 1
    assert "mira: 2026-12-03-1: No usable answer." in done.err
    assert len(lines(Folders(tmp_path).exports / "posts.jsonl")) == 3


async def test_a_bad_batch_costs_only_its_own_posts(tmp_path: Path) -> None:
    good = saved(tmp_path)
    later = tmp_path / "later.json"
    later.write_text(json.dumps(json.loads(good.read_text(encoding="utf-8")) | {"format": 7}), encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    again = tmp_path / "again.json"
    again.write_bytes(good.read_bytes())
    files = ("--tweets-batch", later, broken, good, again, tmp_path / "gone.json")
    done = await command("--export", "jsonl", *files, "--out", tmp_path, "--json")
    assert done.code == 3, done.err
    for said in ("format 7", "is not JSON", "are the same batch", "There is no file"):
        assert said in done.err
    assert done.report["counts"]["posts"]["holes"] == 4
    assert len(lines(Folders(tmp_path).exports / "posts.jsonl")) == 3


@pytest.mark.parametrize("number", [0, 2])
async def test_a_batch_of_another_format_is_refused_in_one_sentence(tmp_path: Path, number: int) -> None:
    path = saved(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": number}), encoding="utf-8")
    done = await command("--export", "jsonl", "--tweets-batch", path, "--out", tmp_path)
    assert done.code == 2, done.err
    assert f"{path} has format {number}; this version reads a batch of posts of format 1." in done.err
    assert not [path for path in Folders(tmp_path).exports.rglob("*") if path.is_file()]


async def test_when_no_batch_can_be_read_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    done = await command("--export", "jsonl,hf", "--tweets-batch", tmp_path / "broken.json", "--out", tmp_path)
    assert done.code == 2
    assert not [path for path in Folders(tmp_path).exports.rglob("*") if path.is_file()]


async def test_two_batches_of_one_persona_are_told(tmp_path: Path) -> None:
    files = [saved(tmp_path), saved(tmp_path, key="89abcdef")]
    done = await command("--export", "jsonl", "--tweets-batch", *files, "--out", tmp_path)
    assert done.code == 0, done.err
    assert "are both of mira" in done.err


async def test_a_whole_run_ends_in_its_exports(tmp_path: Path) -> None:
    Image.new("RGB", (64, 96), "red").save(tmp_path / "marra.png")
    flags = ("--tweets", 2, "--rehearse", "--out", tmp_path, "--json")
    done = await command("--run-all", "--images", tmp_path / "marra.png", "--export", "card,jsonl,hf", *flags)
    assert done.code == 0, done.err
    posts = lines(Folders(tmp_path).exports / "posts.jsonl")
    assert len(posts) == 2
    assert all(post["picture_exists"] for post in posts if post["picture"])
    assert (Folders(tmp_path).cards / "marra.png").is_file()
    assert done.report["counts"]["exports"]["made"] == 2
    assert done.report["counts"]["posts"] == {"made": 2, "before": 0, "holes": 0, "total": 2}
    personas = tmp_path / "personas" / "marra.json"
    again = await command("--batch-mode", "--personas", personas, "--export", "ics", *flags)
    assert again.code == 0, again.err
    assert (Folders(tmp_path).exports / "calendar.ics").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--export", "jsonl,pdf", "--tweets-batch", "x.json"], "'pdf' is none of"),
        (["--export", "jsonl"], "--tweets-batch"),
        (["--export", "card"], "--personas"),
        (["--export", "ayrshare", "--tweets-batch", "x.json"], "--media-base-url"),
        (["--export", "jsonl,card", "--tweets-batch", "x.json"], "two commands"),
        (["--export", "jsonl", "--generate-persona", "--image", "x.png"], "writes none"),
        (["--export", "card", "--generate-images", "--tweets-batch", "x.json"], "reads none"),
        (["--export", "jsonl", "--personas", "x.json", "--tweets-batch", "x.json"], "one of the two"),
        (["--export", "jsonl", "--tweets-batch", "x.json", "--media-base-url", "ftp://x"], "http"),
    ],
)
async def test_an_export_that_makes_no_sense_is_a_usage_error(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = await command(*arguments, "--out", tmp_path / "out")
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
