"""Every prompt is sent as the files in tests/golden show it."""

from __future__ import annotations

from tests.golden import FOLDER, ask_everything


async def test_prompts_are_sent_as_the_golden_files_show_them() -> None:
    sent = await ask_everything()
    assert sorted(sent) == sorted(path.stem for path in FOLDER.glob("*.txt"))
    for purpose, text in sent.items():
        golden = (FOLDER / f"{purpose}.txt").read_text(encoding="utf-8")
        assert text == golden, f"{purpose}: run `python -m tests.golden` and look at the difference"
