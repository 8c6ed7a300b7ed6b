"""Experiments on small made-up features: what is varied shows, and a run goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from judge.encode import Encoded
from judge.head import F64
from judge.model import F32
from judge.study.answers import BadAnswers
from judge.study.config import parse
from judge.study.experiments import KINDS, kept_in, run_experiment
from judge.study.experiments_config import KINDS as NAMES
from judge.study.experiments_config import ExperimentEntry, experiments_of
from judge.study.experiments_far import measure_of, threshold_of
from judge.study.experiments_fit import fitted
from judge.study.experiments_inputs import Inputs
from judge.study.experiments_page import draw_stages, told_of
from judge.study.fields import BadConfig
from judge.study.policies import POLICIES, Outcome, chosen
from judge.train.data import DataRow
from judge.train.features import Features
from judge.train.groups import Group
from judge.train.tasks import BadRow
from judge.types import Verdict

TOML = """
[[data]]
name = "a"
file = "a.jsonl"
[[systems]]
kind = "ranking"
name = "random"
[[experiments]]
kind = "loss"
train = ["t.jsonl"]
held_out = ["h.jsonl"]
"""
WIDTH = 4


def row(task: int, place: int, language: str) -> DataRow:
    names = ("source", "prompt", "code", "generator", "license")
    return DataRow(
        id=f"{language}{task}-{place}",
        task_id=f"{language}/{task}",
        language=language,
        label=place % 2,
        label_from="tests",
        **dict.fromkeys(names, "x"),
    )


class Small(Inputs):
    """Features that tell the label, with noise, without a model."""

    @cached_property
    def groups(self) -> list[Group]:
        one = Encoded((1,), (2,), ())
        return [
            Group((one,) * 4, (0, 1, 0, 1), language, f"{language}/{task}")
            for task in range(40)
            for language in ("python", "javascript")
        ]

    def features(self, groups: Sequence[Group]) -> Features:
        labels = np.array([label for group in groups for label in group.labels], dtype=np.int64)
        tasks = [group.task for group in groups for _ in group.labels]
        return Features(self._made(labels, 1), labels, tasks)

    @cached_property
    def known(self) -> list[DataRow]:
        return [
            row(t, p, lang) for lang in ("python", "cpp") for t in range(100, 110) for p in range(4)
        ]

    @cached_property
    def states(self) -> F32:
        return self._made(np.array([one.label for one in self.known], dtype=np.int64), 2)

    @staticmethod
    def _made(labels: np.ndarray, seed: int) -> F32:
        noise = np.random.default_rng(seed).normal(size=(len(labels), WIDTH))
        return (noise + 1.5 * labels[:, None]).astype(np.float32)


@pytest.fixture
def inputs(tmp_path: Path) -> Small:
    return Small("hash", [], [], tmp_path, "model", resamples=20)


def entry(kind: str) -> ExperimentEntry:
    return ExperimentEntry(kind, kind, ("t",), ("h",))


@pytest.mark.parametrize(
    ("kind", "lines"),
    [("training-size", 5), ("loss", 3), ("candidates-per-task", 7), ("languages", 6)],
)
def test_each_line_has_its_figures_with_n_and_interval(
    kind: str, lines: int, inputs: Small, tmp_path: Path
) -> None:
    run_experiment(entry(kind), inputs, tmp_path, progress=lambda *_: None)
    (kept,) = kept_in(tmp_path)
    assert (kept.kind, len(kept.lines)) == (kind, lines)
    for _, figures in kept.lines:
        auc = figures["auc"]
        assert auc.value is not None
        assert auc.low is not None
        assert auc.value > 0.6
        assert auc.n > 0
    page = told_of([kept])
    assert KINDS[kind].title in page
    assert page.count("\n| ") == lines + 2


class TwoDomains(Small):
    """Rows of puzzles and of library code; a regression on one knows the other as well."""

    @cached_property
    def known(self) -> list[DataRow]:
        found = super().known
        return found + [replace(one, id=f"l{one.id}", label_from="fix-commit") for one in found[:9]]

    def groups_of(self, label_from: Sequence[str]) -> list[Group]:
        return self.groups[: 20 * len(label_from)]


def test_what_was_learnt_on_puzzles_is_tried_on_library_code_and_the_reverse(
    tmp_path: Path,
) -> None:
    rows = [row(1, 0, "python"), replace(row(2, 0, "python"), label_from="fix-commit")]
    inputs = TwoDomains("hash", [[rows[0]], [rows[1]]], [], tmp_path, "model", resamples=20)
    run_experiment(entry("domains"), inputs, tmp_path, progress=lambda *_: None)
    (kept,) = kept_in(tmp_path)
    assert [label.partition(" (")[0] for label, _ in kept.lines] == [
        f"{learnt} → {asked}"
        for learnt in ("puzzles", "library code", "puzzles + library code")
        for asked in ("puzzles", "library code")
    ]
    assert [figures["auc"].n for _, figures in kept.lines] == [80, 9] * 3


def test_rows_unlike_those_learnt_from_are_far_and_rows_like_them_are_not() -> None:
    draw = np.random.default_rng(3)
    learnt = draw.normal(size=(400, 8)) @ np.diag([5, 4, 3, 2, 1, 1, 1, 1])
    like = draw.normal(size=(400, 8)) @ np.diag([5, 4, 3, 2, 1, 1, 1, 1])
    measure = measure_of(learnt, directions=4)
    least = threshold_of(learnt, [f"t/{at // 4}" for at in range(400)], directions=4)
    assert 0.005 < (measure.distance(like) > least).mean() < 0.15
    assert (measure.distance(like + 30 * np.eye(8)[4]) > least).all()
    assert (measure.distance(like * 3) > least).mean() > 0.5


def test_what_lies_far_is_told_with_its_figures(tmp_path: Path) -> None:
    rows = [row(1, 0, "python"), replace(row(2, 0, "python"), label_from="fix-commit")]
    inputs = TwoDomains("hash", [[rows[0]], [rows[1]]], [], tmp_path, "model", resamples=20)
    run_experiment(entry("far"), inputs, tmp_path, progress=lambda *_: None)
    (kept,) = kept_in(tmp_path)
    told = dict(kept.lines)
    assert len(told) == 4
    of_puzzles = told["puzzles → puzzles"]
    assert (of_puzzles["far"].value or 0) < 0.2
    assert (of_puzzles["auc"].n, of_puzzles["auc_near"].value) != (0, None)
    assert told["puzzles → library code"]["auc"].reason == "9 rows are too few"
    assert "| share that is far | AUC | AUC of the others |" in told_of([kept])


def test_a_run_goes_on_at_the_line_that_is_missing(inputs: Small, tmp_path: Path) -> None:
    run_experiment(entry("loss"), inputs, tmp_path, progress=lambda *_: None)
    file = tmp_path / "experiments" / "loss.jsonl"
    whole = file.read_text().splitlines(keepends=True)
    marked = whole[1].replace('"label": "pointwise"', '"label":  "pointwise"')
    file.write_text(whole[0] + marked + whole[2] + whole[3][:40])  # cut off in the last line
    run_experiment(entry("loss"), inputs, tmp_path, progress=lambda *_: None)
    assert [json.loads(line) for line in file.read_text().splitlines()] == [
        json.loads(line) for line in whole
    ]


def test_lines_of_other_inputs_are_refused(inputs: Small, tmp_path: Path) -> None:
    run_experiment(entry("loss"), inputs, tmp_path, progress=lambda *_: None)
    other = Small("other", [], [], tmp_path, "model", resamples=20)
    with pytest.raises(BadAnswers, match="other inputs"):
        run_experiment(entry("loss"), other, tmp_path, progress=lambda *_: None)


def weights_of(pointwise: float, pairwise: float, shift: float) -> F64:
    """Fitted on two tasks that differ by `shift` in the second input, whose labels differ too."""
    inputs = np.array([[0, 0], [1, 0], [0, shift], [1, shift]], dtype=np.float32)
    labels = np.array([0, 1, 1, 1])
    return fitted(inputs, labels, [2, 2], pointwise=pointwise, pairwise=pairwise, strength=1.0)


def test_the_pairwise_loss_learns_nothing_of_one_task_against_another() -> None:
    alone, both = weights_of(0.0, 1.0, 3.0), weights_of(1.0, 0.0, 3.0)
    assert alone[0] > 0.1
    assert alone[1] == pytest.approx(0.0, abs=1e-6)
    assert both[1] > 0.1


class WithoutExamples(Small):
    """No prompt shows an example, so no candidate is asked about one."""

    known: list[DataRow] = []  # noqa: RUF012
    judged: list[Verdict] = []  # noqa: RUF012


def test_rows_whose_prompts_show_no_example_are_refused_by_name(tmp_path: Path) -> None:
    inputs = WithoutExamples("hash", [], [], tmp_path, "model", resamples=20)
    with pytest.raises(BadRow, match="shows an example"):
        run_experiment(entry("examples"), inputs, tmp_path, progress=lambda *_: None)


def test_experiments_stand_in_the_configuration_of_a_study() -> None:
    parse(TOML)
    (found,) = experiments_of(TOML)
    assert (found.name, found.kind, found.train) == ("loss", "loss", ("t.jsonl",))
    assert set(NAMES) == set(KINDS)
    for wrong, word in (
        (TOML.replace('"loss"', '"lost"'), "unknown kind"),
        (TOML.replace('held_out = ["h.jsonl"]', ""), "held_out"),
        (TOML + TOML[TOML.index("[[experiments]]") :], "same name"),
    ):
        with pytest.raises(BadConfig, match=word):
            experiments_of(wrong)


def outcome(name: str, label: int, p: float, stage: str = "", passed: int = 1) -> Outcome:
    return Outcome(
        id=name,
        task="t",
        code=name,
        label=label,
        p_correct=p,
        logit=p,
        stage=stage,
        shown=1,
        passed=passed,
        first=passed > 0,
        passes=bool(label),
        filters_s=0.001,
        examples_s=0.1,
        tests_s=1.0,
        judge_s=0.01,
    )


POOL = [
    outcome("unnamed", 0, 0.99, stage="names"),
    outcome("fails", 0, 0.9, passed=0),
    outcome("lucky", 0, 0.8),
    outcome("right", 1, 0.5),
]


@pytest.mark.parametrize(
    ("name", "best", "seconds"),
    [
        ("judge", "unnamed", 4 * 0.01),
        ("filters, judge", "fails", 4 * 0.001 + 3 * 0.01),
        ("filters, examples, judge", "lucky", 4 * 0.001 + 3 * 0.1 + 2 * 0.01),
        ("filters, examples, judge, tests on 1", "right", 4 * 0.001 + 3 * 0.1 + 2 * 0.01 + 1),
        ("first example, judge", "unnamed", 4 * 0.1 + 3 * 0.01),
        ("tests", "right", 4.0),
    ],
)
def test_a_policy_chooses_by_what_it_runs_and_costs_what_it_runs(
    name: str, best: str, seconds: float
) -> None:
    found = chosen(name, POOL)
    first = max(range(len(POOL)), key=lambda place: found.scores[place])
    assert POOL[first].id == best
    assert found.seconds == pytest.approx(seconds)


def test_without_the_judge_candidates_that_went_as_far_share_a_place() -> None:
    scores = chosen("filters, examples", POOL).scores
    assert scores[2] == scores[3] > scores[1] > scores[0]
    assert set(POLICIES) >= {"tests", "judge"}


def test_the_front_is_drawn(tmp_path: Path, inputs: Small) -> None:
    folder = tmp_path / "experiments"
    folder.mkdir()
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 3, "unit": "tasks", "reason": ""}
    line = {"label": "judge", "figures": {"top1": figure, "candidates_per_second": figure}}
    head = {"experiment": "stages", "inputs": "x"}
    (folder / "stages.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n")
    kept = kept_in(tmp_path)
    draw_stages(kept, tmp_path)
    assert (tmp_path / "stages-stages.png").read_bytes().startswith(b"\x89PNG")
    assert "stages-stages.png" in told_of(kept)
