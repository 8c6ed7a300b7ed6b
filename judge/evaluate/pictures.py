"""Draw a reliability diagram and a precision-recall curve. Acts: writes two PNG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judge.evaluate.metrics import BINS, bin_of
from judge.evaluate.sample import Sample, task_facts
from judge.evaluate.weighted import Weighted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RELIABILITY = "reliability.png"
CURVE = "precision-recall.png"
SIZE = (5.0, 5.0)  # inches
DOTS = 120  # per inch


def draw(sample: Sample, folder: Path) -> tuple[Path, Path]:
    """Write both pictures of `sample` into `folder`, and give their paths. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    for name, paint in ((RELIABILITY, _reliability), (CURVE, _curve)):
        figure = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
        FigureCanvasAgg(figure)
        paint(figure.add_subplot(), sample)
        figure.savefig(folder / name, metadata={"Software": None})
    return folder / RELIABILITY, folder / CURVE


def _reliability(axes: Axes, sample: Sample) -> None:
    """Observed against stated correctness; the area of a dot goes with the rows of its bin."""
    bins = bin_of(sample.p)
    count = np.bincount(bins, minlength=BINS)
    used = count > 0
    stated = np.bincount(bins, sample.p, minlength=BINS)[used] / count[used]
    seen = np.bincount(bins, sample.labels, minlength=BINS)[used] / count[used]
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfect")
    axes.plot(stated, seen, color="tab:blue")
    axes.scatter(stated, seen, s=400 * count[used] / count.max(), color="tab:blue", alpha=0.6)
    axes.set(
        xlabel="stated P(correct)",
        ylabel="share that is correct",
        title=f"Reliability, {len(sample):,} rows",
        xlim=(0, 1),
        ylim=(0, 1),
    )


def _curve(axes: Axes, sample: Sample) -> None:
    """Precision against recall of finding wrong code; a level line is what chance gives."""
    weighted = Weighted(sample, task_facts(sample), np.ones((1, sample.task_count)))
    precision, recall = weighted.curve
    wrong = float((sample.labels == 0).mean())
    axes.axhline(wrong, color="0.6", linestyle="--", label="at random")
    if 0 < wrong < 1:
        axes.step(recall[0], precision[0], color="tab:red", where="pre")
    axes.set(
        xlabel="recall of wrong code",
        ylabel="precision",
        title=f"Finding wrong code, {len(sample):,} rows",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
