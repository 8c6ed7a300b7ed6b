"""Draw the pictures of a study's page. Acts: writes PNG files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from judge.evaluate.metrics import METRICS
from judge.evaluate.pictures import DOTS
from judge.study.figures import Result
from judge.study.front import QUALITIES, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from judge.evaluate.intervals import Figure

SIZE = (8.0, 5.0)  # inches
WIDE = (11.0, 5.0)
LEAST_SECONDS = 1e-3  # of a logarithmic axis; what takes less stands at its left end


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


def draw_front(results: Mapping[str, Result], title: str, target: Path) -> None:
    """Write quality against CPU-seconds, and the front as a line, to `target`. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    target.parent.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=WIDE, dpi=DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, quality in zip(figure.subplots(1, len(QUALITIES)), QUALITIES, strict=True):
        _front(axes, results, quality)
    figure.suptitle(title, parse_math=False)
    figure.savefig(target, metadata={"Software": None})


def _front(axes: Axes, results: Mapping[str, Result], quality: str) -> None:
    found = [(max(one.cpu_seconds, LEAST_SECONDS), one) for one in places(results, quality)]
    for seconds, one in found:
        shade = "tab:red" if one.on_front else "tab:gray"
        axes.scatter([seconds], [one.quality], color=shade, zorder=3)
        note = axes.annotate(
            one.name, (seconds, one.quality), xytext=(4, 4), textcoords="offset points"
        )
        note.set(fontsize=7, parse_math=False)
    front = [(seconds, one.quality) for seconds, one in found if one.on_front]
    if front:
        seconds_on_it, qualities = zip(*front, strict=True)
        axes.step(seconds_on_it, qualities, where="post", color="tab:red", alpha=0.5)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set(xlabel="CPU-seconds for 1,000 candidates", ylabel=METRICS[quality].title)


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
