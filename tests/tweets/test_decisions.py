"""What a person decides about posts and pictures, and that writing, painting and exporting go by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import BadInput
from files import Folders
from images.jobs import is_done, picture_jobs
from images.label import read_label
from images.models import find_model
from images.schema import PictureJob
from settings import PictureSettings
from tests import answers
from tests.command import command
from tests.studio import batch, save_finished
from tests.tweets.test_write import Model, draft_of, good, write
from tweets.batch_file import batch_path, change_batch, read_batch
from tweets.decisions import decide_picture, decide_post, edit_post
from tweets.export.post import exported_posts
from tweets.schema import Decision, TweetAnswer, TweetBatch

FIRST, SECOND, PLAIN = "2026-12-01-1", "2026-12-01-2", "2026-12-02-1"
KEEP, REDO, DROP = Decision(act="keep"), Decision(act="redo", wish="at night"), Decision(act="drop")


def jobs(of: TweetBatch, root: Path, width: int = 64) -> list[PictureJob]:
    return picture_jobs(of, find_model("rehearsal"), Folders(root), PictureSettings(width=width, height=64))


def shown(job: PictureJob) -> str:
    """What the picture that stands there was painted from."""
    label = read_label(Path(job.path))
    assert label is not None
    return label.painting


def test_a_dropped_post_gets_no_picture_and_goes_nowhere(tmp_path: Path) -> None:
    dropped = decide_post(batch(), FIRST, DROP)
    assert [job.id[-12:] for job in jobs(dropped, tmp_path)] == [SECOND]
    assert [post.post.id for post in exported_posts(dropped, Folders(tmp_path))] == [SECOND, PLAIN]


def test_a_post_that_is_to_be_written_again_gets_no_picture_yet_and_goes_nowhere_yet(tmp_path: Path) -> None:
    waiting = decide_post(batch(), FIRST, REDO)
    assert [job.id[-12:] for job in jobs(waiting, tmp_path)] == [SECOND]
    assert [post.post.id for post in exported_posts(waiting, Folders(tmp_path))] == [SECOND, PLAIN]
    assert decide_post(waiting, FIRST, KEEP).painting_of(batch().posts[0]) is not None


def test_a_post_without_its_picture_goes_out_without_words_about_it(tmp_path: Path) -> None:
    [first, *_] = exported_posts(decide_picture(batch(), FIRST, DROP, ""), Folders(tmp_path))
    record = first.record()
    assert (record["picture"], record["picture_prompt"], record["alt_text"]) == (None, None, "")


def test_a_picture_is_painted_again_with_the_next_seed_and_the_wish(tmp_path: Path) -> None:
    before = jobs(batch(), tmp_path)[0]
    save_finished(before)
    redone = decide_picture(batch(), FIRST, REDO, shown(before))
    after = jobs(redone, tmp_path)[0]
    assert after.seed != before.seed
    assert after.prompt == "A girl with red hair. at night. She looks at a kettle."
    assert not is_done(after)
    save_finished(after)
    assert is_done(after)

    twice = decide_picture(redone, FIRST, Decision(act="redo"), shown(after))
    last = jobs(twice, tmp_path)[0]
    assert last.seed not in {before.seed, after.seed}
    assert last.prompt == before.prompt


def test_a_redo_that_was_not_painted_yet_can_be_said_otherwise_and_taken_back(tmp_path: Path) -> None:
    before = jobs(batch(), tmp_path)[0]
    save_finished(before)
    redone = decide_picture(batch(), FIRST, REDO, shown(before))
    otherwise = decide_picture(redone, FIRST, Decision(act="redo", wish="in rain"), shown(before))
    assert jobs(otherwise, tmp_path)[0].seed == jobs(redone, tmp_path)[0].seed
    kept = decide_picture(otherwise, FIRST, KEEP, shown(before))
    assert jobs(kept, tmp_path)[0].key == before.key
    assert is_done(jobs(kept, tmp_path)[0])


def test_a_kept_picture_stays_whatever_the_painter_is_asked_for(tmp_path: Path) -> None:
    small = jobs(batch(), tmp_path, width=64)[0]
    save_finished(small)
    assert not is_done(jobs(batch(), tmp_path, width=128)[0])
    assert is_done(jobs(decide_picture(batch(), FIRST, KEEP, shown(small)), tmp_path, width=128)[0])


@pytest.mark.parametrize("decision", [KEEP, REDO, DROP])
def test_the_same_decision_twice_is_one(tmp_path: Path, decision: Decision) -> None:
    before = jobs(batch(), tmp_path)[0]
    save_finished(before)
    once = decide_picture(decide_post(batch(), FIRST, decision), FIRST, decision, shown(before))
    assert decide_picture(decide_post(once, FIRST, decision), FIRST, decision, shown(before)) == once


def test_an_edited_text_is_counted_and_checked_as_a_written_one() -> None:
    persona = answers.persona()
    edited = edit_post(batch(), FIRST, [" 銅鑼 rings #Bell "], persona).posts[0]
    assert (edited.text, edited.weighted_length, edited.hashtags) == ("銅鑼 rings #Bell", 16, ("Bell",))
    assert edited.edited
    [note] = edit_post(batch(), FIRST, [f"Oh, {answers.CORE.facts.never_says[0]} it rings."], persona).posts[0].notes
    assert "never says" in note
    assert not edit_post(batch(), FIRST, batch().posts[0].parts, persona).posts[0].edited


def test_a_thread_is_edited_part_by_part() -> None:
    thread = edit_post(batch(), FIRST, ["One.", " \r\n", "Three. #Bell"], None).posts[0]
    assert (thread.text, thread.thread, thread.hashtags) == ("One.", ("Three. #Bell",), ("Bell",))
    with pytest.raises(BadInput, match="counts 281"):
        edit_post(batch(), FIRST, ["One.", "x" * 281], None)


@pytest.mark.parametrize(("text", "reason"), [(" \n ", "cannot be blank"), ("銅" * 141, "counts 282 where 280")])
def test_a_text_that_cannot_be_posted_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        edit_post(batch(), FIRST, [text], None)


def test_what_cannot_be_decided_is_said() -> None:
    with pytest.raises(BadInput, match="has no post 2026-12-09-1"):
        decide_post(batch(), "2026-12-09-1", KEEP)
    with pytest.raises(BadInput, match="has no picture"):
        decide_picture(batch(), PLAIN, KEEP, "")
    with pytest.raises(BadInput, match="501 characters"):
        decide_post(batch(), FIRST, Decision(act="redo", wish="x" * 501))


async def test_a_post_that_was_sent_back_is_asked_for_again_with_the_wish(tmp_path: Path) -> None:
    first = await write(tmp_path, Model())
    path = batch_path(Folders(tmp_path), "marra", first.key)
    sent_back, dropped = first.posts[3], first.posts[4]

    def decide(there: TweetBatch | None) -> TweetBatch:
        assert there is not None
        return decide_post(decide_post(there, sent_back.id, REDO), dropped.id, DROP)

    change_batch(path, Folders(tmp_path), decide)
    model = Model(lambda slot, turn: good(slot, turn).model_copy(update={"text": "Another bell."}))
    second = await write(tmp_path, model)
    assert model.ids() == [sent_back.id]
    assert draft_of(model.asked[0]) == {"draft": sent_back.text, "wrong": ["at night"]}
    new = second.posts[3]
    assert new.text.startswith("Another bell.")
    assert new.decision is None
    assert new.painting is None or new.painting.seed != (sent_back.painting and sent_back.painting.seed)
    assert second.posts[4].decision == DROP
    assert await write(tmp_path, Model()) == second


async def test_a_redo_that_fails_leaves_the_old_post_and_its_wish(tmp_path: Path) -> None:
    first = await write(tmp_path, Model())
    path = batch_path(Folders(tmp_path), "marra", first.key)
    change_batch(path, Folders(tmp_path), lambda there: decide_post(there or first, first.posts[0].id, REDO))
    blank = Model(lambda slot, turn: good(slot, turn).model_copy(update={"text": "Tweet: no"}))
    after = await write(tmp_path, blank)
    assert after.posts[0].text == first.posts[0].text
    assert after.posts[0].decision == REDO
    assert after.missing == ()


async def test_a_decision_taken_while_posts_are_written_is_kept(tmp_path: Path) -> None:
    first = await write(tmp_path, Model())
    path, folders = batch_path(Folders(tmp_path), "marra", first.key), Folders(tmp_path)
    change_batch(path, folders, lambda there: decide_post(there or first, first.posts[0].id, REDO))

    def reply(slot: dict[str, Any], turn: int) -> TweetAnswer:
        change_batch(path, folders, lambda there: decide_post(there or first, first.posts[1].id, DROP))
        return good(slot, turn)

    after = await write(tmp_path, Model(reply))
    assert after.posts[0].decision is None
    assert after.posts[1].decision == DROP


async def test_exports_tell_of_what_was_sent_back(tmp_path: Path) -> None:
    whole = batch(ai=None)
    painted = jobs(whole, tmp_path)
    for job in painted:
        save_finished(job)
    decided = decide_picture(decide_post(whole, FIRST, REDO), SECOND, REDO, shown(painted[1]))
    path = batch_path(Folders(tmp_path), "mira", whole.key)
    path.parent.mkdir(parents=True)
    path.write_text(decided.model_dump_json(), encoding="utf-8")
    assert read_batch(path) == decided
    done = await command("--export", "jsonl", "--tweets-batch", path, "--out", tmp_path, cwd=tmp_path)
    assert done.code == 0, done.err
    lines = (tmp_path / "output_standalone" / "exports" / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    records = {record["post"]: record for record in map(json.loads, lines)}
    assert set(records) == {SECOND, PLAIN}
    assert records[SECOND]["picture_exists"] is False
    assert "1 post is left out: a review wants them again" in done.err
    assert "1 picture is not painted yet" in done.err
