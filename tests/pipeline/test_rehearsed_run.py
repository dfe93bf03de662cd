"""The guide's workflow in rehearsal, on the example portraits, from picture to picture; and again."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from tests.command import ROOT, command

PORTRAITS = [ROOT / "examples" / "portraits" / f"{name}.png" for name in ("mira", "fenn")]


async def workflow(out: Path) -> list[dict[str, object]]:
    """The three commands of the guide, one after the other, and their reports."""
    ours = ["--rehearse", "--out", out, "--json"]
    reports = []
    for arguments in (
        ["--generate-persona", "--images", *PORTRAITS],
        ["--batch-mode", "--personas", f"{out}/personas/*.json", "--generate-calendar", "--tweets", 3],
        ["--generate-images", "--tweets-batch", f"{out}/output_standalone/*.json", "--num-gpus", 1],
    ):
        done = await command(*arguments, *ours)
        assert done.code == 0, done.err
        reports.append(done.report)
    return reports


async def test_the_three_commands_hand_over_and_a_second_time_ask_and_paint_nothing(tmp_path: Path) -> None:
    first = await workflow(tmp_path)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    assert [report["usage"].get("calls") for report in first] == [14, 8, None]  # type: ignore[attr-defined]
    assert len(files) == first[2]["counts"]["pictures"]["made"] > 0  # type: ignore[index]
    again = await workflow(tmp_path)
    assert [report["usage"].get("calls") for report in again] == [0, 0, None]  # type: ignore[attr-defined]
    assert all(count["made"] == 0 for report in again for count in report["counts"].values())  # type: ignore[attr-defined]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")} == files
    _everything_says_rehearsal(tmp_path)


def _everything_says_rehearsal(out: Path) -> None:
    for path in out.glob("personas/*.json"):
        card = json.loads(path.read_text(encoding="utf-8"))
        assert card["data"]["extensions"]["dramatis"]["ai"]["model"] == "rehearsal"
        assert "rehearsal" in card["data"]["creator_notes"]
    for path in out.glob("output_standalone/*.json"):
        batch = json.loads(path.read_text(encoding="utf-8"))
        assert {post["ai"]["model"] for post in batch["posts"]} == {"rehearsal"}
    for path in out.rglob("*.png"):
        with Image.open(path) as picture:
            assert "Model: rehearsal" in picture.info["parameters"]


async def test_the_whole_chain_in_one_command(tmp_path: Path) -> None:
    arguments = ["--run-all", "--images", PORTRAITS[0], "--tweets", 2, "--rehearse", "--out", tmp_path]
    done = await command(*arguments)
    assert done.code == 0, done.err
    paths = [Path(line) for line in done.out.splitlines()]
    assert all(path.exists() for path in paths)
    assert [path.parent.name for path in paths][:2] == ["personas", "output_standalone"]
    again = await command(*arguments, "--json")
    assert again.report["usage"]["calls"] == 0
    assert again.report["counts"]["pictures"]["made"] == 0
