"""The list of modules in docs/ARCHITECTURE.md: `python -m tests.module_list` writes it anew from their docstrings."""

from __future__ import annotations

import ast
import re
from itertools import groupby

from tests.house import ROOT, Module, modules

PAGE = ROOT / "docs" / "ARCHITECTURE.md"
BEGIN, END = "<!-- modules -->\n", "<!-- end of modules -->\n"


def first_sentence(module: Module) -> str:
    """What a module says it does, without its full stop."""
    text = " ".join((ast.get_docstring(module.tree) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[^.])\.(?:\s|$)", text)[0].rstrip(".:")


def module_list() -> str:
    """One line for each module, a heading for each folder."""
    there = [one for one in modules() if one.path.name != "__init__.py"]
    parts = [BEGIN]
    for folder, files in groupby(sorted(there, key=lambda one: (one.folder, one.name)), key=lambda one: one.folder):
        parts.append(f"\n**{folder.replace('.', '/') + '/' if folder else 'the root'}**\n\n")
        parts += [f"- `{one.path.name}`: {first_sentence(one)}\n" for one in files]
    return "".join([*parts, "\n", END])


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + module_list() + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
