"""Everything that is there, as a folder of pages: the cast on a wall, and each character with its posts.

Finds personas, calendars, batches and pictures and hands each character to gallery/. What a page looks like stands
there; that a page is made again only when it has changed, here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Awaitable, Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from calendars.calendar_file import read_calendar
from calendars.schema import Calendar
from errors import BadInput
from files import PICTURE_ENDINGS, Folders, read_json, slug, write_text
from gallery.pages import Addresses, character_page, summary_of, wall
from gallery.schema import Shown, ShownBatch, ShownCharacter, ShownPicture, Summary
from gallery.thumbnails import ENDING, Thumbnail, sweep, thumbnail
from images.provenance import making_of
from persona.cards.card import read_persona
from persona.export_cards import found_portrait
from pipeline.run import Run
from tweets.batch_file import read_batch

PORTRAIT, PICTURE = 480, 640  # pixels on the longer side of a thumbnail
REPORTS = 20  # the newest, in which causes of holes are looked for
_BATCH: Final = re.compile(r"(.+)-([0-9a-f]{8})\.json")


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one character."""

    name: str
    persona: Path | None
    batches: tuple[Path, ...] = ()


async def show(run: Run) -> None:
    """Make the gallery of everything that is there."""
    folders = run.settings.folders
    found = await asyncio.to_thread(find_cast, folders)
    run.progress.expect("pages", len(found))
    await _show(run, found, lambda one: run.item("pages", one.name))


async def afterwards(run: Run, stages: Callable[[Run], Awaitable[None]]) -> None:
    """`stages`, and then the gallery. What it cannot show is no hole of theirs: it is only said."""

    @contextlib.contextmanager
    def told(one: Found) -> Iterator[None]:
        try:
            yield
        except BadInput as error:
            run.progress.say(f"The gallery leaves out {one.name}: {error}")

    await stages(run)
    await run.settle()
    await _show(run, await asyncio.to_thread(find_cast, run.settings.folders), told)


async def _show(run: Run, found: list[Found], each: Callable[[Found], contextlib.AbstractContextManager[None]]) -> None:
    folders = run.settings.folders
    exhibition = Exhibition(folders)
    names = {one.name for one in found}
    summaries: dict[str, Summary] = {}

    async def make(one: Found) -> None:
        with each(one):
            summaries[one.name], changed = await asyncio.to_thread(exhibition.write, one, names)
            if "pages" in run.progress.counts:
                run.progress.made("pages", before=not changed)

    await run.for_each(found, make, at_once=os.cpu_count() or 1)
    index = folders.gallery / "index.html"
    await asyncio.to_thread(_put, index, wall([summaries[one.name] for one in found if one.name in summaries]))
    await asyncio.to_thread(exhibition.forget_others, names)
    run.progress.wrote(index)


def find_cast(folders: Folders) -> list[Found]:
    """The files of every character, by name; of those too of whom only posts are left."""
    batches: dict[str, list[Path]] = {}
    for path in sorted(folders.batches.glob("*.json"), key=_newest_first):
        batches.setdefault(_persona_of(path), []).append(path)
    cast: dict[str, Found] = {}
    own_names = {path: _name_in(path) for path in sorted(folders.personas.glob("*.json"))}
    # Of two with one name, the one whose file bears it comes first, and the other goes by its file.
    for path, name in sorted(own_names.items(), key=lambda item: item[0].stem != item[1]):
        name = slug(path.stem) if name in cast else name
        cast[name] = Found(name, path, tuple(batches.pop(name, ())))
    cast |= {name: Found(name, None, tuple(paths)) for name, paths in batches.items()}
    return [cast[name] for name in sorted(cast)]


