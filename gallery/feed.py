"""The posts of a batch as a reader meets them: newest first, with pictures and with holes; and month by month.

Pure: what is there in, what is shown out. Knows no files and no HTML.
"""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from calendars.schema import Calendar, PlannedPost
from gallery.schema import ShownBatch, ShownPicture
from labels.ai_label import AILabel
from tweets.schema import Painting, Tweet, TweetBatch

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One post, or the hole that it leaves. `at`: in the character's time zone; None when nobody can tell.

    `painting`: how its picture is to be painted now; `picture`: what lies there, perhaps of an earlier painting.
    """

    id: str
    at: datetime | None
    content_type: str
    theme: str
    post: Tweet | None = None
    painting: Painting | None = None
    picture: ShownPicture | None = None
    cause: str = ""
    ai: AILabel | None = None

    @property
    def day(self) -> date:
        return self.at.date() if self.at else date.fromisoformat(self.id[:10])

    @property
    def outdated(self) -> bool:
        """Whether another picture is to take the place of the one that lies there."""
        if self.picture is None or self.painting is None or self.picture.painting == self.painting.digest:
            return False
        if self.post and self.post.painting and (decision := self.post.painting.decision):
            return decision.act == "redo"
        return bool(self.picture.painting)

    @property
    def problems(self) -> tuple[str, ...]:
        """Words of `PROBLEMS`."""
        if self.post is None:
            return ("text",)
        decision = self.post.decision.act if self.post.decision else ""
        found: list[str] = [act for act in ("redo", "drop") if act == decision]
        if self.painting is not None and self.picture is None:
            found.append("picture")
        if self.outdated and "redo" not in found:
            found.append("redo")
        return (*found, *(["note"] if self.post.notes else []))


def feed_of(batch: ShownBatch, calendar: Calendar | None) -> list[FeedEntry]:
    """All posts and holes of a batch, the newest first."""
    plans = {post.id: post for post in calendar.posts()} if calendar else {}
    entries = [
        *(_written(batch, post) for post in batch.posts.posts),
        *(_missing(batch.posts, hole.id, hole.cause, plans.get(hole.id)) for hole in batch.posts.missing),
    ]
    return sorted(entries, key=lambda entry: (entry.at or NEVER, entry.id), reverse=True)


def _written(batch: ShownBatch, post: Tweet) -> FeedEntry:
    painting = batch.posts.painting_of(post)
    shown = post.painting is not None and not (post.painting.decision and post.painting.decision.act == "drop")
    return FeedEntry(
        id=post.id,
        at=_moment(post.at, batch.posts.time_zone),
        content_type=post.content_type,
        theme=post.theme,
        post=post,
        painting=painting,
        picture=batch.pictures.get(post.id) if shown else None,
        cause=batch.causes.get(post.id, ""),
        ai=post.ai or batch.posts.ai,
    )


def _missing(batch: TweetBatch, post_id: str, cause: str, plan: PlannedPost | None) -> FeedEntry:
    return FeedEntry(
        id=post_id,
        at=plan.at(batch.time_zone) if plan else None,
        content_type=plan.content_type if plan else "",
        theme=plan.theme if plan else "",
        cause=cause,
    )


def _moment(at: str, time_zone: str) -> datetime | None:
    """The moment in the character's own zone; None for what somebody wrote by hand and nobody can read."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    zone = ZoneInfo(time_zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month: what was posted, what is only planned, and its holidays."""

    day: date
    inside: bool
    holidays: tuple[str, ...] = ()
    entries: tuple[FeedEntry, ...] = ()
    planned: tuple[PlannedPost, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    title: str
    weeks: tuple[tuple[Cell, ...], ...]


def months_of(entries: Iterable[FeedEntry], calendar: Calendar | None) -> list[Month]:
    """The months in which something happens, as whole weeks from Monday on."""
    by_day: dict[date, list[FeedEntry]] = {}
    for entry in entries:
        by_day.setdefault(entry.day, []).insert(0, entry)  # the feed runs backwards, a day forwards
    written = {entry.id for several in by_day.values() for entry in several}
    days = {day.date: day for day in calendar.days} if calendar else {}
    months = []
    for year, month in sorted({(day.year, day.month) for day in (*by_day, *days)}):
        cells = []
        for day in Weeks().itermonthdates(year, month) if date.min.year < year < date.max.year else ():
            inside = day.month == month
            plan = days.get(day) if inside else None
            planned = tuple(post for post in plan.posts if post.id not in written) if plan else ()
            holidays = plan.holidays if plan else ()
            cells.append(Cell(day, inside, holidays, tuple(by_day.get(day, ())) if inside else (), planned))
        months.append(Month(f"{date(year, month, 1):%B} {year}", tuple(_busy_weeks(cells))))
    return months


def _busy_weeks(cells: list[Cell]) -> list[tuple[Cell, ...]]:
    """The weeks of a month without those before and after everything that happens."""
    weeks = [tuple(cells[start : start + 7]) for start in range(0, len(cells), 7)]
    busy = [number for number, week in enumerate(weeks) if any(cell.entries or cell.planned for cell in week)]
    return weeks[busy[0] : busy[-1] + 1] if busy else weeks
