from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from bot.dashboard import figures
from judge.evaluate.metrics import expected_calibration_error
from judge.reliability import Bin as Measured
from worker.feedback import RIGHT, WRONG, Label, Signal
from worker.store.pages import ReviewLine
from worker.types import State

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # a Wednesday


def line(number: int, at: datetime) -> ReviewLine:
    return ReviewLine(
        number, "github", "octo/hello", 7, "a" * 40, State.PUBLISHED, "passed", "t", "",
        at, at, 1.0, 2.0, None, judged=2, snippets=3, code_skipped=4,
    )  # fmt: skip


def label(author: str, value: int, weight: float) -> Label:
    return Label("a" * 16, author, value, weight, Signal.ACCEPTED, is_own=False)


def test_quality_agrees_with_independent_implementations() -> None:
    chance = np.random.default_rng(3)
    p = chance.random(500).round(2)
    y = (chance.random(500) < p**2).astype(int)
    found = figures.quality(list(zip(p.tolist(), y.tolist(), strict=True)))
    assert found.auc == pytest.approx(roc_auc_score(y, p))
    assert found.brier == pytest.approx(brier_score_loss(y, p))
    assert found.ece == pytest.approx(expected_calibration_error(p, y, bins=10))


def test_without_labels_there_are_no_figures() -> None:
    assert figures.quality([]) == figures.Quality(0, 0, None, None, None)


def test_one_class_alone_has_no_ranking() -> None:
    assert figures.quality([(0.2, 1), (0.9, 1)]).auc is None


def test_the_heavier_side_decides_and_a_draw_decides_nothing() -> None:
    assert figures.majority([label("a", WRONG, 1.0), label("b", RIGHT, 0.5)]) == {"a" * 16: WRONG}
    assert figures.majority([label("a", WRONG, 1.0), label("b", RIGHT, 1.0)]) == {}


def test_weeks_begin_on_monday_and_empty_ones_are_kept() -> None:
    lines = [line(1, NOW), line(2, NOW - timedelta(weeks=3)), line(3, NOW - timedelta(weeks=40))]
    found = figures.weeks(lines, [(NOW, WRONG), (NOW, RIGHT), (NOW, WRONG)], now=NOW)
    assert len(found) == figures.WEEKS
    assert found[-1].start == datetime(2026, 3, 2, tzinfo=UTC)
    assert [week.reviews for week in found][-4:] == [1, 0, 0, 1]
    newest = found[-1]
    assert (newest.judged, newest.abstained, newest.skipped) == (2, 1, 4)
    assert (newest.tally.confirmed, newest.tally.refuted) == (2, 1)
    assert newest.seconds == (1.0, 2.0, 0.0)


def test_what_was_measured_of_a_judge_gets_its_interval() -> None:
    (bin,) = figures.measured([Measured(stated=0.2, seen=0.25, n=40)])
    assert (bin.stated, bin.observed, bin.n) == (0.2, 0.25, 40)
    assert 0 < bin.low < 0.25 < bin.high < 1