@dataclass(slots=True)
class Exhibition:
    """The characters of one output folder, read and shown one at a time."""

    folders: Folders
    _causes: dict[str, str] | None = field(default=None)

    def character(self, found: Found) -> ShownCharacter:
        """Everything that is there of one character. BadInput when a file of it cannot be used."""
        persona = read_persona(found.persona) if found.persona else None
        portrait = found_portrait(persona, found.persona, self.folders) if persona and found.persona else None
        batches = tuple(self._batch(path) for path in found.batches)
        return ShownCharacter(found.name, persona, portrait, self._calendar(found.name), batches)

    def addresses(
        self, character: ShownCharacter, batch: ShownBatch | None, full: Callable[[ShownPicture], str]
    ) -> Addresses:
        """The thumbnails of a page, made where they are not there yet."""
        thumbnails: dict[str, Shown] = {}
        if batch is not None:
            folder = self.folders.gallery / "thumbnails" / character.name / batch.posts.key
            made = {post: thumbnail(one.file, folder, post, PICTURE) for post, one in batch.pictures.items()}
            sweep(folder, (one.path for one in made.values() if one))
            thumbnails = {post: self._shown(one) for post, one in made.items() if one}
        return Addresses(self.portrait(character), thumbnails, full)

    def portrait(self, character: ShownCharacter) -> Shown | None:
        """A portrait's thumbnail; None where there is no portrait to be seen."""
        if character.portrait is None:
            return None
        folder = self.folders.gallery / "thumbnails" / character.name
        made = thumbnail(character.portrait, folder, "portrait", PORTRAIT)
        sweep(folder, [made.path] if made else [])
        return self._shown(made) if made else None

    def write(self, found: Found, cast: Container[str]) -> tuple[Summary, bool]:
        """Write the pages of one character: what the wall says of it, and whether a page has changed."""
        character = self.character(found)
        folder = self.folders.gallery / "characters" / found.name
        pages = {}
        for number, batch in enumerate(character.batches or (None,)):
            at = self.addresses(character, batch, self._beside)
            key = batch.posts.key if batch and number else "index"
            pages[f"{key}.html"] = character_page(character, batch, at, cast)
        changed = [_put(folder / name, page) for name, page in pages.items()]
        for path in folder.glob("*.html"):
            if path.name not in pages:
                path.unlink()
        return summary_of(character, self.portrait(character)), any(changed)

    def forget_others(self, names: Container[str]) -> None:
        """Remove pages and thumbnails of characters that are not there any more."""
        for kind, ending in (("characters", ".html"), ("thumbnails", ENDING)):
            for folder in (self.folders.gallery / kind).glob("*/"):
                if folder.name in names:
                    continue
                for path in folder.rglob(f"*{ending}"):
                    path.unlink()
                for empty in sorted((folder, *folder.glob("*/")), reverse=True):
                    with contextlib.suppress(OSError):
                        empty.rmdir()

    def _batch(self, path: Path) -> ShownBatch:
        posts = read_batch(path)
        folder = self.folders.picture(posts.persona, posts.key, "any").parent
        there = _pictures_in(folder)
        pictures = {post.id: _picture(there[post.id]) for post in posts.posts if post.id in there}
        prefix = f"{posts.persona}/{posts.key}/"
        causes = {item.removeprefix(prefix): why for item, why in self._why().items() if item.startswith(prefix)}
        return ShownBatch(posts, path, pictures, causes)

    def _calendar(self, name: str) -> Calendar | None:
        path = self.folders.calendars / f"{name}.json"
        return read_calendar(path) if path.is_file() else None

    def _why(self) -> dict[str, str]:
        """Why pictures are missing, by job: the last word of the newest reports."""
        if self._causes is None:
            self._causes = {}
            for path in sorted(self.folders.reports.glob("*.json"))[-REPORTS:]:
                with contextlib.suppress(BadInput):
                    self._causes |= _holes_in(read_json(path, "report"))
        return self._causes

    def _shown(self, made: Thumbnail) -> Shown:
        address = quote(made.path.relative_to(self.folders.gallery).as_posix())
        return Shown(address, made.width, made.height)

    def _beside(self, picture: ShownPicture) -> str:
        return quote(Path(os.path.relpath(picture.file, self.folders.gallery)).as_posix())


def _picture(path: Path) -> ShownPicture:
    making = making_of(path)
    return ShownPicture(path, making.model, making.painting, making.told)


def _pictures_in(folder: Path) -> dict[str, Path]:
    """The pictures in a folder by post id: of several forms of one, the newest."""
    files = (file for file in folder.glob("[!.]*") if file.suffix in PICTURE_ENDINGS.values() and file.is_file())
    return {file.stem: file for file in sorted(files, key=_newest_first, reverse=True)}


def _holes_in(report: Any) -> dict[str, str]:
    holes = report.get("holes") if isinstance(report, dict) else None
    return {
        str(hole.get("item")): f"{hole.get('cause', '')} {hole.get('remedy', '')}".strip()
        for hole in holes or ()
        if isinstance(hole, dict) and hole.get("kind") == "pictures"
    }


def _put(path: Path, text: str) -> bool:
    """Write a page unless it stands there already; whether it was written."""
    if path.is_file() and path.read_bytes() == text.encode("utf-8", "replace"):
        return False
    write_text(path, text)
    return True


def _persona_of(batch: Path) -> str:
    """The persona that a batch is of: by the file's name, or by what stands in it."""
    if named := _BATCH.fullmatch(batch.name):
        return named[1]
    with contextlib.suppress(BadInput):
        return read_batch(batch).persona
    return slug(batch.stem)


def _name_in(path: Path) -> str:
    """The name that a persona gives itself, or else its file's."""
    value: Any = None
    with contextlib.suppress(BadInput):
        value = read_json(path, "persona")
    for key in ("data", "extensions", "dramatis", "name"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value == slug(value) else slug(path.stem)


def _newest_first(path: Path) -> tuple[int, str]:
    return -path.stat().st_mtime_ns, path.name
