"""Where things live on disk: names, atomic writes, reading with a clear error.

Knows folders, names and bytes. Does not know what a persona, a post or a picture contains.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from errors import BadInput, DiskFull

if TYPE_CHECKING:
    from pydantic import BaseModel

R = TypeVar("R", bound="BaseModel")

LONGEST_NAME = 80  # bytes of a slug; leaves room for a key and a suffix within the usual limit of 255
PICTURE_ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
LARGEST_JSON = 64 * 1024 * 1024
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z")  # device names on Windows


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one run, all under `root` (`--out`)."""

    root: Path

    @property
    def personas(self) -> Path:
        return self.root / "personas"

    @property
    def cards(self) -> Path:
        return self.personas / "cards"

    @property
    def calendars(self) -> Path:
        return self.root / "calendars"

    @property
    def batches(self) -> Path:
        return self.root / "output_standalone"

    @property
    def reports(self) -> Path:
        return self.batches / "reports"

    @property
    def exports(self) -> Path:
        return self.batches / "exports"

    @property
    def pictures(self) -> Path:
        return self.root / "output_images"

    def picture(self, persona: str, key: str, post: str, form: str = "png") -> Path:
        """Where the picture of one post of one batch goes, in one of the forms of PICTURE_ENDINGS."""
        return self.picture_folder(persona, key) / f"{post}{PICTURE_ENDINGS[form]}"

    def picture_folder(self, persona: str, key: str) -> Path:
        """Where the pictures of one batch go."""
        return self.pictures / persona / key

    @property
    def gallery(self) -> Path:
        return self.root / "output_gallery"

    @property
    def own(self) -> Path:
        """What the program keeps for itself: the journal, what was learned about endpoints."""
        return self.root / ".dramatis"

    def check_writable(self) -> None:
        """Raise BadInput unless files can be made under `root`."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise BadInput(
                f"The output folder {self.root} cannot be written: {_reason(error)}.",
                "Choose another one with --out.",
            ) from error


def existing_parent(path: Path) -> Path:
    """`path` itself if it is there, else the nearest folder above it that is."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())


def size_in_words(size: float) -> str:
    """Bytes as a person reads them: 12 kB, 3.4 MB, 20.5 GB."""
    for unit, bytes_in in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_in:
            return f"{size / bytes_in:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


def slug(words: str, suffix: str = "") -> str:
    """A file name made from any words: letters and digits of every script, the rest becomes '-'.

    Never empty, never a path, never a reserved name, at most 80 bytes with `suffix`. Its own slug.
    """
    text = unicodedata.normalize("NFKC", words).casefold()
    text = "".join(c if c.isalnum() or unicodedata.category(c) in {"Mn", "Mc"} or c == "_" else "-" for c in text)
    text = re.sub(r"-{2,}", "-", unicodedata.normalize("NFC", text)).strip("-_")
    text = text.encode()[: LONGEST_NAME - len(suffix.encode())].decode(errors="ignore").strip("-_")
    if not text or _RESERVED.match(text):
        text = f"{text}-0" if text else "unnamed"
    return text + suffix


def digest(*parts: object, length: int = 64) -> str:
    """Hex digits that stand for `parts`; any JSON value counts by its content."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def compact(value: Any) -> str:
    """A JSON value as one line without spaces, with readable characters: how prompts carry it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that stands at `path` when the block has come to its end, and not at all when it has not.

    Written beside it, fsync, rename. DiskFull when it cannot be done. For files that are too large to be held at
    once; of what the block reads, it translates the errors itself.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        remedy = "Free some space" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "Mend this, or use --out"
        raise DiskFull(
            f"{path} could not be written: {_reason(error)}.",
            f"{remedy} and run the same command again: nothing finished is lost.",
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


@contextlib.contextmanager
def held(lock: Path, seconds: float = 0) -> Iterator[bool]:
    """Hold the lock that the file `lock` stands for; False when another process had it for all of `seconds`.

    The system takes it back from a process that dies.
    """
    from filelock import FileLock, Timeout

    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        holding = FileLock(lock.with_name(f"{lock.name}.lock"))
        try:
            holding.acquire(timeout=seconds)
        except Timeout:
            yield False
            return
    except OSError as error:
        raise DiskFull(f"{lock} could not be made: {_reason(error)}.", "Mend this, or use --out.") from error
    try:
        yield True
    finally:
        holding.release()


def write_bytes(path: Path, content: bytes) -> None:
    """Write all of `content` to `path` or nothing. DiskFull when it cannot be done."""
    with writing(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, all or nothing."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON value with readable characters, all or nothing."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(path: Path, what: str) -> Any:
    """The JSON value in `path`. BadInput names the file, what was expected and where reading stopped."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise BadInput(f"{path} is larger than any {what} ({LARGEST_JSON >> 20} MB).", "Is it the right file?")
        return json.loads(path.read_bytes().decode("utf-8-sig"), strict=False)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", f"Give the path of a {what}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text.", f"A {what} is expected.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON: {error}.", f"A {what} is expected.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {_reason(error)}.") from error


def read_text(path: Path, what: str, most: int) -> str:
    """The words in `path`, at most `most` characters. BadInput says in one sentence why they cannot be used."""
    remedy = f"A {what} is a text or Markdown file of at most {most:,} characters."
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST_JSON else b"\0"
        text = content.decode("utf-8-sig").strip()
    except OSError as error:
        raise BadInput(f"The {what} {path} cannot be read: {_reason(error)}.", remedy) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"The {what} {path} is not UTF-8 text.", remedy) from error
    if "\0" in text:
        raise BadInput(f"The {what} {path} is not text.", remedy)
    if not text:
        raise BadInput(f"The {what} {path} is empty.", remedy)
    if len(text) > most:
        raise BadInput(f"The {what} {path} has {len(text):,} characters.", remedy)
    return text


def read_record(path: Path, record: type[R], what: str, remedy: str, own: int = 1) -> R:
    """The pydantic object in `path`. BadInput names the file and the first field that cannot be used."""
    from pydantic import ValidationError

    value = read_json(path, what)
    number = value.get("format") if isinstance(value, dict) else None
    if isinstance(number, int | float) and number != own:
        newer = "Use the version that wrote it, or a newer one."
        raise BadInput(
            f"{path} has format {number}; this version reads a {what} of format {own}.",
            newer if number > own else remedy,
        )
    try:
        return record.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the whole"
        wrong = problem["msg"].removeprefix("Value error, ").rstrip(".")
        raise BadInput(f"{path} is no {what}: {place}: {wrong}.", remedy) from error


def expand(patterns: Iterable[str], flag: str, beside: Iterable[str] = ()) -> list[Path]:
    """The files that `patterns` name, in order, each once; a pattern that the shell left alone is expanded.

    `beside`: name endings that a pattern passes over (a file named outright is always taken).
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if Path(pattern).exists() or not glob.has_magic(pattern):
            found.setdefault(Path(pattern))
            continue
        matches = sorted(path for path in glob.glob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207 - pathlib cannot expand an absolute pattern
        kept = [path for path in matches if not path.endswith(tuple(beside))]
        if not kept:
            raise BadInput(f"{flag}: no file matches {pattern}.", "Check the folder and the spelling.")
        for path in kept:
            found.setdefault(Path(path))
    return list(found)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
