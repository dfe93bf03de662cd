"""What was paid for is kept, whatever happens to the file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from errors import DiskFull
from llm.journal import Journal, JournalEntry
from tests.command import ROOT


def entry(key: str = "k", reply: str = "r", cause: str = "") -> JournalEntry:
    return JournalEntry(
        key=key, purpose="p", item="i", model="m", reply=reply, cause=cause, tokens_in=3, tokens_out=4, seconds=0.5
    )


def test_a_kept_answer_is_found_again(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite3") as journal:
        journal.write(entry())
    with Journal(tmp_path / "j.sqlite3") as journal:
        assert journal.kept("k") == entry()
        assert journal.kept("other") is None


def test_a_refused_answer_is_recorded_but_never_replayed(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite3") as journal:
        journal.write(entry(cause="invalid"))
        assert journal.kept("k") is None
    rows = sqlite3.connect(tmp_path / "j.sqlite3").execute("select cause, tokens_out from answers").fetchall()
    assert rows == [("invalid", 4)]


def test_an_answer_that_was_disowned_is_not_replayed(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite3") as journal:
        journal.write(entry())
        journal.disown("k", "invalid")
        assert journal.kept("k") is None


def test_a_damaged_journal_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite3"
    path.write_bytes(b"this is no database at all, but long enough to look like one" * 50)
    said: list[str] = []
    with Journal(path, said.append) as journal:
        journal.write(entry())
        assert journal.kept("k") is not None
    assert (tmp_path / "j.sqlite3.damaged-1").exists()
    assert "damaged" in said[0]


def test_two_journals_on_one_file_see_each_other(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite3") as first, Journal(tmp_path / "j.sqlite3") as second:
        first.write(entry("a"))
        second.write(entry("b"))
        assert first.kept("b") is not None
        assert second.kept("a") is not None


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from llm.journal import Journal, JournalEntry\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(50): journal.write(JournalEntry(key=str(n), purpose='p', item='i', model='m', reply='r'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "j.sqlite3"
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False, timeout=30)
    with Journal(path) as journal:
        assert all(journal.kept(str(n)) for n in range(50))


def test_lone_surrogates_do_not_break_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite3") as journal:
        journal.write(entry(reply='{"a": "\ud83d"}'))
        assert journal.kept("k") is not None


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/dev/full").exists(), reason="needs a place that cannot be written")
def test_a_journal_that_cannot_be_opened_names_itself(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskFull, match="journal"):
        Journal(tmp_path / "file" / "j.sqlite3")
