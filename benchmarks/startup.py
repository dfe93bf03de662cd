"""How long `main.py --help` takes, beside the bare interpreter: `python -m benchmarks.startup`.

Pairs of runs in turn, so that a machine that slows down slows both; the median of the ratios is the figure.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAIRS = 15
LIMIT = 4.0


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    seconds("main.py", "--help")
    pairs = [(seconds("main.py", "--help"), seconds("-c", "pass")) for _ in range(PAIRS)]
    ratios = sorted(help_time / bare for help_time, bare in pairs)
    print(f"main.py --help   {statistics.median(pair[0] for pair in pairs) * 1000:6.0f} ms")
    print(f"python -c pass   {statistics.median(pair[1] for pair in pairs) * 1000:6.0f} ms")
    print(f"ratio            {statistics.median(ratios):6.2f}  (lowest {ratios[0]:.2f}, highest {ratios[-1]:.2f})")
    print(f"to reach         {LIMIT:6.2f}")


if __name__ == "__main__":
    main()
