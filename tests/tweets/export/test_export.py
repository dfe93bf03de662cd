"""Posts as lists for other programs, read back by readers that are not ours."""

from __future__ import annotations

import csv
import json
import resource
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from errors import BadInput, DiskFull
from files import Folders
from labels.ai_label import AILabel
from tests.studio import batch
from tweets.export.export import PLACES, advice, check_forms, write_exports
from tweets.export.post import ExportedPost, exported_posts
from tweets.schema import TweetBatch
from values import POST_FORMS

BASE = "https://pictures.example.org/cast"
AWKWARD = 'Tea, "quoted"\nand a second line; 茶 ☕\u2028=1+1'
LABEL = AILabel(model="gpt-5-mini", provider="api.openai.com", tool="Dramatis/0.1.0", created="2026-11-30T10:00:00Z")

# From the documentation of POST /2/tweets; a body holds no time, and nothing else than these.
X_BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "made_with_ai"],
    "properties": {
        "text": {"type": "string", "minLength": 1},
        "made_with_ai": {"const": True},
        "media": {
            "type": "object",
            "required": ["media_ids"],
            "properties": {"media_ids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 4}},
        },
        "reply": {"type": "object", "required": ["in_reply_to_tweet_id"]},
        "reply_settings": {"enum": ["following", "mentionedUsers", "subscribers", "verified"]},
    },
}
# From the documentation of POST /public/v1/posts of Postiz, with the settings of X.
POSTIZ_BODY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "date", "shortLink", "tags", "posts"],
    "properties": {
        "type": {"enum": ["draft", "schedule", "now"]},
        "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "shortLink": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "object", "required": ["value", "label"]}},
        "posts": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["integration", "value", "settings"],
                "properties": {
                    "integration": {
                        "type": "object",
                        "required": ["id"],
                        "properties": {"id": {"type": "string", "minLength": 1}},
                    },
                    "group": {"type": "string"},
                    "value": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["content", "image"],
                            "properties": {
                                "content": {"type": "string", "minLength": 1},
                                "image": {
                                    "type": "array",
                                    "maxItems": 4,
                                    "items": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "required": ["id", "path"],
                                        "properties": {
                                            "id": {"type": "string"},
                                            "path": {"type": "string", "pattern": r"\.(png|jpe?g|gif|webp|mp4)$"},
                                            "alt": {"type": "string"},
                                        },
                                    },
                                },
                            },
                        },
                    },
                    "settings": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["__type", "who_can_reply_post", "made_with_ai"],
                        "properties": {
                            "__type": {"const": "x"},
                            "who_can_reply_post": {
                                "enum": ["everyone", "following", "mentionedUsers", "subscribers", "verified"]
                            },
                            "community": {"type": "string"},
                            "made_with_ai": {"const": True},
                            "paid_partnership": {"type": "boolean"},
                        },
                    },
                },
            },
        },
    },
}


def written(**changes: Any) -> TweetBatch:
    """Two posts with a picture and one without; the first is awkward to quote."""
    whole = batch(ai=LABEL, time_zone="Europe/Berlin", **changes)
    first = whole.posts[0].model_copy(update={"text": AWKWARD, "ai": LABEL})
    return whole.model_copy(update={"posts": (first, *whole.posts[1:])})


def export(folders: Folders, *forms: str, batches: Sequence[TweetBatch] = (), url: str = BASE) -> list[Path]:
    posts = [post for one in batches or [written()] for post in exported_posts(one, folders, url)]
    return write_exports(posts, forms, folders.exports, personas=lambda name: None, painter=lambda path: "test")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_every_form_of_the_command_line_has_a_place() -> None:
    assert tuple(PLACES) == POST_FORMS


@pytest.mark.parametrize(("form", "ending"), [("jpeg", ".jpg"), ("webp", ".webp")])
def test_a_picture_is_found_in_whatever_form_it_was_painted(folders: Folders, form: str, ending: str) -> None:
    picture = folders.picture("mira", "0123abcd", "2026-12-01-1", form)
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    (path,) = export(folders, "jsonl")
    first, second, _ = lines(path)
    assert (first["picture_url"], first["picture_exists"]) == (f"{BASE}/mira/0123abcd/2026-12-01-1{ending}", True)
    assert (second["picture_url"], second["picture_exists"]) == (f"{BASE}/mira/0123abcd/2026-12-01-2.png", False)
    [post, *_] = exported_posts(written(), folders)
    assert post.media_type == f"image/{form}"


