"""The gallery as a folder: which pages there are, what they load, what is made again, and what bad input does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image

from files import Folders, write_json
from main import main
from tests import answers
from tests.exhibition import jobs_of, posts_of, put_batch, put_character, put_persona
from tests.studio import labeller
from tweets.schema import MissingTweet

HOSTILE = '<script>window.hacked = 1</script><img src=x onerror="window.hacked=1">\' {{ 7*7 }} </style></script>'


class Page(HTMLParser):
    """The elements of a page, its visible words, and the addresses that it loads or links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.elements, self.words = path, list[tuple[str, dict[str, str]]](), ""
        self._silent = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._silent = tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data

    def values(self, tag: str, name: str) -> list[str]:
        return [values[name] for one, values in self.elements if one == tag and name in values]

    def targets(self) -> list[Path]:
        """The files that the page shows or leads to."""
        links = [*self.values("img", "src"), *(link for link in self.values("a", "href") if link[0] != "#")]
        return [(self.path.parent / unquote(link)).resolve() for link in links]


def gallery(root: Path, code: int = 0) -> Path:
    """The gallery of everything under `root`, made by the command line."""
    assert main(["--gallery", "--quiet", "--out", str(root)]) == code
    return Folders(root).gallery


def pages(folder: Path) -> dict[str, Page]:
    return {str(path.relative_to(folder)): Page(path) for path in sorted(folder.rglob("*.html"))}


def test_each_character_has_a_page_and_every_address_leads_to_a_file(tmp_path: Path) -> None:
    put_character(tmp_path)
    put_character(tmp_path, "美羅")
    put_persona(tmp_path, "newcomer")
    folder = gallery(tmp_path)
    found = pages(folder)
    names = ("marra", "newcomer", "美羅")
    assert list(found) == [*(f"characters/{name}/index.html" for name in names), "index.html"]
    for page in found.values():
        for target in page.targets():
            assert target.is_file(), target
    assert len(found["index.html"].values("img", "src")) == 3
    assert "No posts yet" in found["characters/newcomer/index.html"].words


def test_pages_load_nothing_from_elsewhere_and_run_only_our_script(tmp_path: Path) -> None:
    put_character(tmp_path)
    for page in pages(gallery(tmp_path)).values():
        [policy] = [values["content"] for tag, values in page.elements
                    if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert page.values("script", "src") == []
        assert {values.get("rel") for tag, values in page.elements if tag == "link"} == {"icon"}
        assert all(not urlsplit(source).scheme for source in page.values("img", "src"))
        assert not any(
            "style" in values or any(name.startswith("on") for name in values) for _, values in page.elements
        )


def test_words_of_models_stay_words(tmp_path: Path) -> None:
    core = answers.CORE.model_copy(update={"description": HOSTILE, "wants": HOSTILE})
    facts = core.facts.model_copy(update={"name": HOSTILE, "work": HOSTILE})
    put_persona(tmp_path, core=core.model_copy(update={"facts": facts}))
    [post] = posts_of(1, text=HOSTILE, alt_text=HOSTILE, theme=HOSTILE, content_type=HOSTILE, notes=(HOSTILE,))
    hole = MissingTweet(id="2026-12-02-1", cause=HOSTILE)
    batch = put_batch(tmp_path, posts=0, character=HOSTILE).model_copy(update={"posts": (post,), "missing": (hole,)})
    write_json(Folders(tmp_path).batches / "marra-0123abcd.json", batch.model_dump(mode="json"))
    for name, page in pages(gallery(tmp_path)).items():
        assert len(page.values("script", "src")) + sum(tag == "script" for tag, _ in page.elements) == 1
        assert not page.values("img", "onerror")
        assert "{{ 7*7 }}" in page.words, name
        assert HOSTILE in page.words.replace("\n", " "), name


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, "שלום \u202eעולם\u202c مرحبا", "👩‍👩‍👧‍👦🏳️‍🌈" * 20],
)
def test_any_text_makes_a_page(tmp_path: Path, text: str) -> None:
    put_persona(tmp_path)
    put_batch(tmp_path, posts=0)
    batch = put_batch(tmp_path, posts=1)
    posts = tuple(post.model_copy(update={"text": text, "alt_text": text}) for post in batch.posts)
    write_json(
        Folders(tmp_path).batches / "marra-0123abcd.json",
        batch.model_copy(update={"posts": posts}).model_dump(mode="json"),
    )
    page = pages(gallery(tmp_path))["characters/marra/index.html"]
    assert text in page.words


def test_posts_whose_persona_was_deleted_are_still_shown(tmp_path: Path) -> None:
    put_character(tmp_path)
    (Folders(tmp_path).personas / "marra.json").unlink()
    found = pages(gallery(tmp_path))
    assert "The file of this persona is gone" in found["characters/marra/index.html"].words
    assert "Marra Tveit" in found["index.html"].words
    assert "persona missing" in found["index.html"].words


