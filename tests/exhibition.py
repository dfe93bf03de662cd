"""What the tests of the gallery and the review look at: an output folder with characters, as a run leaves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from calendars.calendar_file import write_calendar
from calendars.plan import plan_calendar
from files import Folders, file_digest, write_json
from images.jobs import picture_jobs
from images.models import find_model
from images.schema import PictureJob
from persona.cards.card import write_persona
from persona.export_cards import remember_portrait
from persona.schema.persona import Persona, PortraitRef
from tests import answers
from tests.studio import save_finished
from tweets.batch_file import batch_path
from tweets.schema import Painting, Tweet, TweetBatch

START = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)  # half past eleven at night in Oslo
KEY = "0123abcd"


def posts_of(number: int, **changes: Any) -> list[Tweet]:
    """Posts a day apart, in order of time; each has a picture."""
    posts = []
    for count in range(number):
        moment = START + timedelta(days=count)
        values: dict[str, Any] = {
            "id": f"{moment:%Y-%m-%d}-1",
            "at": moment.isoformat(),
            "content_type": ("bell of the day", "overheard")[count % 2],
            "theme": f"Bell number {count + 1} is hung.",
            "text": f"Bell number {count + 1}. It hums.",
            "weighted_length": 24,
            "alt_text": f"A bell with a {count + 1} on it.",
            "painting": Painting(appearance="A woman with copper hair.", scene="She rings a bell.", seed=count),
            "ai": answers.AI,
        }
        posts.append(Tweet(**(values | changes)))
    return posts


def put_persona(root: Path, name: str = "marra", **changes: Any) -> Persona:
    """A persona with a portrait."""
    folders = Folders(root)
    portrait = root / "portraits" / f"{name}.png"
    portrait.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise((96, 128), 60).convert("RGB").save(portrait)
    sha256 = file_digest(portrait)
    values = {"portrait": PortraitRef(file=portrait.name, sha256=sha256)} | changes
    persona = answers.persona(name).model_copy(update=values)
    write_persona(folders.personas / f"{name}.json", persona)
    remember_portrait(portrait, sha256, folders)
    return persona


def put_batch(root: Path, name: str = "marra", posts: int | tuple[Tweet, ...] = 3, **changes: Any) -> TweetBatch:
    """A batch of posts, without pictures. `posts`: how many, or which."""
    values: dict[str, Any] = {
        "persona": name,
        "character": "Marra Tveit",
        "key": KEY,
        "time_zone": "Europe/Oslo",
        "posts": tuple(posts_of(posts)) if isinstance(posts, int) else posts,
        "ai": answers.AI,
    }
    batch = TweetBatch(**(values | changes))
    write_json(batch_path(Folders(root), name, batch.key), batch.model_dump(mode="json"))
    return batch


def jobs_of(root: Path, batch: TweetBatch) -> list[PictureJob]:
    return picture_jobs(batch, find_model("rehearsal"), Folders(root))


def put_character(root: Path, name: str = "marra", posts: int = 3, *, pictures: bool = True, **changes: Any) -> None:
    """A persona with its calendar, posts and pictures."""
    persona = put_persona(root, name)
    folders = Folders(root)
    days = posts or 1
    calendar = plan_calendar(persona, posts=days, days=days, start=START.date(), seed=0)
    write_calendar(folders.calendars / f"{name}.json", calendar)
    batch = put_batch(root, name, posts, **changes)
    for job in jobs_of(root, batch) if pictures else ():
        save_finished(job)