def test_the_canonical_form_says_everything_and_whose_work_it_is(folders: Folders) -> None:
    whole = written()
    picture = folders.picture("mira", "0123abcd", "2026-12-01-1")
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"a picture")
    folders.picture("mira", "0123abcd", "2026-12-01-2").touch()
    (path,) = export(folders, "jsonl")
    first, second, plain = lines(path)
    kept = {name for name in first if name not in {"picture", "ai", "format", "id", "post"}}
    assert {
        name for name in type(whole.posts[0]).model_fields if name not in {"id", "at", "painting", "ai", "decision"}
    } <= kept
    assert first["text"] == AWKWARD
    assert (first["persona"], first["character"], first["timezone"]) == ("mira", "Mira", "Europe/Berlin")
    assert first["scheduled_at"] == "2026-12-01T08:00:00+01:00"
    assert first["scheduled_at_utc"] == "2026-12-01T07:00:00Z"
    assert (path.parent / first["picture"]).resolve() == picture.resolve()
    assert first["picture_url"] == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    assert [post["picture_exists"] for post in (first, second, plain)] == [True, False, False]
    assert plain["picture"] is None
    for post in (first, second, plain):
        assert post["made_with_ai"] is True
        assert post["ai"]["generated"] is True
        assert post["ai"]["model"] == "gpt-5-mini"
        assert post["ai"]["aigc"]["Label"] == "1"
        assert post["ai"]["aigc"]["ProduceID"] == post["id"]
        assert len(post["ai"]["aigc"]) == 7
    assert len({post["id"] for post in (first, second, plain)}) == 3


def test_a_batch_without_a_label_is_marked_all_the_same(folders: Folders) -> None:
    export(folders, "jsonl", "csv", batches=[batch()])
    for post in lines(folders.exports / "posts.jsonl"):
        assert post["made_with_ai"] is True
        assert post["ai"]["label"] == "AI-generated"
    assert {row["made_with_ai"] for row in rows(folders.exports / "generic.csv")} == {"true"}


def test_a_csv_reader_gets_the_posts_back(folders: Folders) -> None:
    (path,) = export(folders, "csv")
    first, _, plain = rows(path)
    heading = "id,scheduled_at,platform,text,media_paths,media_urls,alt_text,made_with_ai,thread"
    assert path.read_bytes().startswith(heading.encode() + b"\r\n")
    assert first["text"] == AWKWARD
    assert first["scheduled_at"] == "2026-12-01T08:00:00+01:00"
    assert first["media_urls"] == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    assert first["alt_text"] == "A kettle on a stove."
    assert (plain["media_paths"], plain["media_urls"]) == ("", "")


def test_ayrshare_gets_its_four_columns_in_utc(folders: Folders) -> None:
    (path,) = export(folders, "ayrshare")
    first, _, plain = rows(path)
    assert list(first) == ["post", "platforms", "mediaUrls", "scheduleDate"]
    assert first["scheduleDate"] == "2026-12-01T07:00:00Z"
    assert first["mediaUrls"].startswith("https://")
    assert plain["mediaUrls"] == ""


def test_the_bodies_for_x_are_as_its_documentation_says(folders: Folders) -> None:
    (path,) = export(folders, "x-api")
    first, _, plain = lines(path)
    for post in (first, plain):
        Draft202012Validator(X_BODY).validate(post["body"])
    assert first["body"]["text"] == AWKWARD
    assert first["scheduled_at_utc"] == "2026-12-01T07:00:00Z"
    assert first["picture"] == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    assert "picture" not in plain


def test_the_bodies_for_postiz_are_as_its_documentation_says(folders: Folders) -> None:
    (path,) = export(folders, "postiz")
    bodies = json.loads(path.read_text(encoding="utf-8"))
    assert len(bodies) == 3
    for body in bodies:
        Draft202012Validator(POSTIZ_BODY).validate(body)
    value = bodies[0]["posts"][0]["value"][0]
    assert value["content"] == AWKWARD
    assert value["image"][0]["path"] == f"{BASE}/mira/0123abcd/2026-12-01-1.png"
    assert value["image"][0]["alt"] == "A kettle on a stove."
    assert bodies[2]["posts"][0]["value"][0]["image"] == []


