"""The feed as a reader meets it, and the month: order, times in the character's own zone, holes and their causes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from calendars.schema import Calendar, Day, PlannedPost
from gallery.feed import feed_of, months_of
from gallery.schema import ShownBatch, ShownPicture
from tests.exhibition import KEY, posts_of
from tweets.schema import Decision, MissingTweet, Tweet, TweetBatch


def batch(*posts: Tweet, pictures: dict[str, ShownPicture] | None = None, **changes: object) -> ShownBatch:
    values: dict[str, object] = {"time_zone": "Europe/Oslo", "posts": posts} | changes
    whole = TweetBatch.model_validate({"persona": "marra", "character": "Marra", "key": KEY} | values)
    return ShownBatch(whole, Path("batch.json"), pictures or {}, {"2026-12-01-1": "Out of memory."})


def plan(*times: tuple[str, str]) -> Calendar:
    """A calendar with one post on each day given."""
    days = [
        Day(date=date.fromisoformat(day), posts=(PlannedPost(id=f"{day}-1", time=time, content_type="bell"),))
        for day, time in times
    ]
    return Calendar(persona="marra", time_zone="Europe/Oslo", days=tuple(days))


def test_the_newest_post_comes_first_at_its_own_local_time() -> None:
    entries = feed_of(batch(*posts_of(3)), None)
    assert [entry.id for entry in entries] == ["2026-12-03-1", "2026-12-02-1", "2026-12-01-1"]
    assert [entry.at and entry.at.isoformat() for entry in entries][-1] == "2026-12-01T23:30:00+01:00"


def test_a_post_belongs_to_its_local_day() -> None:
    [late] = posts_of(1, at="2026-12-01T23:30:00+00:00")
    [month] = months_of(feed_of(batch(late), None), None)
    [busy] = [cell for week in month.weeks for cell in week if cell.entries]
    assert busy.day == date(2026, 12, 2)


def test_a_missing_post_stands_where_it_was_planned_with_its_cause() -> None:
    hole = MissingTweet(id="2026-12-02-1", cause="The model answered nothing.")
    first, _, third = posts_of(3)
    entries = feed_of(batch(first, third, missing=(hole,)), plan(("2026-12-02", "08:15")))
    assert [entry.id for entry in entries] == [third.id, hole.id, first.id]
    assert (entries[1].cause, entries[1].problems) == ("The model answered nothing.", ("text",))
    assert entries[1].at is not None
    assert entries[1].at.isoformat() == "2026-12-02T08:15:00+01:00"


def test_a_time_that_nobody_can_read_does_not_hide_the_others() -> None:
    first, second = posts_of(2)
    entries = feed_of(batch(first.model_copy(update={"at": "soon"}), second), None)
    assert [(entry.id, entry.at is None) for entry in entries] == [(second.id, False), (first.id, True)]


def test_what_is_missing_contradicted_or_sent_back_is_a_problem() -> None:
    one, two, three, four = posts_of(4)
    painting = three.painting
    assert painting is not None
    sent_back = painting.model_copy(update={"decision": Decision(act="redo")})
    entries = feed_of(
        batch(
            one,
            two.model_copy(update={"notes": ("text says otherwise",)}),
            three.model_copy(update={"painting": sent_back}),
            four.model_copy(update={"decision": Decision(act="drop")}),
            pictures={post.id: ShownPicture(Path("x.png")) for post in (two, three, four)},
        ),
        None,
    )
    assert {entry.id: entry.problems for entry in entries} == {
        one.id: ("picture",),
        two.id: ("note",),
        three.id: ("redo",),
        four.id: ("drop",),
    }
    assert entries[-1].cause == "Out of memory."


def test_a_picture_of_an_earlier_painting_is_outdated() -> None:
    [post] = posts_of(1)
    assert post.painting is not None
    current, other = ShownPicture(Path("x"), painting=post.painting.digest), ShownPicture(Path("x"), painting="0123")
    assert not feed_of(batch(post, pictures={post.id: current}), None)[0].outdated
    assert feed_of(batch(post, pictures={post.id: other}), None)[0].outdated
    assert not feed_of(batch(post, pictures={post.id: ShownPicture(Path("x"))}), None)[0].outdated
    kept = post.painting.model_copy(update={"decision": Decision(act="keep")})
    kept_post = post.model_copy(update={"painting": kept})
    assert not feed_of(batch(kept_post, pictures={post.id: other}), None)[0].outdated


def test_a_month_shows_posts_and_plans_in_whole_weeks_without_the_empty_ones_around() -> None:
    calendar = plan(("2026-11-30", "08:00"), ("2026-12-02", "09:00"), ("2026-12-20", "10:00"))
    [november, december] = months_of(feed_of(batch(*posts_of(2)), calendar), calendar)
    assert (november.title, len(november.weeks)) == ("November 2026", 1)
    assert (december.title, len(december.weeks)) == ("December 2026", 3)
    cells = {cell.day.day: cell for week in december.weeks for cell in week if cell.inside}
    assert [entry.id for entry in cells[2].entries] == ["2026-12-02-1"]
    assert cells[2].planned == ()
    assert [post.time for post in cells[20].planned] == ["10:00"]


def test_nothing_is_shown_as_nothing() -> None:
    assert feed_of(batch(), None) == []
    assert months_of([], None) == []
