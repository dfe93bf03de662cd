"""Posts that are written, for the tools that publish and study them: one pass over the posts, a file for each form.

Asks no model, uses no network, and holds no more than a group of posts in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from errors import BadInput
from persona.schema.persona import Persona
from tweets.export.dataset import as_dataset, require_pyarrow
from tweets.export.icalendar import as_calendar
from tweets.export.lists import Write, as_ayrshare, as_csv, as_jsonl, as_postiz, as_x_api
from tweets.export.post import ExportedPost

PLACES: Final = {  # each form and its place in the folder of exports
    "jsonl": "posts.jsonl",
    "csv": "generic.csv",
    "postiz": "postiz.json",
    "x-api": "x_api.jsonl",
    "ayrshare": "ayrshare.csv",
    "ics": "calendar.ics",
    "hf": "hf",
}


def check_forms(forms: Sequence[str], media_base_url: str) -> None:
    """Raise before anything is done when one of these forms cannot be written."""
    if "ayrshare" in forms and not media_base_url:
        raise BadInput(
            "--export ayrshare needs --media-base-url: Ayrshare fetches pictures from public addresses.",
            "Put output_images/ where it can be reached and give its address, such as https://example.org/pictures.",
        )
    if "hf" in forms:
        require_pyarrow()


def write_exports(
    posts: Iterable[ExportedPost],
    forms: Sequence[str],
    folder: Path,
    *,
    personas: Callable[[str], Persona | None],
    painter: Callable[[Path], str],
) -> list[Path]:
    """Write `posts` in each of `forms`; the paths. `personas` finds one by name, `painter` who painted a picture.

    Nothing is left behind when an error comes up, and BadInput when there is no post at all.
    """
    ways: dict[str, Callable[[Path], AbstractContextManager[Write]]] = {
        "jsonl": as_jsonl,
        "csv": as_csv,
        "postiz": as_postiz,
        "x-api": as_x_api,
        "ayrshare": as_ayrshare,
        "ics": as_calendar,
        "hf": partial(as_dataset, personas=personas, painter=painter),
    }
    paths = [folder / PLACES[form] for form in forms]
    number = 0
    with ExitStack() as stack:
        writers = [stack.enter_context(ways[form](path)) for form, path in zip(forms, paths, strict=True)]
        for number, post in enumerate(posts, start=1):  # noqa: B007 - it is looked at below
            for write in writers:
                write(post)
        if not number:
            raise BadInput("There is no post to export.", "Write posts with --batch-mode first.")
    return paths


def advice(forms: Sequence[str], media_base_url: str) -> list[str]:
    """What a person has to do by hand before the files can be used, one sentence each."""
    lines = []
    if "postiz" in forms:
        lines.append("postiz.json: each integration id is a persona's name; write your channel's id in its place.")
        if not media_base_url:
            lines.append("postiz.json: Postiz takes pictures from public addresses; give them with --media-base-url.")
    if "x-api" in forms:
        lines.append("x_api.jsonl: X has no time and no picture in a post's body; both stand beside it.")
    if "ayrshare" in forms:
        lines.append("ayrshare.csv has no column for the AI mark: switch the platform's AI label on in Ayrshare.")
        lines.append("ayrshare.csv has no column for threads: their posts stand in rows a minute apart.")
    return lines
