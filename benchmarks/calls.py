"""Every figure of the table, beside the computed ideal and the plain openai client: `python -m benchmarks.calls`.

Each row starts its own endpoint, and every client runs in a process of its own. `--quick` does a small part of each
row: that shows that it runs, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import rows_cast, rows_chain, rows_client, rows_limits, table

ROWS = rows_limits.ROWS | rows_client.ROWS | rows_cast.ROWS | rows_chain.ROWS


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the calls to the language model.")
    parser.add_argument("--rows", default="all", help=f"some of {','.join(ROWS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a small part of each row")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    given = parser.parse_args()
    names = list(ROWS) if given.rows == "all" else given.rows.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    figures = []
    print(table.head(), flush=True)
    for name in names:
        for figure in ROWS[name](quick=given.quick):
            figures.append(figure)
            print(table.line(figure.cells(judged=not given.quick)), flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1), encoding="utf-8")
    missed = [figure.row for figure in figures if not figure.reached]
    if missed and not given.quick:
        print(f"\nmissed: {', '.join(missed)}", file=sys.stderr)


if __name__ == "__main__":
    main()
