"""The lock file: what `requirements.txt` stood for when it was last tried. `python -m tests.lock` writes it anew.

It pins the program's own requirements and all that they need, as they are installed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
HEAD = "# requirements.txt as it was last tried: pip install -r requirements.lock. Made by python -m tests.lock.\n"


def required(file: Path) -> Iterator[Requirement]:
    """What a requirements file asks for, with those that it includes."""
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            yield from required(file.parent / text.removeprefix("-r ").strip())
        elif text:
            yield Requirement(text)


def pins() -> dict[str, str]:
    """Name -> version of everything that requirements.txt needs here, without builds' local parts."""
    found: dict[str, str] = {}
    waiting = [(one.name, frozenset(one.extras)) for one in required(ROOT / "requirements.txt")]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        found[canonicalize_name(name)] = Version(installed.version).public
        for text in installed.requires or ():
            one = Requirement(text)
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((one.name, frozenset(one.extras)))
    return dict(sorted(found.items()))


def locked() -> dict[str, str]:
    """What the lock file pins."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for line in lines if (match := re.fullmatch(r"([\w.-]+)==(\S+)", line))}


def main() -> None:
    LOCK.write_text(HEAD + "".join(f"{name}=={version}\n" for name, version in pins().items()), encoding="utf-8")


if __name__ == "__main__":
    main()
