"""A review as a person does it in the browser: decisions and edits, over reloads and a kill."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import chromium, watched
from tests.command import ROOT
from tests.exhibition import put_character
from tests.pipeline.test_review import batch_in

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def reviewing(root: Path) -> Iterator[str]:
    """The address of a review, killed at the end."""
    arguments = [sys.executable, str(ROOT / "main.py"), "--review", "--port", "0", "--out", str(root)]
    with subprocess.Popen(arguments, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def acts(page: Page, part: str, post: int = 0) -> Locator:
    return page.locator(".post").nth(post).locator(".acts", has=page.locator(f"[name=part][value={part}]"))


def pressed(page: Page, part: str, post: int = 0) -> Locator:
    return acts(page, part, post).locator("[aria-pressed=true]")


def test_redo_drop_and_edit_survive_a_reload_and_a_kill(tmp_path: Path) -> None:
    put_character(tmp_path)
    with reviewing(tmp_path) as address, chromium() as context:
        page, _ = watched(context)
        page.goto(address)
        page.get_by_text("Marra Tveit").click()
        wish = acts(page, "text").locator(".wish")
        wish.fill("shorter")
        wish.press("Enter")
        expect(pressed(page, "text")).to_have_text("redo")
        acts(page, "picture").get_by_role("button", name="keep").click()
        expect(pressed(page, "picture")).to_have_text("keep")
        page.locator(".post").nth(1).focus()
        page.keyboard.press("3")
        expect(pressed(page, "text", 1)).to_have_text("drop")

        last = page.locator(".post").nth(2)
        last.get_by_text("Edit the text").click()
        last.locator("textarea").fill("銅" * 141)
        expect(last.locator(".count")).to_have_text("282 of 280")
        last.get_by_role("button", name="Save").click()
        expect(last.locator(".refusal")).to_contain_text("counts 282 where 280 are allowed")
        assert last.locator("textarea").input_value() == "銅" * 141
        last.locator("textarea").fill("<b>Mine</b> now.")
        expect(last.locator(".count")).to_have_text("16 of 280")
        last.get_by_role("button", name="Save").click()
        expect(last.locator(".text")).to_have_text("<b>Mine</b> now.")
        page.reload()
        _check(page)

    newest, dropped, edited = reversed(batch_in(tmp_path).posts)
    assert (newest.decision and newest.decision.wish, dropped.stands, edited.text) == (
        "shorter",
        False,
        "<b>Mine</b> now.",
    )
    with reviewing(tmp_path) as address, chromium() as context:
        page, _ = watched(context)
        page.goto(address.replace("index.html", "characters/marra/index.html"))
        _check(page)


def _check(page: Page) -> None:
    expect(pressed(page, "text")).to_have_text("redo")
    expect(acts(page, "text").locator(".wish")).to_have_value("shorter")
    expect(pressed(page, "picture")).to_have_text("keep")
    expect(pressed(page, "text", 1)).to_have_text("drop")
    expect(page.locator(".post").nth(2).locator(".text")).to_have_text("<b>Mine</b> now.")


def test_a_review_works_without_scripts(tmp_path: Path) -> None:
    put_character(tmp_path)
    with reviewing(tmp_path) as address, chromium(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address.replace("index.html", "characters/marra/index.html"))
        acts(page, "text", 1).get_by_role("button", name="drop").click()
        expect(pressed(page, "text", 1)).to_have_text("drop")
        assert page.url.endswith("#2026-12-02-1")
        page.get_by_role("button", name="Finish the review").click()
        expect(page.locator("body")).to_contain_text("The review is closed")


def test_a_review_that_has_ended_is_said_and_nothing_is_lost_unsaid(tmp_path: Path) -> None:
    put_character(tmp_path)
    with chromium() as context:
        page, _ = watched(context)
        with reviewing(tmp_path) as address:
            page.goto(address.replace("index.html", "characters/marra/index.html"))
        acts(page, "text").get_by_role("button", name="keep").click()
        expect(page.locator(".refusal").first).to_contain_text("The review has ended")