def test_pictures_that_are_missing_or_broken_are_said(tmp_path: Path) -> None:
    put_character(tmp_path)
    batch = put_batch(tmp_path)
    first, second, _ = (Path(job.path) for job in jobs_of(tmp_path, batch))
    first.unlink()
    second.write_bytes(b"no picture")
    hole = {
        "kind": "pictures",
        "item": "marra/0123abcd/2026-12-01-1",
        "cause": "The painter ran out of memory.",
        "remedy": "Use --size.",
    }
    write_json(Folders(tmp_path).reports / "20261201T000000000000Z.json", {"holes": [hole]})
    page = pages(gallery(tmp_path))["characters/marra/index.html"]
    words = " ".join(page.words.split())
    assert "Its picture is not there. The painter ran out of memory. Use --size." in words
    assert "The picture cannot be read: 2026-12-02-1.png" in words


def test_a_file_that_cannot_be_used_costs_its_own_page_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_character(tmp_path)
    (Folders(tmp_path).personas / "broken.json").write_text("{", encoding="utf-8")
    assert list(pages(gallery(tmp_path, code=3))) == ["characters/marra/index.html", "index.html"]
    assert "broken.json is not JSON" in capsys.readouterr().err


def test_thumbnails_and_pages_are_made_once_and_what_is_gone_goes(tmp_path: Path) -> None:
    put_character(tmp_path)
    put_character(tmp_path, "kaito")
    folder = gallery(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}
    assert len([path for path in before if path.suffix == ".webp"]) == 8
    gallery(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")} == before

    [repainted, *_] = (Path(job.path) for job in jobs_of(tmp_path, put_batch(tmp_path)))
    Image.effect_noise((80, 80), 40).convert("RGB").save(repainted)
    for path in (Folders(tmp_path).personas / "kaito.json", Folders(tmp_path).batches / "kaito-0123abcd.json"):
        path.unlink()
    gallery(tmp_path)
    after = set(folder.rglob("*.*"))
    assert not [path for path in after if "kaito" in str(path)]
    assert len([path for path in after if path.suffix == ".webp"]) == 4
    assert len(after - set(before)) == 1


def test_a_thumbnail_carries_the_label_of_its_picture(tmp_path: Path) -> None:
    put_character(tmp_path, posts=1)
    [path] = gallery(tmp_path).rglob("2026-12-01-1-*.webp")
    with Image.open(path) as image:
        assert b"trainedAlgorithmicMedia" in image.info["xmp"]


def test_the_label_is_to_be_seen_and_to_be_read_by_machines(tmp_path: Path) -> None:
    put_character(tmp_path)
    found = pages(gallery(tmp_path))
    for page in found.values():
        assert "Everything here is fiction and AI-generated" in page.words
        assert any(values.get("name") == "digital-source-type" for tag, values in page.elements if tag == "meta")
    assert len(re.findall(r"AI-generated · fiction · test-model", found["characters/marra/index.html"].words)) == 4


def test_an_earlier_batch_has_a_page_of_its_own(tmp_path: Path) -> None:
    put_character(tmp_path)
    put_batch(tmp_path, key="89abcdef", posts=1)
    found = pages(gallery(tmp_path))
    assert "characters/marra/0123abcd.html" in found
    assert "89abcdef" in found["characters/marra/index.html"].words
    assert all(target.is_file() for page in found.values() for target in page.targets())


def test_nobody_at_all_is_said(tmp_path: Path) -> None:
    assert "Nobody is here yet" in pages(gallery(tmp_path))["index.html"].words


def test_a_thread_is_shown_part_after_part(tmp_path: Path) -> None:
    put_persona(tmp_path)
    put_batch(tmp_path, posts=tuple(posts_of(1, thread=("And then it rang.", "Nobody came."))))
    words = pages(gallery(tmp_path))["characters/marra/index.html"].words
    assert re.search(r"It hums\.\s+And then it rang\.\s+Nobody came\.", words)


def test_a_picture_tells_how_it_was_made_and_chosen(tmp_path: Path) -> None:
    put_character(tmp_path, posts=1)
    [job] = jobs_of(tmp_path, put_batch(tmp_path, posts=1))
    verdict = {"seen": "A woman and a bell.", "defects": ["six fingers", "two bells"], "clean": 4}
    note = {"score": 6.5, "attempt": 1, "of": 4, "verdict": verdict}
    path = Path(job.path)
    path.write_bytes(labeller().relabelled(path.read_bytes(), job, 7, note))
    words = " ".join(pages(gallery(tmp_path))["characters/marra/index.html"].words.split())
    for said in ("PromptA woman with copper hair. She rings a bell.", "Seed0", "Painted byrehearsal", "Score6.5",
                 "Chosenattempt 2 of 4", "SeenA woman and a bell.", "Defectssix fingers; two bells"):  # fmt: skip
        assert said in words, said


def test_of_two_personas_with_one_name_both_are_shown(tmp_path: Path) -> None:
    put_character(tmp_path)
    copy = Folders(tmp_path).personas / "a copy.json"
    copy.write_bytes((Folders(tmp_path).personas / "marra.json").read_bytes())
    assert {name.split("/")[1] for name in pages(gallery(tmp_path)) if "/" in name} == {"marra", "a-copy"}
