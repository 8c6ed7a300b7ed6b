"""Acts: the page of the judge: what it was made of, its figures, judges side by side."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.dashboard import charts, figures
from bot.dashboard.figures import Quality
from bot.dashboard.web import Board, signed_in, viewer
from worker.feedback import labels
from worker.store import feedback, learning

ADAPTERS = Path(__file__).parents[2] / "judge" / "adapters"
MOST_REPORTS = 10
SAMPLED = 1_000  # newest signals that judges are compared on
Kind = TypeVar("Kind", bound=BaseModel)


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Calibrated(_File):
    """One calibration of a judge."""

    slope: float
    intercept: float
    base_rate: float
    n: int


class Made(_File):
    """What a judge is made of: the file `judge.json` beside its head."""

    model: str
    prompt_version: str = ""
    languages: list[str] = []
    signals: list[str] = []
    calibrations: dict[str, Calibrated] = {}
    data_sha256: str = ""
    head_sha256: str = ""
    model_sha256: str = ""


class Figure(_File):
    """One figure of an evaluation, with its interval where it has one."""

    value: float | None = None
    interval: tuple[float, float] | None = None
    n: int = 0
    unit: str = "rows"
    reason: str = ""


class Report(_File):
    """What `gavel evaluate --json` wrote."""

    file: str = ""
    model: str = ""
    n_rows: int = 0
    n_tasks: int = 0
    metrics: dict[str, Figure] = {}


@dataclass(frozen=True, slots=True)
class Met:
    """How one judge did on the labelled code of the repositories that a person may see."""

    model: str
    quality: Quality
    pairs: list[tuple[float, int]]


def add_judge(blueprint: Blueprint, board: Board) -> None:
    """Add the page of the judge."""

    @blueprint.get("/judge")
    @signed_in
    def judge() -> ResponseReturnValue:
        met = _met(board)
        bins = figures.reliability(met[0].pairs) if met else []
        return render_template(
            "judge.html",
            made=_made(ADAPTERS),
            reports=_reports(board.settings.home / "evaluations"),
            met=met,
            chart=charts.reliability(bins, name="Reliability on this team's own code"),
            bins=bins,
        )


def _met(board: Board) -> list[Met]:
    """Every judge that met labelled code, the one with most of it first."""
    newest = feedback.page(board.engine, before=None, limit=SAMPLED)[::-1]
    given = [
        one.given
        for one in newest
        if not one.undone_by and viewer().may_see(one.given.forge, one.given.repo)
    ]
    right = figures.majority(labels(given))
    pairs: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for seen in learning.seen(board.engine, right.keys()):
        pairs[seen.model].append((seen.p, right[seen.fingerprint]))
    found = [Met(model, figures.quality(of), of) for model, of in pairs.items()]
    return sorted(found, key=lambda one: (-one.quality.n, one.model))


def _made(folder: Path) -> list[Made]:
    found = (_read(Made, path) for path in sorted(folder.glob("*/judge.json")))
    return [one for one in found if one is not None]


def _reports(folder: Path) -> list[tuple[str, Report]]:
    """The newest reports that somebody put into the home's folder `evaluations`."""
    paths: Sequence[Path] = sorted(folder.glob("*.json")) if folder.is_dir() else ()
    found = ((path.stem, _read(Report, path)) for path in paths[-MOST_REPORTS:])
    return [(name, one) for name, one in found if one is not None and one.metrics]


def _read(kind: type[Kind], path: Path) -> Kind | None:
    """The file as `kind`, or None where it is something else."""
    try:
        told: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return kind.model_validate(told)
    except (OSError, ValueError, ValidationError):
        return None
