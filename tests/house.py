"""How the house is built, as data, and what a checkout breaks of it: layers, circles, sizes, names.

`LAYERS` is the only list of packages and root modules: pyproject.toml, the README's tree and the message catalogue
are checked against it. Each function takes the root of a checkout and returns sentences, so that it can be shown to
find what it looks for.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = (
    {"main"},
    {"cli"},
    {"pipeline"},
    {"gallery"},
    {"images"},
    {"tweets"},
    {"calendars"},
    {"persona"},
    {"llm"},
    {"config", "labels"},
    {"progress"},
    {"settings"},
    {"files", "fan_out"},
    {"errors", "values", "sentences", "rehearsal"},
)
MEMBERS = frozenset().union(*LAYERS)
STAGES = {"persona", "calendars", "tweets", "images", "gallery"}
# What a later stage may use of an earlier one: its schema and its pure checks.
OPEN_TO_LATER_STAGES = {"schema", "facts", "rules"}
MOST_MODULES = 16  # of a folder, without its __init__.py
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
MEANINGLESS = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


@dataclass(frozen=True)
class Module:
    """One file of the program. `name`: dotted, a package by its folder."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def top(self) -> str:
        return self.name.split(".")[0]

    @property
    def folder(self) -> str:
        return self.name.rpartition(".")[0] if self.path.name != "__init__.py" else self.name

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every module that the file imports, also inside functions and for types alone, with the line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield name.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                module = node.module or ""
                yield ("." * node.level) + module, node.lineno
                for name in node.names:
                    yield f"{module}.{name.name}", node.lineno


@lru_cache
def modules(root: Path = ROOT) -> tuple[Module, ...]:
    """Every module of the program below `root`: those at the root, and those of the packages there."""
    found = [*root.glob("*.py")]
    for folder in sorted(root.iterdir()):
        if folder.name in MEMBERS or ((folder / "__init__.py").exists() and folder.name not in OUTSIDE):
            found += folder.rglob("*.py")
    return tuple(Module(_name(path, root), path) for path in sorted(found))


# Packages of the checkout that are not the program.
OUTSIDE = {"tests", "benchmarks", "examples", "install"}


def strangers(root: Path) -> Iterator[str]:
    """Root modules and packages that no layer names, and layers that are not there."""
    there = {module.top for module in modules(root)}
    yield from (f"{name} is in no layer" for name in sorted(there - MEMBERS))
    yield from (f"{name} is in the layers and not in the checkout" for name in sorted(MEMBERS - there))


def upward_imports(root: Path) -> Iterator[str]:
    """Imports that point up, and uses of an earlier stage beyond its schema and its pure checks."""
    for module in modules(root):
        mine = _layer(module.top)
        for name, line in module.imports():
            where = f"{module.name}:{line}"
            if name.startswith("."):
                yield f"{where} has a relative import"
                continue
            other, *rest = name.split(".")
            if other not in MEMBERS or other == module.top or mine is None:
                continue
            if (_layer(other) or 0) <= mine:
                yield f"{where} imports {name}, which is not below it"
            if {module.top, other} <= STAGES and rest and rest[0] not in OPEN_TO_LATER_STAGES:
                yield f"{where} imports {name}; stages meet in schema alone"


def circles(root: Path) -> Iterator[str]:
    """Circles between modules, between packages, and between the parts of one package; lazy imports count."""
    known = {module.name for module in modules(root)}
    pairs = {
        (module.name, name) for module in modules(root) for name, _ in module.imports() if name in known - {module.name}
    }
    packages = {module.name for module in modules(root) if module.path.name == "__init__.py"}
    files = {(one, other) for one, other in pairs if other not in packages}
    yield from _circle("modules", files)
    yield from _circle("packages", {(one.split(".")[0], other.split(".")[0]) for one, other in files})
    parts = {(_part(one, packages), _part(other, packages)) for one, other in files}
    yield from _circle("parts of a package", {(one, other) for one, other in parts if one and other})


def _part(name: str, packages: Iterable[str]) -> str:
    """The sub-package that a module is in, or the module itself where it is directly in a package."""
    folder = name.rpartition(".")[0]
    return folder if folder in packages and "." in folder else name


def doubled_classes(root: Path) -> Iterator[str]:
    """Class names that are defined in more than one file: one word has one meaning."""
    places: dict[str, set[str]] = defaultdict(set)
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].add(module.name)
    for name, where in sorted(places.items()):
        if len(where) > 1:
            yield f"{name} is a class in {' and '.join(sorted(where))}"


def sizes(root: Path) -> Iterator[str]:
    """Folders, files and functions that are too large to find one's way in."""
    folders: dict[str, int] = defaultdict(int)
    for module in modules(root):
        if module.path.name != "__init__.py":
            folders[module.folder] += 1
        if len(module.path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE:
            yield f"{module.name} has more than {LONGEST_FILE} lines"
        for function in module.functions():
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{module.name}: {function.name} has {length} lines"
    for folder, number in folders.items():
        if number > MOST_MODULES:
            yield f"{folder or 'the root'} has {number} modules, more than {MOST_MODULES}"


def names(root: Path) -> Iterator[str]:
    """Modules whose name says nothing, and modules that do not say what they do."""
    for module in modules(root):
        if MEANINGLESS & set(re.split(r"[_.]", module.name)):
            yield f"{module.name} is named after nothing"
        if not ast.get_docstring(module.tree):
            yield f"{module.name} has no docstring"


def _layer(top: str) -> int | None:
    return next((number for number, layer in enumerate(LAYERS) if top in layer), None)


def _name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _circle(kind: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    graph: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        if one != other:
            graph[one].add(other)
    found = _first_circle(graph)
    if found:
        yield f"{kind} in a circle: {' -> '.join(found)}"


def _first_circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
