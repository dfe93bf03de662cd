"""The data set: its tables read back with pyarrow, its card as the YAML that the hub reads."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from files import Folders
from images.jobs import picture_jobs
from images.models import find_model
from persona.schema.persona import Persona, PortraitRef
from tests.answers import persona as made_up
from tests.command import ROOT
from tests.readers_of_others import read
from tests.studio import save_finished
from tests.tweets.export.test_export import written
from tweets.export.dataset import as_dataset
from tweets.export.export import write_exports
from tweets.export.post import exported_posts
from tweets.schema import TweetBatch


def export(folders: Folders, *batches: TweetBatch, persona: Persona | None = None) -> Path:
    posts = [post for one in batches for post in exported_posts(one, folders)]
    (path,) = write_exports(
        posts, ["hf"], folders.exports, personas=lambda name: persona, painter=lambda picture: "a painter"
    )
    return path


def table(folder: Path) -> pa.Table:
    return pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])


def test_pictures_are_inside_byte_for_byte(tmp_path: Path) -> None:
    folders, whole = Folders(tmp_path), written()
    job = picture_jobs(whole, find_model("rehearsal"), folders)[0]
    content = save_finished(job).read_bytes()
    first, second, plain = table(export(folders, whole) / "posts").to_pylist()
    assert first["picture"] == {"bytes": content, "path": "mira/0123abcd/2026-12-01-1.png"}
    assert first["picture_model"] == "a painter"
    assert second["picture"] is None
    assert plain["picture"] is None
    assert plain["picture_prompt"] is None


def test_times_stay_words_and_every_row_is_marked(tmp_path: Path) -> None:
    posts = table(export(Folders(tmp_path), written()) / "posts")
    for name in ("scheduled_at", "scheduled_at_utc", "timezone"):
        assert posts.schema.field(name).type == pa.string()
    first = posts.to_pylist()[0]
    assert first["scheduled_at"] == "2026-12-01T08:00:00+01:00"
    for row in posts.to_pylist():
        assert row["made_with_ai"] is True
        assert row["ai"]["model"] == "gpt-5-mini"
        assert json.loads(row["ai"]["aigc"])["ProduceID"] == row["id"]


def test_a_persona_comes_once_and_without_the_place_of_its_portrait(tmp_path: Path) -> None:
    portrait = PortraitRef(file="mira.png", sha256="0" * 64, path="/home/somebody/secret/mira.png")
    persona = made_up().model_copy(update={"portrait": portrait})
    folder = export(Folders(tmp_path), written(), written(key="89abcdef"), persona=persona)
    (row,) = table(folder / "personas").to_pylist()
    assert (row["name"], row["character"], row["made_with_ai"]) == ("mira", "Mira", True)
    assert json.loads(row["persona"])["core"]["facts"]["name"] == persona.character
    assert row["appearance"] == persona.appearance
    assert "secret" not in json.dumps(row)


def test_a_persona_that_is_gone_is_what_its_posts_say(tmp_path: Path) -> None:
    (row,) = table(export(Folders(tmp_path), written()) / "personas").to_pylist()
    assert (row["name"], row["language"], row["persona"]) == ("mira", "en", None)
    assert row["ai"]["label"] == "AI-generated"


def test_the_card_says_who_made_what_and_describes_the_columns(tmp_path: Path) -> None:
    folders, whole = Folders(tmp_path), written(language="no")
    save_finished(picture_jobs(whole, find_model("rehearsal"), folders)[0])
    folder = export(folders, whole)
    _, header, text = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    said = yaml.safe_load(header)
    assert said["language"] == ["no"]
    assert said["annotations_creators"] == said["language_creators"] == ["machine-generated"]
    assert said["size_categories"] == ["n<1K"]
    assert {"synthetic", "ai-generated"} <= set(said["tags"])
    assert [one["config_name"] for one in said["configs"]] == ["posts", "personas"]
    for one, info in zip(said["configs"], said["dataset_info"], strict=True):
        files = sorted(folder.glob(one["data_files"][0]["path"]))
        assert [feature["name"] for feature in info["features"]] == pq.read_schema(files[0]).names
    assert "3 posts: `gpt-5-mini` at api.openai.com" in text
    assert "1 picture: `a painter`" in text
    assert "fiction" in text


def test_large_tables_are_split_and_an_earlier_larger_one_leaves_nothing(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    many = folders.exports / "hf"
    with as_dataset(many, personas=lambda name: None, painter=str, most_rows=2, largest_file=1) as write:
        for one in (written(), written(key="89abcdef")):
            for post in exported_posts(one, folders):
                write(post)
    assert sorted(path.name for path in (many / "posts").iterdir()) == [f"train-{n:05}.parquet" for n in range(3)]
    assert table(many / "posts").num_rows == 6
    export(folders, written())
    assert table(many / "posts").num_rows == 3


def test_without_pyarrow_the_remedy_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import main\n"
        f"sys.exit(main.main(['--tweets-batch', 'x.json', '--export', 'hf', '--out', {str(tmp_path)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 4
    assert "requirements-hf.txt" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_reader_of_another_house_finds_the_same_rows_and_pictures(tmp_path: Path) -> None:
    folders, whole = Folders(tmp_path), written()
    content = save_finished(picture_jobs(whole, find_model("rehearsal"), folders)[0]).read_bytes()
    folder = export(folders, whole)
    posts, personas = (read("parquet", str(folder / name / "train-00000.parquet"))[0] for name in ("posts", "personas"))
    ours = table(folder / "posts").to_pylist()
    assert [row["text"] for row in posts] == [row["text"] for row in ours]
    assert posts[0]["picture"]["bytes"] == hashlib.sha256(content).hexdigest()
    assert posts[1]["picture"] is None
    assert [row["made_with_ai"] for row in posts] == [True] * 3
    assert posts[0]["ai"] == ours[0]["ai"]
    assert personas[0]["name"] == "mira"
