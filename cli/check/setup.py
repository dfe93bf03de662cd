"""--check: is everything in place? Every finding with its remedy; exit 0, or 4 when a run would fail.

Looks at settings, folders and journal here; endpoint.py looks at the language model, painting.py at the painter.
Asks the endpoint a few tiny questions and makes nothing.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from cli.check.endpoint import MODEL, USUAL, find_local, probe
from cli.check.finding import Finding, State, bad, good, note
from cli.check.painting import check_painting
from config import SETTINGS, require_endpoint
from errors import DONE, Misconfigured
from files import Folders, existing_parent, size_in_words
from progress.progress import Progress
from progress.translate import translated
from settings import Settings

CONFIGURATION, FOLDERS, JOURNAL = "settings", "folders", "journal"


def check(settings: Settings, *, as_json: bool = False) -> int:
    """Tell every finding as it comes, and return the exit code."""
    return asyncio.run(_check(settings, as_json=as_json))


async def _check(settings: Settings, *, as_json: bool) -> int:
    progress = Progress(verbosity=settings.verbosity)
    found: list[Finding] = []
    async for finding in findings(settings):
        if not found or found[-1].about != finding.about:
            progress.say(finding.about)
        found.append(finding)
        line = f"  {finding.state} {translated(finding.what)} {translated(finding.remedy)}".rstrip()
        progress.say(line, at=-1 if finding.state is State.BAD else 0)
    wrong = sum(finding.state is State.BAD for finding in found)
    code = Misconfigured.exit_code if wrong else DONE
    progress.say(f"{wrong} things are in the way of a run." if wrong else "Everything is in place.")
    if as_json:
        listed = [{"about": f.about, "state": f.state.name.lower(), "what": f.what, "remedy": f.remedy} for f in found]
        print(json.dumps({"findings": listed, "exit_code": code}, ensure_ascii=False))  # noqa: T201 - data
        sys.stdout.flush()
    return code


async def findings(settings: Settings, usual: Sequence[tuple[str, int]] = USUAL) -> AsyncIterator[Finding]:
    """Everything that is looked at. `usual`: names and ports of servers that may run on this machine."""
    for finding in (*check_settings(settings), *check_folders(settings.folders), *check_journal(settings.folders)):
        yield finding
    if settings.rehearse:
        yield good(MODEL, "A rehearsal asks no endpoint.")
    else:
        try:
            require_endpoint(settings.llm, rehearse=False)
        except Misconfigured as error:
            yield bad(MODEL, error.what, error.remedy)
        else:
            async for finding in probe(settings.llm):
                yield finding
        for finding in await find_local(settings.llm.address, usual):
            yield finding
    for finding in await asyncio.to_thread(lambda: list(check_painting(settings.pictures))):
        yield finding


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Each setting and where it came from. Of a key only its length is told."""
    usual, unset = [], []
    for setting in SETTINGS:
        origin, shown = settings.origins[setting.name], settings.shown[setting.name]
        if origin != "default":
            yield note(CONFIGURATION, f"{setting.name} = {shown}, from {origin}.")
        elif shown:
            usual.append(f"{setting.name} = {shown}")
        else:
            unset.append(setting.name)
    if usual:
        yield note(CONFIGURATION, f"By default: {', '.join(usual)}.")
    if unset:
        yield note(CONFIGURATION, f"Not set: {', '.join(unset)}.")


def check_folders(folders: Folders) -> Iterator[Finding]:
    """Whether files can be made in every folder, or where it would be made."""
    for folder in (folders.personas, folders.calendars, folders.batches, folders.pictures, folders.own):
        there = existing_parent(folder)
        try:
            with tempfile.TemporaryFile(dir=there):
                pass
        except OSError as error:
            what = f"{folder} cannot be written: {(error.strerror or str(error)).lower()}."
            yield bad(FOLDERS, what, "Mend its permissions, or choose another place with --out.")
        else:
            yield good(FOLDERS, f"{folder} can be written." if folder == there else f"{folder} can be made.")


def check_journal(folders: Folders) -> Iterator[Finding]:
    """Whether the journal is whole, and what it holds."""
    path = folders.own / "journal.sqlite3"
    if not path.exists():
        yield note(JOURNAL, f"There is no journal at {path} yet.")
        return
    try:
        kept, refused = _count(path)
    except sqlite3.Error as error:
        remedy = "Restore a copy of it if you have one; else the next run moves it aside and begins a new one."
        yield bad(JOURNAL, f"The journal {path} is damaged: {error}.", remedy)
        return
    size = size_in_words(path.stat().st_size)
    yield good(JOURNAL, f"The journal holds {kept} answers and {refused} refused ones ({size}).")


def _count(path: Path) -> tuple[int, int]:
    """Kept and refused answers. sqlite3.Error when the file is damaged."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        (health,) = database.execute("pragma quick_check(1)").fetchone()
        if health != "ok":
            raise sqlite3.DatabaseError(health)
        kept, refused = database.execute("select total(kept), total(1 - kept) from answers").fetchone()
        return int(kept), int(refused)
    finally:
        database.close()