def test_the_schemas_of_the_bodies_can_say_no() -> None:
    assert list(Draft202012Validator(X_BODY).iter_errors({"text": "x", "made_with_ai": False}))
    assert list(Draft202012Validator(POSTIZ_BODY).iter_errors({"type": "schedule"}))


def test_a_name_in_any_script_becomes_an_address(folders: Folders) -> None:
    (path,) = export(folders, "csv", batches=[written(persona="绫波-丽")])
    assert rows(path)[0]["media_urls"] == f"{BASE}/%E7%BB%AB%E6%B3%A2-%E4%B8%BD/0123abcd/2026-12-01-1.png"


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2026-10-25T00:30:00+00:00", "2026-10-25T02:30:00+02:00"),  # the first 02:30 of that night
        ("2026-10-25T01:30:00+00:00", "2026-10-25T02:30:00+01:00"),  # the second
        ("2026-07-01T12:00:00Z", "2026-07-01T14:00:00+02:00"),
    ],
)
def test_the_time_is_told_in_the_zone_of_the_character(folders: Folders, moment: str, local: str) -> None:
    whole = batch(1, time_zone="Europe/Berlin")
    post = whole.posts[0].model_copy(update={"at": moment})
    (exported,) = exported_posts(whole.model_copy(update={"posts": (post,)}), folders)
    assert exported.record()["scheduled_at"] == local
    assert exported.at.astimezone(UTC) == datetime.fromisoformat(moment)
    assert exported.at.tzinfo == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("moment", ["tomorrow", "2026-12-01T08:00:00", "2026-02-30T08:00:00+01:00"])
def test_a_moment_that_is_none_is_named(folders: Folders, moment: str) -> None:
    whole = batch(1)
    post = whole.posts[0].model_copy(update={"at": moment})
    with pytest.raises(BadInput, match=r"2026-12-01-1 of mira.*offset"):
        exported_posts(whole.model_copy(update={"posts": (post,)}), folders)


def test_the_same_batches_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("first", "second"):
        export(Folders(tmp_path / name), *POST_FORMS)
        root = Folders(tmp_path / name).exports
        files.append({path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()})
    assert files[0] == files[1]
    assert len(files[0]) == len(POST_FORMS) + 2  # a data set is three files


def test_without_a_post_nothing_is_written(folders: Folders) -> None:
    with pytest.raises(BadInput, match="no post to export"):
        export(folders, *POST_FORMS, batches=[batch().model_copy(update={"posts": ()})])
    assert not [path for path in folders.exports.rglob("*") if path.is_file()]


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(folders: Folders) -> None:
    export(folders, *POST_FORMS)
    before = {path: path.read_bytes() for path in folders.exports.rglob("*") if path.is_file()}
    many = [written(key=f"{number:08x}") for number in range(2000)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DiskFull, match="could not be written"):
            export(folders, *POST_FORMS, batches=many)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path: path.read_bytes() for path in folders.exports.rglob("*") if path.is_file()} == before


def test_a_folder_that_is_in_the_way_is_named(folders: Folders) -> None:
    folders.batches.mkdir()
    folders.exports.touch()
    with pytest.raises(DiskFull, match="exports"):
        export(folders, "jsonl")


def test_many_posts_take_no_more_memory_than_few(folders: Folders) -> None:
    one = written()

    def posts(number: int) -> Iterator[ExportedPost]:
        for key in range(number):
            yield from exported_posts(one.model_copy(update={"key": f"{key:08x}"}), folders, BASE)

    def peak(number: int) -> int:
        forms = [form for form in POST_FORMS if form != "hf"]
        tracemalloc.start()
        write_exports(posts(number), forms, folders.exports, personas=lambda name: None, painter=str)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # what is loaded once
    few = peak(10)
    assert peak(150) < few + 50_000
    assert len(lines(folders.exports / "posts.jsonl")) == 450


def test_ayrshare_asks_for_an_address_before_anything_is_done() -> None:
    with pytest.raises(BadInput, match="--media-base-url"):
        check_forms(["ayrshare"], "")
    check_forms(["ayrshare"], BASE)
    check_forms(["postiz", "jsonl"], "")


def test_what_a_form_cannot_carry_is_said() -> None:
    said = "\n".join(advice(["ayrshare", "postiz", "x-api"], ""))
    assert "ayrshare.csv has no column for the AI mark" in said
    assert "--media-base-url" in said
    assert advice(["jsonl", "csv", "ics", "hf"], "") == []
