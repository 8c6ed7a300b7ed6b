"""Acts: the page of the judge: what it was made of, its figures, two judges on the same code."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.dashboard import figures
from bot.dashboard.figures import Bin, Quality
from bot.dashboard.web import Board, signed_in, viewer
from judge import reliability
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
    """How one judge did on the labelled code of the repositories that a person may see.

    pairs  fingerprint -> stated P(correct) and label
    """

    model: str
    pairs: dict[str, tuple[float, int]]

    def on(self, fingerprints: Iterable[str]) -> list[tuple[float, int]]:
        """The pairs of some of the code."""
        return [self.pairs[one] for one in sorted(fingerprints)]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two judges on the code that both of them met."""

    first: Met
    second: Met

    @property
    def both(self) -> set[str]:
        """Fingerprints of that code."""
        return self.first.pairs.keys() & self.second.pairs.keys()

    @property
    def quality(self) -> list[tuple[str, Quality]]:
        """How either did on it."""
        pair = (self.first, self.second)
        return [(one.model, figures.quality(one.on(self.both))) for one in pair]

    @property
    def curves(self) -> list[tuple[str, list[Bin]]]:
        """What either stated, against what turned out."""
        pair = (self.first, self.second)
        return [(one.model, figures.reliability(one.on(self.both))) for one in pair]


def add_judge(blueprint: Blueprint, board: Board) -> None:
    """Add the page of the judge."""

    @blueprint.get("/judge")
    @signed_in
    def judge() -> ResponseReturnValue:
        met = _met(board)
        return render_template(
            "judge.html",
            made=_made(ADAPTERS),
            reports=_reports(board.settings.home / "evaluations"),
            met=[(one.model, figures.quality(one.on(one.pairs))) for one in met],
            bins=figures.reliability(met[0].on(met[0].pairs)) if met else [],
            compared=_compared(met, request.args.get("first"), request.args.get("second")),
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
    pairs: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
    for seen in learning.seen(board.engine, right.keys()):
        pairs[seen.model][seen.fingerprint] = seen.p, right[seen.fingerprint]
    found = [Met(model, of) for model, of in pairs.items()]
    return sorted(found, key=lambda one: (-len(one.pairs), one.model))


def _compared(met: Sequence[Met], first: str | None, second: str | None) -> Compared | None:
    """The two judges that were asked for, else the two that met most; None where there is one."""
    by_name = {one.model: one for one in met}
    asked = [by_name[name] for name in (first, second) if name in by_name]
    pair = [*asked, *(one for one in met if one not in asked)][:2]
    return Compared(*pair) if len(pair) == 2 else None


def _made(folder: Path) -> list[tuple[Made, list[Bin], str]]:
    """What each shipped judge is made of, its measured reliability, and on which rows that was."""
    found = []
    for path in sorted(folder.glob("*/judge.json")):
        made, measured = _read(Made, path), _measured(path.with_name(reliability.FILE))
        if made is not None:
            bins = figures.measured(measured.bins) if measured else []
            found.append((made, bins, measured.rows if measured else ""))
    return found


def _measured(path: Path) -> reliability.Reliability | None:
    try:
        return reliability.parse(path.read_text(encoding="utf-8"))
    except OSError:
        return None


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
