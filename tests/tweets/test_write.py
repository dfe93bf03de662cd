"""Writing a batch: the first posts by time, holes, runs that go on, and how many are in work at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from calendars.plan import plan_calendar
from calendars.schema import Calendar
from errors import BadAnswer, BadInput, CapReached, ItemFailed
from files import Folders, read_record
from llm.client import LLM, Question
from persona.schema.persona import Given, Persona
from tests import answers
from tweets.batch_file import batch_path
from tweets.rules import AnyAnswer
from tweets.schema import MissingTweet, ThreadAnswer, Tweet, TweetAnswer, TweetBatch, post_seed
from tweets.write import write_batch

PERSONA = answers.persona()
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def words_of(key: str, number: int) -> str:
    """So many made-up words that hang on `key` alone: no two texts of them are alike."""
    digits = hashlib.shake_256(key.encode()).hexdigest(4 * number)
    return " ".join(
        "".join("bdfgklmnprstvzaeiou"[int(d, 16)] for d in digits[8 * n : 8 * n + 8]) for n in range(number)
    )


def good(slot: dict[str, Any], _: int) -> TweetAnswer:
    return TweetAnswer(
        text=f"{words_of(slot['id'], 6).capitalize()}.",
        hashtags=(),
        scene=f"A brass bell at {words_of(slot['id'] + 'scene', 6)}, close view.",
        alt_text="A brass bell.",
    )


def draft_of(question: Question[Any]) -> dict[str, Any]:
    """What is sent back; empty for a first question."""
    match = re.search(r"<draft>(.*?)</draft>", question.prompt.user, re.DOTALL)
    return json.loads(match[1]) if match and match[1] else {}


@dataclass
class Model:
    """Stands in for the client: `reply(slot, turn)` answers, is checked, and is asked again as the client would."""

    reply: Callable[[dict[str, Any], int], AnyAnswer] = good
    asked: list[Question[Any]] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    most_tasks: int = 0
    text_model: str = "writer-1"
    vision_model: str = "writer-1"
    provider: str = "loopback"

    async def ask(self, question: Question[Any]) -> AnyAnswer:
        self.asked.append(question)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.most_tasks = max(self.most_tasks, len(asyncio.all_tasks()))
        try:
            for _ in range(len(self.asked) % 5):
                await asyncio.sleep(0)
            match = re.search(r"<slot>(.*?)</slot>", question.prompt.user, re.DOTALL)
            assert match
            for turn in range(question.tries):
                answer = self.reply(json.loads(match[1]) | {"draft": draft_of(question)}, turn)
                wrong = question.check(answer)
                if not wrong:
                    return answer
                self.objections += wrong
            raise BadAnswer(f"no usable answer after {question.tries} tries: {wrong[0]}.", cause="check")
        finally:
            self.at_once -= 1

    def ids(self) -> list[str]:
        return [question.item.split(": ")[1] for question in self.asked]


def a_calendar(posts: int = 10, persona: Persona = PERSONA) -> Calendar:
    return plan_calendar(persona, posts=posts, days=15, start=date(2026, 12, 1), seed=0)


async def write(folder: Path, model: Model, **changes: Any) -> TweetBatch:
    given: dict[str, Any] = {"persona": PERSONA, "calendar": a_calendar(), "posts": None, "seed": 0, "index": 0}
    given |= {"slots": asyncio.Semaphore(4), "folders": Folders(folder), "clock": lambda: NOW} | changes
    return await write_batch(given.pop("persona"), given.pop("calendar"), cast(LLM, model), **given)


async def test_every_planned_post_is_written_and_saved(tmp_path: Path) -> None:
    batch = await write(tmp_path, Model())
    planned = list(a_calendar().posts())
    assert [post.id for post in batch.posts] == [post.id for post in planned]
    assert batch.missing == ()
    path = batch_path(Folders(tmp_path), "marra", batch.key)
    assert read_record(path, TweetBatch, "batch of posts", "") == batch
    for post, plan in zip(batch.posts, planned, strict=True):
        assert post.at == f"{plan.day}T{plan.time}:00+01:00"
        assert post.text == good({"id": post.id}, 0).text
        assert post.weighted_length == len(post.text)
        assert post.ai is not None
        assert (post.ai.model, post.ai.provider, post.ai.created) == ("writer-1", "loopback", "2026-11-30T12:00:00Z")
        assert (post.painting is not None) == plan.picture
        assert bool(post.alt_text) == plan.picture
        if post.painting is not None:
            assert post.painting.appearance == answers.VISUAL.appearance
            assert post.painting.prompt.startswith(answers.VISUAL.appearance)
    assert batch.ai is not None
    assert batch.ai.fiction
    assert (batch.persona, batch.character, batch.time_zone) == ("marra", "Marra Tveit", "Europe/Oslo")


async def test_a_contradiction_is_doubted_and_what_stays_is_noted_in_the_post(tmp_path: Path) -> None:
    def blonde(slot: dict[str, Any], turn: int) -> TweetAnswer:
        return good(slot, turn).model_copy(
            update={"scene": f"{words_of(slot['id'], 5)}, her blonde hair tied back, dusk."}
        )

    model = Model(blonde)
    batch = await write(tmp_path, model)
    pictured = [post for post in batch.posts if post.painting is not None]
    assert pictured
    for post in batch.posts:
        assert [note.startswith("scene says") for note in post.notes] == [True, True] * (post.painting is not None)
    doubts = [sentence for question in model.asked for sentence in question.doubt(blonde({"id": "any"}, 0))]
    assert len(doubts) == 2 * len(pictured)
    assert all("copper" in sentence for sentence in doubts[::2])
    assert all("added later" in sentence for sentence in doubts[1::2])
    assert all(post.notes == () for post in (await write(tmp_path / "good", Model())).posts)


def repeating(slot: dict[str, Any], _: int) -> TweetAnswer:
    """The same post for every slot, until a draft is sent back."""
    answer = good(slot, 0)
    return answer if slot.get("draft") else answer.model_copy(update={"text": "The kettle sings. Nobody asked it to."})


async def test_what_repeats_itself_is_written_again_with_what_to_avoid(tmp_path: Path) -> None:
    model = Model(repeating)
    heard: list[str] = []
    batch = await write(tmp_path, model, on_post=lambda post, _: heard.append(post.id))
    assert len({post.text for post in batch.posts}) == 10
    assert len(model.asked) == 19
    assert sorted(heard) == sorted(model.ids()[:10])
    draft = draft_of(model.asked[10])
    assert draft["draft"] == "The kettle sings. Nobody asked it to."
    assert draft["wrong"][0] == f"says nearly the same as the post of {batch.posts[0].id}: tell something else"
    assert draft["keep_clear_of"] == ["The kettle sings. Nobody asked it to."]
    assert not any(post.notes for post in batch.posts)
    assert len({question.prompt.user.split("<draft>")[0] for question in model.asked}) == 10


async def test_after_two_rounds_what_still_repeats_itself_is_noted(tmp_path: Path) -> None:
    def stubborn(slot: dict[str, Any], turn: int) -> TweetAnswer:
        return repeating({**slot, "draft": None}, turn)

    model = Model(stubborn)
    batch = await write(tmp_path, model, posts=4)
    assert len(model.asked) == 4 + 2 * 3
    assert batch.missing == ()
    assert [any("says nearly the same" in note for note in post.notes) for post in batch.posts] == [False] + [True] * 3


async def test_questions_about_repetitions_do_not_depend_on_the_order_of_answers(tmp_path: Path) -> None:
    asked = []
    for number, slots in enumerate((1, 3, 9)):
        model = Model(repeating)
        await write(tmp_path / str(number), model, slots=asyncio.Semaphore(slots))
        asked.append(sorted(question.key("writer-1") for question in model.asked))
    assert asked[0] == asked[1] == asked[2]
    assert len(set(asked[0])) == 19


async def test_a_repetition_for_which_no_answer_comes_stays_as_it_was(tmp_path: Path) -> None:
    def failing(slot: dict[str, Any], turn: int) -> TweetAnswer:
        answer = repeating(slot, turn)
        return answer.model_copy(update={"text": "Tweet: no"}) if slot.get("draft") else answer

    batch = await write(tmp_path, Model(failing), posts=3)
    assert [post.text for post in batch.posts] == ["The kettle sings. Nobody asked it to."] * 3
    assert batch.missing == ()


async def test_a_run_that_ends_among_repetitions_leaves_no_file(tmp_path: Path) -> None:
    def capped(slot: dict[str, Any], turn: int) -> TweetAnswer:
        if slot.get("draft"):
            raise CapReached("The cap is reached.")
        return repeating(slot, turn)

    with pytest.raises(CapReached):
        await write(tmp_path, Model(capped))
    assert not list(tmp_path.rglob("*.json"))


async def test_posts_in_the_file_are_kept_clear_of(tmp_path: Path) -> None:
    third = list(a_calendar().posts())[2].id

    def broken(slot: dict[str, Any], turn: int) -> TweetAnswer:
        answer = good(slot, turn)
        return answer.model_copy(update={"text": "Tweet: no"}) if slot["id"] == third else answer

    first = await write(tmp_path, Model(broken))

    def copying(slot: dict[str, Any], turn: int) -> TweetAnswer:
        answer = good(slot, turn)
        return answer if slot.get("draft") else answer.model_copy(update={"text": first.posts[5].text})

    model = Model(copying)
    whole = await write(tmp_path, model)
    assert model.ids() == [third, third]
    assert [post for post in whole.posts if post.id != third] == list(first.posts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Die Fähre ist wieder nicht da, und ich sitze mit der Glocke auf dem Kai und es ist kalt.", "language"),
        ("今天渡轮又晚了，我坐在码头上数钟，一口也没有少。", "language"),
        ("Today is {other}, so the ferry is late by law.", "mend the weekday"),
        ("It hums 🔔🔔", "emoji"),
    ],
)
async def test_another_language_another_day_and_a_strange_emoji_never_get_through(
    tmp_path: Path, text: str, said: str
) -> None:
    def wrong(slot: dict[str, Any], turn: int) -> TweetAnswer:
        other = "Friday" if slot["weekday"] == "monday" else "Monday"
        return good(slot, turn).model_copy(update={"text": text.format(other=other)})

    model = Model(wrong)
    batch = await write(tmp_path, model, posts=1)
    assert batch.posts == ()
    assert len(model.objections) == 3
    assert said in model.objections[0]


def threaded(form: str = "a thread of three") -> Persona:
    kinds = tuple(kind.model_copy(update={"form": form}) for kind in answers.STRATEGY.content_types)
    return PERSONA.model_copy(update={"strategy": answers.STRATEGY.model_copy(update={"content_types": kinds})})


async def test_a_thread_is_written_where_the_strategy_wants_one(tmp_path: Path) -> None:
    def parts(slot: dict[str, Any], turn: int) -> ThreadAnswer:
        assert (slot["parts"], slot["wanted_length"]) == ("3 to 3", "60 to 240 for each part")
        number = 2 if turn == 0 else 3
        texts = tuple(f"{words_of(slot['id'] + str(part), 6).capitalize()}." for part in range(number))
        plain = good(slot, turn).model_dump()
        return ThreadAnswer(**{**plain, "parts": texts, "hashtags": ("KvalsundBells",)})

    model = Model(parts)
    batch = await write(tmp_path, model, persona=threaded(), calendar=a_calendar(3))
    assert {question.answer for question in model.asked} == {ThreadAnswer}
    assert model.objections == ["the thread has 2 parts: write 3"] * 3
    assert [post.text.endswith(" #KvalsundBells") for post in batch.posts].count(True) == 2
    for post in batch.posts:
        assert len(post.thread) == 2
        assert post.parts == (post.text, *post.thread)
        assert post.weighted_length == len(post.text)
    assert read_record(batch_path(Folders(tmp_path), "marra", batch.key), TweetBatch, "batch of posts", "") == batch


async def test_the_first_posts_by_time_are_taken(tmp_path: Path) -> None:
    model = Model()
    batch = await write(tmp_path, model, posts=3)
    assert [post.id for post in batch.posts] == [post.id for post in a_calendar().posts()][:3]
    assert len(model.asked) == 3
    more = Model()
    await write(tmp_path, more, posts=10)
    shared = {question.prompt for question in model.asked}
    assert shared <= {question.prompt for question in more.asked}


async def test_each_post_is_one_question_with_the_stable_part_first(tmp_path: Path) -> None:
    model = Model()
    await write(tmp_path, model, index=7)
    assert {question.purpose for question in model.asked} == {"tweets_post"}
    assert {question.rank for question in model.asked} == {(0, 7)}
    assert {question.tries for question in model.asked} == {3}
    assert len({question.prompt.system for question in model.asked}) == 1
    assert len({question.prompt.user.split("<slot>")[0] for question in model.asked}) == 1


async def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    first = await write(tmp_path, Model())
    model = Model()
    heard: list[tuple[str, bool]] = []
    path = batch_path(Folders(tmp_path), "marra", first.key)
    written = path.stat().st_mtime_ns
    assert await write(tmp_path, model, on_post=lambda post, before: heard.append((post.id, before))) == first
    assert not model.asked
    assert path.stat().st_mtime_ns == written
    assert heard == [(post.id, True) for post in first.posts]


async def test_a_hole_stays_a_hole_and_is_filled_alone(tmp_path: Path) -> None:
    third = list(a_calendar().posts())[2].id

    def stubborn(slot: dict[str, Any], turn: int) -> TweetAnswer:
        answer = good(slot, turn)
        return answer.model_copy(update={"text": "Tweet: no"}) if slot["id"] == third else answer

    heard: list[object] = []
    model = Model(stubborn)
    broken = await write(tmp_path, model, on_post=lambda post, _: heard.append(post))
    assert [hole.id for hole in broken.missing] == [third]
    assert "after 3 tries" in broken.missing[0].cause
    assert len(model.objections) == 3
    assert len(broken.posts) == 9
    assert sum(isinstance(post, MissingTweet) for post in heard) == 1
    assert sum(isinstance(post, Tweet) for post in heard) == 9

    again = Model()
    whole = await write(tmp_path, again)
    assert again.ids() == [third]
    assert whole.missing == ()
    assert whole.key == broken.key
    assert [post.id for post in whole.posts] == [post.id for post in a_calendar().posts()]


async def test_a_post_that_was_edited_in_the_file_is_kept(tmp_path: Path) -> None:
    batch = await write(tmp_path, Model())
    path = batch_path(Folders(tmp_path), "marra", batch.key)
    value = json.loads(path.read_text(encoding="utf-8"))
    value["posts"][0]["text"] = "Mine now."
    del value["posts"][1]
    path.write_text(json.dumps(value), encoding="utf-8")
    model = Model()
    mended = await write(tmp_path, model)
    assert model.ids() == [batch.posts[1].id]
    assert mended.posts[0].text == "Mine now."
    assert mended.posts[1:] == batch.posts[1:]


async def test_an_answer_is_asked_again_with_the_reasons(tmp_path: Path) -> None:
    def learns(slot: dict[str, Any], turn: int) -> TweetAnswer:
        answer = good(slot, turn)
        return answer if turn == 2 else answer.model_copy(update={"text": "x" * 300})

    model = Model(learns)
    batch = await write(tmp_path, model, posts=1)
    assert len(batch.posts) == 1
    assert len(model.objections) == 2
    assert "shorten it by" in model.objections[0]


async def test_an_item_that_the_endpoint_refuses_is_a_hole_too(tmp_path: Path) -> None:
    def refused(slot: dict[str, Any], turn: int) -> TweetAnswer:
        raise ItemFailed("The endpoint refused this question.")

    batch = await write(tmp_path, Model(refused), posts=2)
    assert [hole.cause for hole in batch.missing] == ["The endpoint refused this question."] * 2


async def test_the_end_of_a_run_comes_out_bare_and_leaves_no_file_and_all_slots(tmp_path: Path) -> None:
    def capped(slot: dict[str, Any], turn: int) -> TweetAnswer:
        if slot["id"].startswith("2026-12-1"):
            raise CapReached("The cap is reached.")
        return good(slot, turn)

    slots = asyncio.Semaphore(3)
    with pytest.raises(CapReached):
        await write(tmp_path, Model(capped), slots=slots, calendar=a_calendar(60))
    await asyncio.sleep(0)
    assert not list(tmp_path.rglob("*.json"))
    for _ in range(3):
        await asyncio.wait_for(slots.acquire(), 1)
    assert slots.locked()


async def test_a_bug_keeps_its_own_name(tmp_path: Path) -> None:
    def buggy(slot: dict[str, Any], turn: int) -> TweetAnswer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write(tmp_path, Model(buggy))


async def test_posts_in_work_are_bounded_over_all_personas(tmp_path: Path) -> None:
    model = Model()
    slots = asyncio.Semaphore(5)
    cast_of_three = [answers.persona(name) for name in ("al", "bo", "cy")]
    before = len(asyncio.all_tasks())
    await asyncio.gather(
        *(
            write(tmp_path, model, persona=persona, calendar=a_calendar(100, persona), slots=slots)
            for persona in cast_of_three
        )
    )
    assert len(model.asked) == 300
    assert model.most_at_once == 5
    assert model.most_tasks <= before + len(cast_of_three) + 5
    assert len(list((tmp_path / "output_standalone").glob("*.json"))) == 3


async def test_a_large_batch_never_has_more_tasks_than_slots(tmp_path: Path) -> None:
    model = Model()
    await write(tmp_path, model, calendar=a_calendar(2000), slots=asyncio.Semaphore(20))
    assert len(model.asked) == 2000
    assert model.most_tasks <= 21


async def test_the_key_follows_what_the_posts_are_made_from(tmp_path: Path) -> None:
    async def key(**changes: Any) -> str:
        return (await write(tmp_path, changes.pop("model", Model()), **changes)).key

    plain = await key()
    assert re.fullmatch(r"[0-9a-f]{8}", plain)
    label = answers.AI.model_copy(update={"created": "2031-01-01T00:00:00Z"})
    assert await key(persona=PERSONA.model_copy(update={"ai": label, "notes": ("x",)})) == plain
    core = answers.CORE.model_copy(update={"wants": "a bigger bell"})
    days = a_calendar().days
    holiday = days[0].model_copy(update={"holidays": ("Bell Day",)})
    others = [
        await key(posts=9),
        await key(seed=1),
        await key(model=Model(text_model="writer-2")),
        await key(persona=PERSONA.model_copy(update={"core": core})),
        await key(persona=PERSONA.model_copy(update={"language": "nb"})),
        await key(calendar=a_calendar().model_copy(update={"time_zone": "Europe/Paris"})),
        await key(calendar=a_calendar().model_copy(update={"days": (holiday, *days[1:])})),
    ]
    assert len({plain, *others}) == 8


async def test_picture_seeds_depend_on_run_seed_name_and_id_alone(tmp_path: Path) -> None:
    batch = await write(tmp_path, Model(), posts=5)
    for post in batch.posts:
        if post.painting is not None:
            assert post.painting.seed == post_seed(0, "marra", post.id) < 2**32
    seeds = {post_seed(seed, name, "2026-12-01-1", attempt) for seed in (0, 1) for name in "ab" for attempt in (0, 1)}
    assert len(seeds) == 8


async def test_a_card_from_elsewhere_gets_its_posts(tmp_path: Path) -> None:
    guest = Persona(name="guest", given=Given(name="Guest", description="a tall stranger in a red coat"))
    batch = await write(tmp_path, Model(), persona=guest, calendar=a_calendar(4, guest))
    assert len(batch.posts) == 4
    assert batch.posts[0].painting is not None
    assert batch.posts[0].painting.appearance == "a tall stranger in a red coat"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("{", "is not JSON"), ('{"format": 3}', "has format 3"), ('{"format": 1}', "is no batch of posts: persona")],
)
async def test_a_batch_file_that_cannot_be_read_is_named_and_kept(tmp_path: Path, content: str, sentence: str) -> None:
    path = batch_path(Folders(tmp_path), "marra", (await write(tmp_path, Model())).key)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=sentence) as caught:
        await write(tmp_path, Model())
    assert str(path) in str(caught.value)
    assert path.read_text(encoding="utf-8") == content
