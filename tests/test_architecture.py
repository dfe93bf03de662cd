"""The rules of the house, read from the source itself: who may import whom, what a file may hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("persona", "calendars", "tweets", "images", "gallery", "llm", "telling", "estimate")
FILES = sorted(
    path
    for path in [*ROOT.glob("*.py"), *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))]
    if path.is_file()
)
LAYERS = (
    {"main"},
    {"flags", "modes"},
    {"combinations"},
    {"pipeline", "estimate", "doctor", "signpost"},
    {"review"},
    {"cast", "feed", "exhibits", "exports", "painting", "verify"},
    {"run"},
    {"opening", "closing"},
    {"gallery"},
    {"images"},
    {"tweets"},
    {"calendars"},
    {"persona"},
    {"llm"},
    {"flow"},
    {"telling"},
    {"config"},
    {"settings"},
    {"files"},
    {"values", "labels"},
    {"errors"},
)
# What a later stage may use of an earlier one: its schema and its pure checks.
OPEN_TO_LATER_STAGES = {"schema", "facts", "rules"}
STAGES = {"persona", "calendars", "tweets", "images", "gallery"}
HEAVY = ("pydantic", "openai", "httpx2", "torch", "diffusers", "transformers", "PIL", "tqdm", "holidays")
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> int | None:
    top = module.split(".")[0]
    return next((number for number, layer in enumerate(LAYERS) if top in layer), None)


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that the file imports, also inside functions, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: a relative import"
            yield node.module or "", node.lineno


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    own = name_of(path)
    mine = layer_of(own)
    assert mine is not None, f"{own} has no place in the layers"
    for module, line in imports_of(path):
        other = layer_of(module)
        if other is None or module.split(".")[0] == own.split(".")[0]:
            continue
        assert other > mine, f"{own}:{line} imports {module}, which stands above it"
        if own.split(".")[0] in STAGES and module.split(".")[0] in STAGES:
            part = module.split(".")[1] if "." in module else ""
            assert part in OPEN_TO_LATER_STAGES, f"{own}:{line} imports {module}; stages meet in schema.py alone"


def test_torch_is_imported_in_one_file() -> None:
    users = {
        name_of(path)
        for path in FILES
        for module, _ in imports_of(path)
        if module.split(".")[0] in {"torch", "diffusers", "transformers", "accelerate", "safetensors"}
    }
    assert users <= {"images.painter"}


def test_the_environment_is_read_in_one_file() -> None:
    readers = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"}:
                readers.add(name_of(path))
            if isinstance(node, ast.Name) and node.id in {"environ", "getenv", "dotenv_values", "load_dotenv"}:
                readers.add(name_of(path))
    assert readers == {"config"}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE, f"{name_of(path)} is too long"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{name_of(path)}: {node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_does(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{name_of(path)} has no docstring"


def test_no_file_is_named_after_nothing() -> None:
    words = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    assert not [name_of(path) for path in FILES if words & set(path.stem.split("_"))]


def test_nothing_exits_but_main() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "exit" and isinstance(node.value, ast.Name):
                allowed = node.value.id != "sys" or name_of(path) in {"main", "images.worker"}
                assert allowed, f"{name_of(path)}:{node.lineno} exits"


def test_importing_a_module_has_no_effect(tmp_path: Path) -> None:
    modules = [name_of(path) for path in FILES if name_of(path) not in {"images.painter"}]
    code = (
        "import sys, importlib\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "sys.dont_write_bytecode = True\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "heavy = {'torch', 'diffusers', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, main\n"
        "try: main.main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_the_example_settings_are_those_of_the_program() -> None:
    import config

    assert (ROOT / ".env.example").read_text(encoding="utf-8") == config.env_example()
