"""The rules of the house, read from the source itself: who may import whom, what a file may hold."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import house, module_list
from tests.house import LAYERS, MEMBERS, ROOT, modules

RULES = [house.strangers, house.upward_imports, house.circles, house.doubled_classes, house.sizes, house.names]
TORCH = {"torch", "diffusers", "transformers", "accelerate", "safetensors"}
HEAVY = ("pydantic", "openai", "httpx2", "torch", "diffusers", "transformers", "PIL", "tqdm", "holidays")


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps(rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(ROOT)) == []


def built(root: Path, **texts: str) -> Path:
    """A small checkout: each text by its path, dots for slashes."""
    for name, text in texts.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(f'"""."""\n{text}\n', encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("rule", "texts", "sentence"),
    [
        (house.upward_imports, {"llm__a": "import tweets.b", "tweets__b": ""}, "llm.a:2 imports tweets.b"),
        (house.upward_imports, {"llm__a": "from . import b"}, "llm.a:2 has a relative import"),
        (house.upward_imports, {"tweets__a": "from persona import b"}, "stages meet in schema alone"),
        (house.circles, {"llm__a": "import llm.b", "llm__b": "def f():\n    import llm.a"}, "modules in a circle"),
        (
            house.circles,
            {"llm__a": "import tweets.b", "tweets__b": "", "tweets__c": "import llm.d", "llm__d": ""},
            "packages in a",
        ),
        (
            house.circles,
            {"llm__x__a": "from llm.y import b", "llm__y__b": "", "llm__y__c": "import llm.x.d", "llm__x__d": ""},
            "parts of a package in a circle",
        ),
        (house.doubled_classes, {"llm__a": "class Slot: ...", "tweets__b": "class _Slot: ..."}, "Slot is a class in"),
        (house.strangers, {"attic__a": ""}, "attic is in no layer"),
        (house.strangers, {"stray": ""}, "stray is in no layer"),
        (house.sizes, {f"llm__m{number}": "" for number in range(17)}, "llm has 17 modules"),
        (house.sizes, {"llm__a": "#\n" * 300}, "llm.a has more than 300 lines"),
        (house.sizes, {"llm__a": "def f():\n" + "    1\n" * 50}, "llm.a: f has 51 lines"),
        (house.names, {"llm__utils": ""}, "llm.utils is named after nothing"),
    ],
)
def test_a_rule_finds_what_breaks_it(
    tmp_path: Path, rule: Callable[[Path], Iterator[str]], texts: dict[str, str], sentence: str
) -> None:
    assert sentence in "\n".join(rule(built(tmp_path, **texts)))


def test_the_layers_are_the_only_list_of_packages() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ours = set(settings["tool"]["ruff"]["lint"]["isort"]["known-first-party"])
    assert ours == MEMBERS - {"main"} | house.OUTSIDE
    assert sum(map(len, LAYERS)) == len(MEMBERS)


def test_torch_is_imported_in_one_file() -> None:
    users = {one.name for one in modules() for name, _ in one.imports() if name.split(".")[0] in TORCH}
    assert users <= {"images.worker.painter"}


def test_the_environment_is_read_in_one_file() -> None:
    readers = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"}:
                readers.add(module.name)
            if isinstance(node, ast.Name) and node.id in {"environ", "getenv", "dotenv_values", "load_dotenv"}:
                readers.add(module.name)
    assert readers == {"config"}


def test_nothing_exits_but_main() -> None:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == "exit" and isinstance(node.value, ast.Name):
                allowed = node.value.id != "sys" or module.name in {"main", "images.worker.__main__"}
                assert allowed, f"{module.name}:{node.lineno} exits"


def test_importing_a_module_has_no_effect(tmp_path: Path) -> None:
    names = [one.name for one in modules() if one.name != "images.worker.painter"]
    code = (
        "import sys, importlib\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "sys.dont_write_bytecode = True\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
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


def test_the_list_of_modules_is_that_of_their_docstrings() -> None:
    page = module_list.PAGE.read_text(encoding="utf-8")
    assert module_list.module_list() in page, "python -m tests.module_list writes it anew"
