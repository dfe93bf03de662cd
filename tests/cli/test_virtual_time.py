"""Time that jumps, and the shadow of a folder."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from cli.dry_run import virtual_time
from cli.dry_run.shadow import shadow_of
from files import Folders, write_text


def test_hours_of_waiting_have_their_length_without_being_waited_for() -> None:
    async def sleepers() -> int:
        async with asyncio.timeout(10_000):
            await asyncio.gather(*(asyncio.sleep(number) for number in range(0, 7200, 60)))
        return 7

    outcome, seconds = virtual_time.run(sleepers())
    assert (outcome, seconds) == (7, 7140)


def test_threads_are_waited_for_and_take_no_virtual_time() -> None:
    def slow() -> str:
        time.sleep(0.05)
        return "done"

    async def work() -> str:
        sleeper = asyncio.create_task(asyncio.sleep(3600))
        done = await asyncio.to_thread(slow)
        assert not sleeper.done(), "the clock jumped while a thread was at work"
        await sleeper
        return done

    assert virtual_time.run(work()) == ("done", 3600)


def test_a_wait_that_nothing_can_end_is_an_error() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="hang for ever"):
        virtual_time.run(forever())


def test_time_may_begin_anywhere_and_goes_by_while_the_program_is_at_work() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual_time.VirtualLoop)
        loop.burn(2.5)
        return loop.time()

    assert virtual_time.run(work(), start=1000.0) == (1002.5, 2.5)


def test_a_shadow_shows_the_users_files_and_keeps_writes_from_them(tmp_path: Path) -> None:
    real = Folders(tmp_path / "real")
    write_text(real.personas / "mira.json", "theirs")
    write_text(real.own / "journal.sqlite3", "a database")
    write_text(real.pictures / "mira" / "key" / "list.jsonl", "one line\n")
    with shadow_of(real) as shadow:
        folders = shadow.folders
        assert (folders.personas / "mira.json").read_text() == "theirs"
        write_text(folders.personas / "mira.json", "ours")
        (folders.own / "journal.sqlite3").write_text("written in place")
        with (folders.pictures / "mira" / "key" / "list.jsonl").open("a") as file:
            file.write("another\n")
        write_text(folders.calendars / "new.json", "{}")
        assert shadow.named(f"{folders.personas / 'mira.json'} is bad.") == f"{real.personas / 'mira.json'} is bad."
        root = folders.root
    assert not root.exists()
    assert (real.personas / "mira.json").read_text() == "theirs"
    assert (real.own / "journal.sqlite3").read_text() == "a database"
    assert (real.pictures / "mira" / "key" / "list.jsonl").read_text() == "one line\n"
    assert not real.calendars.exists()


def test_a_folder_that_is_not_there_has_an_empty_shadow(tmp_path: Path) -> None:
    with shadow_of(Folders(tmp_path / "nowhere")) as shadow:
        assert list(shadow.folders.root.iterdir()) == []
        assert shadow.copy(tmp_path / "x.json").name == "x.json"
