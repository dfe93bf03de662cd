"""Every figure about pictures, beside the computed ideal: `python -m benchmarks.pictures`.

Worker processes as they are, with engines of known step time in the place of GPUs, and a real pipeline in miniature.
`--quick` does a small part of each row: that shows that it runs, and judges nothing.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import rows_pipeline, rows_pool, table
from benchmarks.pictures_table import HEAD

ROWS = rows_pool.ROWS | rows_pipeline.ROWS


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the making of pictures.")
    parser.add_argument("--rows", default="all", help=f"some of {','.join(ROWS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a small part of each row")
    given = parser.parse_args()
    names = list(ROWS) if given.rows == "all" else given.rows.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    print(table.line(HEAD))
    print(table.line(["---"] * len(HEAD)), flush=True)
    missed = []
    for name in names:
        for figure in ROWS[name](given.quick):
            print(table.line(figure.cells(judged=not given.quick)), flush=True)
            missed += [] if figure.reached else [figure.row]
    if missed and not given.quick:
        print(f"\nmissed: {', '.join(missed)}", file=sys.stderr)


if __name__ == "__main__":
    main()
