"""The program as other tools install it: one command `dramatis`, one folder, no module of ours among other packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT

WAYS = {
    "pipx": [sys.executable, "-m", "pipx", "install", str(ROOT)],
    "uv": [sys.executable, "-m", "uv", "tool", "install", str(ROOT)],
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_an_installed_program_makes_a_persona_and_leaves_other_names_alone(tmp_path: Path, way: str) -> None:
    tools, commands = tmp_path / "tools", tmp_path / "bin"
    places = {
        "PIPX_HOME": str(tools),
        "PIPX_BIN_DIR": str(commands),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_TOOL_DIR": str(tools),
        "UV_TOOL_BIN_DIR": str(commands),
        "UV_PYTHON": sys.executable,
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    run(WAYS[way], tmp_path, places)
    shutil.copy(ROOT / "examples" / "portraits" / "mira.png", tmp_path)

    made = run([str(commands / "dramatis"), "--generate-persona", "--images", "mira.png", "--rehearse"], tmp_path, {})

    assert made.stdout.split() == ["personas/mira.json"]
    [python] = tools.rglob("bin/python")
    names = "import importlib.util as u; print(u.find_spec('config'), u.find_spec('torch'))"
    alone = run([str(python), "-c", names], tmp_path, {})
    assert alone.stdout.split() == ["None", "None"]


def run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done
