"""Draw pass@1 after ranking by the number of candidates. Acts: writes a PNG file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from judge.evaluate.pictures import DOTS
from judge.study.figures import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from judge.evaluate.intervals import Figure

SIZE = (8.0, 5.0)  # inches


def draw_curves(results: Mapping[str, Result], title: str, target: Path) -> None:
    """Write the curve of each system, with its 95 % interval, to `target`. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    target.parent.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, one in results.items():
        _line(axes, name, one.curve)
    sizes = sorted({size for one in results.values() for size in one.curve})
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set(xlabel="candidates per task", ylabel="pass@1 after ranking", ylim=(0, 1.02))
    axes.set_title(title, parse_math=False)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(target, metadata={"Software": None})


def _line(axes: Axes, name: str, curve: Mapping[int, Figure]) -> None:
    known = {size: one.value for size, one in curve.items() if one.value is not None}
    (line,) = axes.plot(list(known), list(known.values()), marker="o")
    line.set_label(name)
    ranged = [
        (size, one.low, one.high)
        for size, one in curve.items()
        if one.low is not None and one.high is not None
    ]
    if ranged:
        sizes, low, high = zip(*ranged, strict=True)
        axes.fill_between(sizes, low, high, color=line.get_color(), alpha=0.08)
