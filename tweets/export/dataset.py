"""Posts and their personas as a data set for the Hugging Face hub: two tables with the pictures inside, and its card.

Times are strings: readers of tables drop the offset of anything else. Nothing is uploaded.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from errors import BadInput, Misconfigured
from files import write_text, writing
from persona.schema.persona import Persona
from tweets.export.dataset_card import Columns, Kind, Made, dataset_card
from tweets.export.lists import Write
from tweets.export.post import UNKNOWN, ExportedPost

MOST_ROWS: Final = 1000  # of a group: what is held in memory until it is written
MOST_BYTES: Final = 32 * 1024 * 1024  # of the pictures of a group
LARGEST_FILE: Final = 500_000_000

# The columns of a table, each with its kind.
_MARK: Final = ("model", "provider", "tool", "created", "label", "digital_source_type", "aigc")
POSTS: Final[Columns] = {
    **dict.fromkeys(("id", "persona", "character", "batch", "post", "language", "scheduled_at"), "string"),
    **dict.fromkeys(("scheduled_at_utc", "timezone", "content_type", "theme", "text"), "string"),
    "thread": ["string"],
    "weighted_length": "int64",
    "hashtags": ["string"],
    "alt_text": "string",
    "picture": "image",
    "picture_prompt": "string",
    "picture_seed": "int64",
    "picture_model": "string",
    "notes": ["string"],
    "made_with_ai": "bool",
    "ai": dict.fromkeys(_MARK, "string"),
}
PERSONAS: Final[Columns] = {
    **dict.fromkeys(("name", "character", "language", "country", "timezone", "description", "appearance"), "string"),
    "persona": "string",
    "made_with_ai": "bool",
    "ai": dict.fromkeys(_MARK, "string"),
}


def require_pyarrow() -> None:
    """Misconfigured when the tables cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401 - whether it is there
    except ImportError as error:
        raise Misconfigured(
            "--export hf needs pyarrow, which is not installed.",
            "Install it with: python -m pip install -r requirements-hf.txt",
        ) from error


@contextlib.contextmanager
def as_dataset(
    folder: Path,
    *,
    personas: Callable[[str], Persona | None],
    painter: Callable[[Path], str],
    most_rows: int = MOST_ROWS,
    largest_file: int = LARGEST_FILE,
) -> Iterator[Write]:
    """`personas` finds one by its name; `painter` says which model painted a picture."""
    require_pyarrow()
    made = Made()
    limits = (most_rows, largest_file)
    with _table(folder / "posts", POSTS, *limits) as posts, _table(folder / "personas", PERSONAS, *limits) as cast:

        def write(post: ExportedPost) -> None:
            name = post.batch.persona
            if name not in made.personas:
                cast.add(_persona_row(post, personas(name)))
            picture = _bytes(post.picture) if post.picture and post.painted else None
            painted_by = painter(post.picture) if post.picture and picture else None
            posts.add(_post_row(post, picture, painted_by), len(picture or b""))
            made.count(post, painted_by)

        yield write
    write_text(folder / "README.md", dataset_card(made, {"posts": POSTS, "personas": PERSONAS}))


def _post_row(post: ExportedPost, picture: bytes | None, painted_by: str | None) -> dict[str, Any]:
    record = post.record()
    return {name: record[name] for name in POSTS if name in record} | {
        "picture": {"bytes": picture, "path": f"{post.id}{post.picture.suffix}"} if post.picture and picture else None,
        "picture_model": painted_by,
        "ai": _mark(record["ai"]),
    }


def _persona_row(post: ExportedPost, persona: Persona | None) -> dict[str, Any]:
    """A persona that is not there is as much as its posts say of it."""
    batch = post.batch
    row: dict[str, Any] = {"name": batch.persona, "character": batch.character, "language": batch.language}
    row |= {"timezone": batch.time_zone, "made_with_ai": True}
    if persona is None:
        return row | {"ai": _mark(post.mark)}
    label = persona.ai or UNKNOWN
    return row | {
        "country": persona.country,
        "description": persona.description,
        "appearance": persona.appearance,
        "persona": persona.model_dump_json(exclude={"portrait": {"path"}}),  # where it lay is nobody's business
        "ai": _mark(label.model_dump() | {"aigc": label.aigc(batch.persona)}),
    }


def _mark(label: dict[str, Any]) -> dict[str, str]:
    return {name: label[name] for name in _MARK} | {"aigc": json.dumps(label["aigc"], ensure_ascii=False)}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.") from error


@contextlib.contextmanager
def _table(folder: Path, columns: Columns, most_rows: int, largest_file: int) -> Iterator[_Table]:
    """A table in parquet files of a bounded size; leaves all of them behind whole, or what was there before."""
    with contextlib.ExitStack() as files:
        table = _Table(folder, _schema(columns), most_rows, largest_file, files)
        try:
            yield table
            table.finish()
        finally:
            table.abandon()
    for path in folder.glob("train-*.parquet"):  # of an earlier export that had more
        if path.name not in table.names:
            path.unlink()


@dataclass(slots=True)
class _Table:
    """Rows on their way into the files of a table, a group at a time."""

    folder: Path
    schema: Any
    most_rows: int
    largest_file: int
    files: contextlib.ExitStack
    names: list[str] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _bytes: int = 0
    _file: Any = None
    _writer: Any = None

    def add(self, row: dict[str, Any], size: int = 0) -> None:
        """`size`: bytes of the row's picture."""
        self._rows.append(row)
        self._bytes += size
        if len(self._rows) >= self.most_rows or self._bytes >= MOST_BYTES:
            self._write_group()

    def finish(self) -> None:
        if self._rows:
            self._write_group()
        self._close_file()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.is_open = False  # else it writes its end when it is collected, into a file that is closed

    def _write_group(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self.names.append(f"train-{len(self.names):05}.parquet")
            self._file = self.files.enter_context(writing(self.folder / self.names[-1]))
            self._writer = pq.ParquetWriter(self._file, self.schema)
        self._writer.write_table(pa.Table.from_pylist(self._rows, self.schema))
        self._rows, self._bytes = [], 0
        if self._file.tell() >= self.largest_file:
            self._close_file()

    def _close_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _schema(columns: Columns) -> Any:
    import pyarrow as pa

    kinds = {"string": pa.string(), "int64": pa.int64(), "bool": pa.bool_()}
    kinds["image"] = pa.struct([("bytes", pa.binary()), ("path", pa.string())])

    def kind(column: Kind) -> Any:
        if isinstance(column, Mapping):
            return pa.struct([(name, kind(part)) for name, part in column.items()])
        return kinds[column] if isinstance(column, str) else pa.list_(kinds[column[0]])

    return pa.schema([(name, kind(column)) for name, column in columns.items()])
