"""The gate's limit and the calls in flight over time, drawn for two rows: `python -m benchmarks.plot_gate`.

Writes docs/gate-b.png (an announced rate) and docs/gate-q.png (a server that queues).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

from benchmarks.processes import ROOT, asked, endpoint

matplotlib.use("Agg")
from matplotlib import pyplot

LIMIT, IN_FLIGHT, HELP = "#b3541e", "#1f6f8b", "#777777"


def draw(result: dict[str, Any], title: str, ceiling: int, good: float, good_means: str, path: Path) -> None:
    """One picture. `good`: the calls in flight that would be just enough."""
    begin = result["limit"][0][0]
    times, flights = zip(*((at - begin, number) for at, number in result["in_flight"]), strict=True)
    end = times[-1]
    steps = [(at - begin, limit) for at, limit, _ in result["limit"]]
    changes, limits = zip(*steps, (end, steps[-1][1]), strict=True)
    figure, axes = pyplot.subplots(figsize=(8, 3.6), dpi=110, layout="constrained")
    axes.axhline(ceiling, color=HELP, linewidth=0.8, linestyle="--")
    axes.text(end, ceiling, "the ceiling ", color=HELP, fontsize=9, ha="right", va="bottom")
    axes.axhline(good, color=HELP, linewidth=0.8, linestyle=":")
    axes.annotate(
        good_means,
        (0.6 * end, good),
        (0.6 * end, good + 0.2 * ceiling),
        color=HELP,
        fontsize=9,
        ha="center",
        arrowprops={"arrowstyle": "-", "color": HELP, "linewidth": 0.8},
    )
    axes.fill_between(times, flights, color=IN_FLIGHT, alpha=0.35, step="post", linewidth=0, label="calls in flight")
    axes.step(changes, limits, where="post", color=LIMIT, linewidth=1.8, label="the gate's limit")
    axes.set_title(title, fontsize=11, loc="left")
    axes.set_xlabel("time since the first call (seconds)")
    axes.set_ylabel("calls")
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.14 * max(ceiling, *limits))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.88), fontsize=9, ncols=2)
    figure.savefig(path, facecolor="white")
    pyplot.close(figure)


def main() -> None:
    with endpoint("B") as server:
        draw(
            asked(server, "ours", 600, 50, "--history"),
            "B: 600 calls of 0.3 s, ceiling 50; the server announces 20 calls a second",
            50,
            6,
            "20 a second for 0.3 s: 6 in flight",
            ROOT / "docs" / "gate-b.png",
        )
    with endpoint("Q") as server:
        draw(
            asked(server, "ours", 1000, 200, "--history"),
            "Q: 1000 calls of 0.3 s, ceiling 200; the server has 16 places and queues the rest",
            200,
            16,
            "16 places",
            ROOT / "docs" / "gate-q.png",
        )


if __name__ == "__main__":
    main()
