"""Every answer that was paid for, in SQLite. Resuming is running the same command again.

One row per reply. A *kept* reply is used again whenever the same question comes; a *refused* one, which failed
its checks, was billed and is shown in reports but never replayed. Knows no stage and no HTTP.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType

from errors import DiskFull

_TABLE = """
create table if not exists answers (
    id integer primary key,
    key text not null,
    kept integer not null,
    purpose text not null,
    item text not null,
    model text not null,
    reply text not null,
    cause text not null,
    tokens_in integer not null,
    tokens_out integer not null,
    tokens_cached integer not null,
    seconds real not null,
    written text not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
create index if not exists answers_by_key on answers (key, kept);
pragma user_version = 1;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalEntry:
    """One paid reply. `cause` is empty for a kept one."""

    key: str
    purpose: str
    item: str
    model: str
    reply: str
    cause: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    seconds: float = 0.0


_COLUMNS = tuple(column.name for column in fields(JournalEntry))
_LIST = ", ".join(_COLUMNS)


class Journal:
    """The answers in one database file. Several runs may use it at once."""

    def __init__(self, path: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = _open(path, say)
        except OSError as error:
            raise DiskFull(
                f"The journal {path} cannot be opened: {error}.", "Choose another folder with --out."
            ) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def kept(self, key: str) -> JournalEntry | None:
        """The newest kept answer to this question."""
        newest = f"select {_LIST} from answers where key = ? and kept = 1 order by id desc limit 1"  # noqa: S608
        row = self._database.execute(newest, (key,)).fetchone()
        return JournalEntry(**dict(zip(_COLUMNS, row, strict=True))) if row else None

    def mean_answers(self, *models: str) -> dict[str, float]:
        """Tokens of a mean answer of these models, by purpose. A server may call a model by a longer name."""
        named = " or ".join("model = ? or model like ? || '-%'" for _ in models)
        query = f"select purpose, avg(tokens_out) from answers where kept = 1 and ({named}) group by purpose"  # noqa: S608
        rows = self._database.execute(query, [name for model in models for name in (model, model)])
        return dict(rows.fetchall())

    def write(self, entry: JournalEntry) -> None:
        """Save a paid reply; a `cause` marks it as refused. DiskFull when it cannot be saved."""
        try:
            self._database.execute(
                f"insert into answers ({_LIST}, kept) values (:{', :'.join(_COLUMNS)}, :kept)",  # noqa: S608
                asdict(entry) | {"reply": entry.reply.encode("utf-8", "replace").decode(), "kept": not entry.cause},
            )
        except sqlite3.Error as error:
            raise DiskFull(
                f"An answer that was paid for could not be saved in {self.path}: {error}.",
                "Free some space and run the same command again.",
            ) from error

    def accept(self, key: str, cause: str) -> None:
        """The newest answer that was refused for this cause is good enough after all."""
        newest = "select max(id) from answers where key = ? and cause = ?"
        try:
            self._database.execute(f"update answers set kept = 1, cause = '' where id = ({newest})", (key, cause))  # noqa: S608
        except sqlite3.Error as error:
            raise DiskFull(
                f"An answer that was paid for could not be kept in {self.path}: {error}.",
                "Free some space and run the same command again.",
            ) from error

    def disown(self, key: str, cause: str) -> None:
        """A kept answer turned out to be unusable: it stays on record as refused."""
        self._database.execute("update answers set kept = 0, cause = ? where key = ? and kept = 1", (cause, key))


def _open(path: Path, say: Callable[[str], None]) -> sqlite3.Connection:
    for _ in range(2):
        database: sqlite3.Connection | None = None
        try:
            database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            # NORMAL survives a killed process; only a power cut can cost the last few answers.
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = normal")
            database.executescript(_TABLE)
            return database
        except sqlite3.OperationalError as error:
            if database is not None:
                database.close()
            raise DiskFull(
                f"The journal {path} cannot be used: {error}.", "Check the folder and the free space."
            ) from error
        except sqlite3.DatabaseError as error:
            if database is not None:
                database.close()
            aside = _set_aside(path)
            say(f"The journal {path} is damaged ({error}). It was moved to {aside.name}; a new one is begun.")
    raise DiskFull(f"The journal {path} cannot be used.", "Move it away and run the same command again.")


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + ending))
    return aside
