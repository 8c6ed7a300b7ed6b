"""Tell the experiments of a study, as Markdown, and draw staged verification. Acts: PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from judge.evaluate.intervals import Figure
from judge.evaluate.metrics import METRICS
from judge.evaluate.pictures import DOTS
from judge.study.experiments import KINDS, Kept

SIZE = (8.0, 5.0)  # inches
PICTURE = "stages-{name}.png"
_TITLES = {
    **{name: metric.title for name, metric in METRICS.items()},
    "far": "share that is far",
    "auc_near": "AUC of the others",
    "auc_far": "AUC of what is far",
    "above_judge": "above the judge alone",
    "candidates_per_second": "candidates per second",
}


def told_of(experiments: Sequence[Kept]) -> str:
    """The sections of the page, or "" where nothing was measured."""
    sections = [line for one in experiments if one.lines for line in _section(one)]
    return "\n".join(["", "## Experiments", *sections]) + "\n" if sections else ""


def _section(one: Kept) -> list[str]:
    kind = KINDS[one.kind]
    names = list(one.lines[0][1])
    heads = ["", *(_TITLES.get(name, name) for name in names)]
    rows = [[label, *(_cell(figures[name]) for name in names)] for label, figures in one.lines]
    table = ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]
    lines = ["", f"### {kind.title}", "", kind.about, "", *table]
    if one.kind == "stages":
        lines += ["", f"![accuracy against throughput]({PICTURE.format(name=one.name)})"]
    return lines


def _cell(one: Figure) -> str:
    """Such as `0.712 (0.650 to 0.770), 80 tasks`."""
    if one.value is None:
        return f"– ({one.reason})" if one.reason else "–"
    between = "" if one.low is None or one.high is None else f" ({one.low:.3f} to {one.high:.3f})"
    return f"{one.value:.3f}{between}, {one.n:,} {one.unit}"


def draw_stages(experiments: Sequence[Kept], folder: Path) -> None:
    """Write a picture of each experiment of the kind `stages` into `folder`. Raises OSError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    for one in experiments:
        if one.kind != "stages" or not one.lines:
            continue
        sheet = Sheet(figsize=SIZE, dpi=DOTS, layout="constrained")
        FigureCanvasAgg(sheet)
        axes = sheet.add_subplot()
        for label, figures in one.lines:
            rate, right = figures["candidates_per_second"], figures["top1"]
            if rate.value and right.value is not None:
                (point,) = axes.plot([rate.value], [right.value], marker="o", linestyle="")
                point.set_label(label)
                if right.low is not None and right.high is not None:
                    axes.vlines(
                        rate.value, right.low, right.high, color=point.get_color(), alpha=0.3
                    )
        axes.set_xscale("log")
        axes.set(xlabel="candidates per second", ylabel="top-1", ylim=(0, 1.02))
        axes.set_title(KINDS[one.kind].title, parse_math=False)
        sheet.legend(loc="outside right upper", fontsize="small")
        sheet.savefig(folder / PICTURE.format(name=one.name), metadata={"Software": None})
