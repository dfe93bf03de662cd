"""Whole commands, as a user types them, in a process of their own and without the user's own settings."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_OURS = ("OPENAI_", "TEXT_MODEL", "VISION_MODEL", "MAX_CONCURRENT", "IMAGE_", "REQUEST_TIMEOUT", "HF_", "CUDA_", "UI_")


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        value: dict[str, Any] = json.loads(self.out)
        return value


async def command(
    *arguments: object,
    cwd: Path = ROOT,
    started: Callable[[asyncio.subprocess.Process], None] = lambda process: None,
    seconds: float = 120,
    environment: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Done:
    """Run the `main.py` in `root` with these arguments and, besides what is not the program's own, these variables."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(root / "main.py"),
        *map(str, arguments),
        cwd=cwd,
        env=given | {"OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"} | dict(environment or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    started(process)
    try:
        out, err = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Done(process.returncode or 0, out.decode(), err.decode())
