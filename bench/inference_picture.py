"""Draw the report of bench/inference.py. Acts: writes one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (10.0, 4.2)  # inches
COLOURS = ("tab:blue", "tab:orange")


def draw(report: Mapping, path: Path) -> None:  # type: ignore[type-arg]
    """Candidates a second by way and set; and where they were measured, the curves of growth."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    growth = report.get("growth")
    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"{report['model']}, commit {report['commit']}\n{report['machine']}", fontsize=9
    )
    axes = figure.subplots(1, 2 if growth else 1, squeeze=False)[0]
    _bars(axes[0], report["sets"])
    if growth:
        _curves(axes[1], growth)
    figure.savefig(path)


def _bars(axes: Axes, sets: Mapping) -> None:  # type: ignore[type-arg]
    height = 0.8 / len(sets)
    for number, (name, found) in enumerate(sets.items()):
        measured = {way: one for way, one in found["ways"].items() if not one.get("absent")}
        places = [index + number * height for index in range(len(measured))]
        speeds = [one["candidates_per_s"] for one in measured.values()]
        bars = axes.barh(places, speeds, height, label=name, color=COLOURS[number])
        axes.bar_label(bars, fmt="%.2f", padding=3)
        axes.set_yticks([index + height / 2 for index in range(len(measured))], list(measured))
    axes.invert_yaxis()
    axes.set(xlabel="candidates a second", title="The same rows, one way after the other")
    axes.legend()


def _curves(axes: Axes, growth: Mapping) -> None:  # type: ignore[type-arg]
    for (name, curve), colour in zip(growth.items(), COLOURS, strict=True):
        sizes, seconds = zip(*curve["seconds"], strict=True) if curve["seconds"] else ((), ())
        k = curve["exponent"]
        said = name if k is None else f"{name}, exponent {k:.2f}"
        axes.loglog(sizes, seconds, marker="o", color=colour, label=said)
    axes.set(xlabel="candidates, or tokens of one", ylabel="seconds", title="Growth")
    axes.legend()
