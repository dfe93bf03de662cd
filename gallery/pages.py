"""The pages themselves: templates, style and script put together, with nothing to load but the thumbnails.

All words of models and people are escaped by the templates; style and script stand in the page, and the browser
runs those alone, by their digests. Knows addresses inside the gallery, nothing of the folders around it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gallery.feed import FeedEntry, feed_of, months_of
from gallery.schema import PROBLEMS, Shown, ShownBatch, ShownCharacter, ShownPicture, Summary
from values import WEEKDAYS

_HERE = Path(__file__).parent
ROOT = "../../"  # from a character's page to the gallery's own folder


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a page finds things, by addresses from the gallery's folder."""

    portrait: Shown | None = None
    thumbnails: Mapping[str, Shown] = field(default_factory=dict)  # by post id
    full: Callable[[ShownPicture], str] = lambda picture: ""  # the picture in its full size


def page_of(name: str, key: str = "") -> str:
    """The address of a character's page, from the gallery's folder. `key`: of an earlier batch."""
    return f"characters/{quote(name)}/{key or 'index'}.html"


def summary_of(character: ShownCharacter, portrait: Shown | None) -> Summary:
    """What the wall says about a character."""
    entries = feed_of(character.batches[0], character.calendar) if character.batches else []
    problems = {problem for entry in entries for problem in entry.problems}
    if character.persona is None:
        problems.add("persona")
    facts = character.persona.core.facts if character.persona and character.persona.core else None
    return Summary(
        name=character.name,
        title=character.title,
        line=f"{facts.work} · {facts.home.place}" if facts else "",
        language=character.language,
        portrait=portrait,
        posts=sum(entry.post is not None for entry in entries),
        pictures=sum(entry.picture is not None for entry in entries),
        problems=tuple(word for word in PROBLEMS if word in problems),
    )


def wall(summaries: Sequence[Summary], *, review: bool = False) -> str:
    """The page of the whole cast."""
    known = {word for one in summaries for word in one.problems}
    return _render(
        "wall.html",
        review=review,
        root="",
        cast=summaries,
        languages=sorted({one.language for one in summaries if one.language}),
        problems={word: words for word, words in PROBLEMS.items() if word in known},
    )


def character_page(
    character: ShownCharacter, batch: ShownBatch | None, at: Addresses, cast: Container[str], *, review: bool = False
) -> str:
    """The page of one character with the feed of one of its batches. `cast`: the names that have a page."""
    entries = feed_of(batch, character.calendar) if batch else []
    known = {word for entry in entries for word in entry.problems}
    return _render(
        "character.html",
        review=review,
        root=ROOT,
        one=character,
        persona=character.persona,
        batch=batch,
        entries=entries,
        months=months_of(entries, character.calendar),
        types=sorted({entry.content_type for entry in entries if entry.content_type}),
        problems={word: words for word, words in PROBLEMS.items() if word in known},
        at=at,
        cast=cast,
    )


def entry_part(character: ShownCharacter, batch: ShownBatch, entry: FeedEntry, at: Addresses) -> str:
    """One post by itself, as it stands in its page under review."""
    return _render("part.html", review=True, root=ROOT, one=character, batch=batch, entry=entry, at=at)


def policy(*, review: bool) -> str:
    """What the browser may load and run: our own style and script, pictures beside the page, nothing else."""
    style, script = (f"'sha256-{_digest(text)}'" for text in (_style(), _script(review)))
    rest = "connect-src 'self'; form-action 'self'" if review else "form-action 'none'"
    images = "'self' data:" if review else "'self' file: data:"
    return f"default-src 'none'; style-src {style}; script-src {script}; img-src {images}; {rest}; base-uri 'none'"


def _render(template: str, *, review: bool, **values: Any) -> str:
    return (
        _environment()
        .get_template(template)
        .render(review=review, policy=policy(review=review), style=_style(), script=_script(review), **values)
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"page_of": page_of, "problem_words": PROBLEMS, "weekdays": WEEKDAYS}
    return environment


@cache
def _style() -> Markup:
    return Markup((_HERE / "assets" / "gallery.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _script(review: bool) -> Markup:
    names = ["gallery.js", *(["review.js"] if review else [])]
    return Markup("\n".join((_HERE / "assets" / name).read_text(encoding="utf-8") for name in names))  # noqa: S704


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
