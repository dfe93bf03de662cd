"""The gallery opened from disk in a real browser: what a reader sees, and what hostile words do not do."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from main import main
from tests import answers
from tests.browser import PHONE, WIDE, chromium, is_too_wide, watched
from tests.exhibition import posts_of, put_batch, put_character, put_persona
from tweets.schema import MissingTweet

pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>document.body.remove(); alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>"
    "</style><style>*{display:none}</style>"
)


def opened(root: Path) -> str:
    """The address of the gallery of everything under `root`."""
    assert main(["--gallery", "--quiet", "--out", str(root)]) == 0
    return (root / "output_gallery" / "index.html").as_uri()


@pytest.mark.parametrize("number", [3, 500])
def test_a_cast_opens_from_disk_and_asks_nothing_of_the_network(tmp_path: Path, number: int) -> None:
    put_character(tmp_path, "c-000", posts=30)
    for index in range(1, number):
        put_character(tmp_path, f"c-{index:03}", posts=30, pictures=False, language="ja" if index % 3 else "en")
    address = opened(tmp_path)
    with chromium() as context:
        page, wrong = watched(context)
        page.goto(address)
        expect(page.locator(".item")).to_have_count(number)
        page.get_by_label("Problem").select_option("picture")
        expect(page.locator(".item:visible")).to_have_count(number - 1)
        expect(page.locator("output.shown")).to_have_text(f"{number - 1} of {number} shown")
        page.get_by_label("Problem").select_option("")
        page.locator(".item a").first.click()
        expect(page.locator(".post")).to_have_count(30)
        for picture in page.locator(".picture").all()[:3]:
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("image => image.naturalWidth") == 64
        assert wrong == []


def test_the_feed_runs_from_the_newest_post_at_local_times_with_the_label(tmp_path: Path) -> None:
    put_character(tmp_path)
    address = opened(tmp_path)
    with chromium(timezone_id="America/New_York") as context:
        page, _ = watched(context)
        page.goto(address)
        page.get_by_text("Marra Tveit").click()
        times = page.locator(".post .when time")
        expect(times).to_have_text(["Thu 3 Dec 2026, 23:30", "Wed 2 Dec 2026, 23:30", "Tue 1 Dec 2026, 23:30"])
        assert times.first.get_attribute("title") == "Europe/Oslo"
        expect(page.locator(".post .label")).to_have_text(["AI-generated · fiction · test-model"] * 3)
        assert page.locator(".picture").last.get_attribute("alt") == "A bell with a 1 on it."
        page.get_by_label("Order").select_option("oldest")
        expect(times.first).to_have_text("Tue 1 Dec 2026, 23:30")
        page.get_by_label("Type").select_option("overheard")
        expect(page.locator(".post:visible")).to_have_count(1)
        page.locator(".month a.slot").first.click()
        assert page.url.endswith("#2026-12-01-1")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_injected_script_and_style_do_nothing(tmp_path: Path, viewport: dict[str, int]) -> None:
    facts = answers.CORE.facts.model_copy(update={"name": HOSTILE, "work": HOSTILE})
    put_persona(tmp_path, core=answers.CORE.model_copy(update={"facts": facts, "description": HOSTILE}))
    [hostile] = posts_of(1, text=HOSTILE, alt_text=HOSTILE, content_type=HOSTILE, theme=HOSTILE, notes=(HOSTILE,))
    put_batch(tmp_path, posts=(hostile,), missing=(MissingTweet(id="2026-12-03-1", cause=HOSTILE),))
    address = opened(tmp_path)
    with chromium(viewport=viewport) as context:
        page, wrong = watched(context)
        page.goto(address)
        assert not is_too_wide(page)
        page.locator(".item a").click()
        expect(page.locator(".post .text")).to_have_text(HOSTILE)
        page.locator(".made summary").last.click()
        assert page.locator("a[href^=javascript]").count() == 0
        assert not is_too_wide(page)
        assert wrong == []


@pytest.mark.parametrize(
    "text", ["x" * 50_000, "שלום \u202eעולם مرحبا " * 20, "👩‍👩‍👧‍👦🏳️‍🌈" * 60], ids=["long", "rtl", "emoji"]
)
def test_long_and_foreign_texts_stay_in_their_place(tmp_path: Path, text: str) -> None:
    put_persona(tmp_path)
    put_batch(tmp_path, posts=tuple(posts_of(2, text=text, alt_text=text, theme=text, content_type=text)))
    address = opened(tmp_path)
    with chromium(viewport=PHONE) as context:
        page, wrong = watched(context)
        page.goto(address)
        page.locator(".item a").click()
        assert not is_too_wide(page)
        for post in page.locator(".post").all():
            box = post.bounding_box()
            assert box is not None
            assert box["height"] < 1200
        assert wrong == []


def test_everything_can_be_read_without_scripts(tmp_path: Path) -> None:
    put_character(tmp_path)
    address = opened(tmp_path)
    with chromium(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".filters")).to_be_hidden()
        page.get_by_text("Marra Tveit").click()
        expect(page.locator(".post .text")).to_have_count(3)
        page.locator(".made summary").first.click()
        expect(page.locator(".made dl").first).to_contain_text("A woman with copper hair. She rings a bell.")


def test_the_keyboard_leads_everywhere(tmp_path: Path) -> None:
    put_character(tmp_path)
    put_persona(tmp_path, "zoe")
    address = opened(tmp_path)
    with chromium() as context:
        page, _ = watched(context)
        page.goto(address)
        page.keyboard.press("/")
        page.keyboard.type("tveit")
        expect(page.locator(".item:visible")).to_have_count(2)
        page.keyboard.press("Tab")
        page.locator("body").click(position={"x": 5, "y": 200})
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator(".post")).to_have_count(3)
        for _ in range(2):
            page.keyboard.press("j")
        assert page.evaluate("document.activeElement.id") == "2026-12-02-1"
        page.keyboard.press("k")
        page.keyboard.press("o")
        expect(page.locator(".post").first.locator("details.made")).to_have_attribute("open", "")


def test_the_pages_follow_light_and_dark(tmp_path: Path) -> None:
    put_character(tmp_path)
    address = opened(tmp_path)
    papers = {}
    for scheme in ("light", "dark"):
        with chromium(color_scheme=scheme) as context:
            page = context.new_page()
            page.goto(address)
            papers[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light, dark = (sum(map(int, papers[scheme][4:-1].split(","))) for scheme in ("light", "dark"))
    assert light > 700 > 150 > dark
