"""Several attempts at a picture, the best of them kept: what is painted, asked, noted, and never done twice."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from errors import BadAnswer, BadPicture, Interrupted, ItemFailed
from images.best_of import BestOfTerms, Choice, attempt_at, job_for_best
from images.jobs import finished
from images.judge import Judge, JudgeVerdict
from images.label import read_label
from images.schema import PictureJob
from labels.picture_files import read_texts
from labels.xmp import own_note
from llm.client import LLM, Picture
from llm.journal import Journal
from rehearsal.endpoint import RehearsalTransport
from settings import LLMSettings
from tests.command import ROOT, command
from tests.studio import job, labeller, save_finished


def verdict(grade: int) -> JudgeVerdict:
    return JudgeVerdict(seen="A girl.", same_character=grade, fits_scene=grade, defects=(), clean=grade)


@dataclass
class Stand:
    """Paints and judges: `grades` by attempt, or the error that comes instead. Remembers what it did."""

    folder: Path
    grades: dict[int, int | Exception]
    unpaintable: dict[int, Exception] = field(default_factory=dict)
    key: str = "a judge"
    painted: list[int] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)

    async def paint(self, wanted: PictureJob) -> None:
        number = int(wanted.id.partition("~")[2])
        await asyncio.sleep(0)
        if number in self.unpaintable:
            raise self.unpaintable[number]
        self.painted.append(number)
        save_finished(wanted)

    async def __call__(self, job: PictureJob) -> JudgeVerdict:
        number = int(job.id.partition("~")[2])
        assert finished(job)
        self.judged.append(number)
        grade = self.grades[number]
        if isinstance(grade, Exception):
            raise grade
        return verdict(grade)

    def choice(self, attempts: int, min_score: float = 0.0) -> Choice:
        terms = BestOfTerms(attempts, min_score)
        return Choice(job(self.folder), terms, self.folder / "attempts", self.paint, self, labeller())

    @property
    def left(self) -> list[Path]:
        return [path for path in (self.folder / "attempts").rglob("*") if path.is_file()]


def note_in(path: Path) -> dict[str, object]:
    texts = read_texts(io.BytesIO(path.read_bytes()))
    assert texts is not None
    return own_note(texts.xmp)


async def test_the_best_attempt_stands_there_with_its_score_and_the_others_are_gone(tmp_path: Path) -> None:
    stand = Stand(tmp_path, {0: 5, 1: 9, 2: 9, 3: 2})
    chosen = await stand.choice(4).make()
    assert (chosen.score, chosen.tried, stand.left) == (9.0, 4, [])
    wanted = job_for_best(job(tmp_path), BestOfTerms(4), stand.key)
    label = finished(wanted)
    assert label is not None
    assert label.seed == attempt_at(job(tmp_path), 1, tmp_path).seed  # of equals the earliest
    note = note_in(Path(wanted.path))
    assert (note["score"], note["attempt"], note["of"], note["id"]) == (9.0, 1, 4, "mira/0123abcd/1")
    assert note["verdict"] == verdict(9).model_dump(mode="json")
    assert (chosen.painted.size, chosen.painted.seed) == (Path(wanted.path).stat().st_size, label.seed)
    with Image.open(wanted.path) as image:
        assert f"Seed: {label.seed}," in image.info["parameters"]


def test_a_picture_of_somebody_else_is_worth_nothing_however_clean() -> None:
    perfect = verdict(10)
    assert perfect.score == 10.0
    assert perfect.model_copy(update={"same_character": 0}).score == 0.0
    assert perfect.model_copy(update={"clean": 5}).score > perfect.model_copy(update={"same_character": 5}).score


async def test_below_the_least_score_it_is_tried_again_one_at_a_time_and_not_for_ever(tmp_path: Path) -> None:
    stand = Stand(tmp_path, {0: 5, 1: 4, 2: 8, 3: 9})
    assert (await stand.choice(2, 7.5).make()).score == 8.0
    assert stand.judged == [0, 1, 2]
    hopeless = Stand(tmp_path / "b", dict.fromkeys(range(99), 3))
    assert (await hopeless.choice(3, 9.0).make()).tried == 6


async def test_a_stopped_run_paints_and_judges_nothing_twice(tmp_path: Path) -> None:
    stopped = Stand(tmp_path, {0: 5, 1: 6, 2: Interrupted("Interrupted.")})
    with pytest.raises(Interrupted):
        await stopped.choice(3).make()
    assert sorted(stopped.painted) == [0, 1, 2]
    assert not Path(job(tmp_path).path).exists()
    again = Stand(tmp_path, {0: 5, 1: 6, 2: 7})
    assert (await again.choice(3).make()).score == 7.0
    assert again.painted == []


async def test_a_picture_that_was_painted_before_is_the_first_attempt(tmp_path: Path) -> None:
    path = save_finished(job(tmp_path))
    with Image.open(path) as image:
        pixels = image.tobytes()
    stand = Stand(tmp_path, {0: 8, 1: 3})
    await stand.choice(2).make()
    assert stand.painted == [1]
    with Image.open(path) as image:
        assert image.tobytes() == pixels
    assert note_in(path)["score"] == 8.0


async def test_an_attempt_that_fails_costs_only_itself(tmp_path: Path) -> None:
    stand = Stand(tmp_path, {0: 5, 1: BadAnswer("No."), 2: 4}, unpaintable={2: BadPicture("Black.")})
    assert (await stand.choice(3).make()).score == 5.0


@pytest.mark.parametrize("error", [BadAnswer("No usable answer came."), BadPicture("Black.")])
async def test_without_any_verdict_there_is_no_picture_and_a_reason(tmp_path: Path, error: ItemFailed) -> None:
    stand = Stand(tmp_path, {0: error, 1: error})
    with pytest.raises(type(error), match=error.what):
        await stand.choice(2).make()
    assert not Path(job(tmp_path).path).exists()
    assert len(stand.left) == 2  # painted: the next run only asks


async def test_a_picture_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    Path(job(tmp_path).path).write_bytes(b"somebody's")
    with pytest.raises(BadPicture, match="not made by this program"):
        await Stand(tmp_path, {0: 5, 1: 5}).choice(2).make()
    assert Path(job(tmp_path).path).read_bytes() == b"somebody's"


def test_attempts_have_seeds_of_their_own_that_hang_on_nothing_but_the_picture(tmp_path: Path) -> None:
    first, other = job(tmp_path), job(tmp_path / "elsewhere", name="2")
    seeds = [attempt_at(one, number, tmp_path).seed for one in (first, other) for number in range(50)]
    assert len(set(seeds)) == 99  # both have the same seed themselves
    assert seeds[0] == seeds[50] == first.seed
    assert [attempt_at(first, number, tmp_path / "b").seed for number in range(50)] == seeds[:50]
    assert len({attempt_at(first, number, tmp_path).key for number in range(50)}) == 50


def test_the_key_of_the_kept_picture_hangs_on_what_it_is_chosen_by(tmp_path: Path) -> None:
    keys = {
        job_for_best(job(tmp_path), terms, judge).key
        for terms, judge in (
            (BestOfTerms(2), "a"),
            (BestOfTerms(3), "a"),
            (BestOfTerms(2, 5.0), "a"),
            (BestOfTerms(2), "b"),
        )
    }
    assert len(keys) == 4


def picture(path: Path) -> Picture:
    return Picture(path.read_bytes(), "image/png", path.name)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[], LLM]:
    settings = LLMSettings(base_url="http://rehearsal.invalid/v1", text_model="rehearsal", vision_model="rehearsal")
    return lambda: LLM(settings, Journal(tmp_path / "journal.sqlite3", print), transport=RehearsalTransport())


async def test_the_judge_is_shown_portrait_and_candidate_and_is_paid_once(
    tmp_path: Path, ask: Callable[[], LLM]
) -> None:
    wanted = job(
        tmp_path,
        opening="A girl with red hair.",
        closing="masterpiece",
        prompt="A girl with red hair. A kettle, masterpiece",
    )
    save_finished(wanted)
    async with ask() as llm:
        judge = Judge(llm, picture, Picture(b"portrait", "image/png", "p"))
        first = await judge(wanted)
        assert llm.usage.calls == 1
    async with ask() as llm:
        assert await Judge(llm, picture, Picture(b"portrait", "image/png", "p"))(wanted) == first
        assert llm.usage.calls == 0
        assert Judge(llm, picture).key != judge.key
        await Judge(llm, picture)(wanted)  # without a portrait it is another question
        assert llm.usage.calls == 1


async def test_best_of_in_rehearsal_and_again_nothing_is_asked_or_painted(tmp_path: Path) -> None:
    portrait = ROOT / "examples" / "portraits" / "mira.png"
    made = await command("--run-all", "--images", portrait, "--tweets", 2, "--rehearse", "--out", tmp_path, "--json")
    assert made.code == 0, made.err
    batches = f"{tmp_path}/output_standalone/*.json"
    arguments = ["--generate-images", "--tweets-batch", batches, "--rehearse", "--out", tmp_path, "--json"]
    first = await command(*arguments, "--best-of", 2)
    assert first.code == 0, first.err
    pictures = first.report["counts"]["pictures"]["made"]
    assert first.report["usage"]["calls"] == 2 * pictures > 0
    scores = first.report["scores"]
    assert len(scores) == pictures
    for item, score in scores.items():
        path = tmp_path / "output_images" / f"{item}.png"
        assert note_in(path)["score"] == score
        label = read_label(path)
        assert label is not None
        assert label.id == item
    again = await command(*arguments, "--best-of", 2)
    assert again.report["usage"]["calls"] == again.report["counts"]["pictures"]["made"] == 0
    assert not [path for path in (tmp_path / ".dramatis" / "attempts").rglob("*") if path.is_file()]


@pytest.mark.parametrize("flags", [["--min-score", "7"], ["--min-score", "11", "--best-of", "2"], ["--best-of", "0"]])
async def test_flags_that_make_no_sense_are_refused(flags: list[str]) -> None:
    done = await command("--generate-images", "--tweets-batch", "x.json", *flags)
    assert done.code == 2
    assert "--min-score" in done.err or "--best-of" in done.err
