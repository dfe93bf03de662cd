"""Posts as lists for other programs: JSON lines, CSV, and the bodies that publishing services are sent.

Each function is a block that is given posts one by one, and leaves a whole file behind or none. Nothing here is held
in memory, and nothing is sent.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from files import writing
from tweets.export.post import ExportedPost

Write = Callable[[ExportedPost], object]

_GENERIC = ("id", "scheduled_at", "platform", "text", "media_paths", "media_urls", "alt_text", "made_with_ai", "thread")
_AYRSHARE = ("post", "platforms", "mediaUrls", "scheduleDate")
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}  # which some readers of lines break at


@contextlib.contextmanager
def as_jsonl(path: Path) -> Iterator[Write]:
    """One post a line, with everything that is known of it."""
    with writing(path) as file:
        yield lambda post: _write_line(file, post.record())


@contextlib.contextmanager
def as_csv(path: Path) -> Iterator[Write]:
    """The columns that most schedulers can be taught to read."""
    with _rows(path, _GENERIC) as row:
        yield lambda post: row(
            (
                post.id,
                post.at.isoformat(timespec="seconds"),
                "x",
                post.post.text,
                post.place,
                post.url,
                post.post.alt_text,
                "true",
                json.dumps(post.post.thread, ensure_ascii=False) if post.post.thread else "",
            )
        )


@contextlib.contextmanager
def as_ayrshare(path: Path) -> Iterator[Write]:
    """The bulk CSV of Ayrshare, which has no column for the AI mark and none for threads: each part is a row, a minute
    after the one before.
    """
    with _rows(path, _AYRSHARE) as row:

        def write(post: ExportedPost) -> None:
            for number, text in enumerate(post.post.parts):
                row((text, "twitter", "" if number else post.url, post.utc_later(number)))

        yield write


@contextlib.contextmanager
def as_x_api(path: Path) -> Iterator[Write]:
    """What to send to POST /2/tweets, one a line, with what X has no field for beside it: when, and which picture.

    A post of a thread says which one it answers: whoever sends it puts the id that X gave that one into its body.
    """
    with writing(path) as file:

        def write(post: ExportedPost) -> None:
            ids = post.part_ids
            for number, text in enumerate(post.post.parts):
                around = {"id": ids[number], "scheduled_at_utc": post.utc}
                if number:
                    around |= {"in_reply_to": ids[number - 1]}
                elif post.place:
                    around |= {"picture": post.address, "alt_text": post.post.alt_text}
                _write_line(file, around | {"body": {"text": text, "made_with_ai": True}})

        yield write


@contextlib.contextmanager
def as_postiz(path: Path) -> Iterator[Write]:
    """A list of bodies for POST /public/v1/posts of Postiz."""
    with writing(path) as file:
        before = b"[\n"

        def write(post: ExportedPost) -> None:
            nonlocal before
            file.write(before + _line(postiz_body(post)).encode())
            before = b",\n"

        yield write
        file.write(b"\n]\n" if before == b",\n" else b"[]\n")


def postiz_body(post: ExportedPost) -> dict[str, Any]:
    """One scheduled post. Its channel is named after the persona, until somebody writes the channel's own id."""
    pictures = [{"id": post.id, "path": post.address, "alt": post.post.alt_text}] if post.place else []
    return {
        "type": "schedule",
        "date": post.utc,
        "shortLink": False,
        "tags": [],
        "posts": [
            {
                "integration": {"id": post.batch.persona},
                "value": [
                    {"content": text, "image": [] if number else pictures}
                    for number, text in enumerate(post.post.parts)
                ],
                "settings": {
                    "__type": "x",
                    "who_can_reply_post": "everyone",
                    "made_with_ai": True,
                    "paid_partnership": False,
                },
            }
        ],
    }


@dataclass(frozen=True, slots=True)
class _Utf8:
    """What a CSV writer writes to."""

    file: BinaryIO

    def write(self, text: str) -> int:
        return self.file.write(text.encode())


@contextlib.contextmanager
def _rows(path: Path, heading: Sequence[str]) -> Iterator[Callable[[Sequence[str]], object]]:
    with writing(path) as file:
        row = csv.writer(_Utf8(file)).writerow
        row(heading)
        yield row


def _write_line(file: BinaryIO, value: dict[str, Any]) -> None:
    file.write(_line(value).encode() + b"\n")


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_LINE_ENDS)
