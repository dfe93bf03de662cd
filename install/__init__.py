"""The installed program: everything of ours is in this one folder, and `dramatis` runs what `python main.py` runs.

In a wheel this file is `dramatis/__init__.py`, beside main.py and the packages. They import each other by their own
names, so the folder goes to the front of the path before the program begins; other programs never see these names.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run the command line. Returns its exit code."""
    sys.path.insert(0, str(Path(__file__).parent))
    from main import main as run

    return run()
