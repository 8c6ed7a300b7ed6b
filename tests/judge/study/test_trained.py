from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from judge.study.answers import Answer, NotMeasured
from judge.study.config import BadConfig, parse
from judge.study.pool import Candidate, pool_of
from judge.study.systems import open_system, parts_of
from judge.study.trained_entry import TrainedEntry
from tests.judge.study.conftest import Saved, row

TASK = pool_of([row(number, task="t/held-out") for number in range(6)])[0]


def entry(model: Path | str, rows: Path, **more: object) -> TrainedEntry:
    given = {
        "learn": "body", "rate": 5e-3, "epochs": 8, "batch": 4, "max_tokens": 600, **more
    }  # fmt: skip
    return TrainedEntry("own", str(model), (str(rows),), **given)  # type: ignore[arg-type]


def answers(
    one: TrainedEntry, home: Path, show: Callable[[str], Callable[[int, int], None]] | None = None
) -> dict[str, list[Answer]]:
    more = {"show": show} if show else {}
    return open_system(one, home=home, cache=home, **more).answer(TASK)


def order(told: list[Answer]) -> tuple[float, float]:
    """The lowest score of right code, the highest of wrong code."""
    labels = {one.id: one.label for one in TASK}
    right = [one.score for one in told if labels[one.id]]
    return min(right), max(one.score for one in told if not labels[one.id])


@pytest.mark.parametrize(
    ("architecture", "pool"),
    [("gemma3", "mean"), ("llama", "last"), ("t5", "encoder"), ("t5", "decoder")],
)
def test_a_model_of_each_architecture_is_trained_and_judges_tasks_never_seen(
    saved: Saved, rows: Path, tmp_path: Path, architecture: str, pool: str
) -> None:
    one = entry(saved(architecture), rows, pool=pool, objectives=("rankef",))
    told = answers(one, tmp_path)["own-rankef"]
    lowest_right, highest_wrong = order(told)
    assert lowest_right > highest_wrong
    assert all(answer.tokens for answer in told)


@pytest.mark.parametrize("architecture", ["qwen2", "gemma3"])
def test_states_of_a_frozen_model_are_computed_once_for_both_objectives(
    saved: Saved, rows: Path, tmp_path: Path, architecture: str
) -> None:
    trained: list[str] = []

    def show(things: str) -> Callable[[int, int], None]:
        trained.append(things)
        return lambda done, total: None

    one = entry(saved(architecture), rows, learn="features")
    first = answers(one, tmp_path, show)
    assert trained[1:] == ["steps of own-plain", "steps of own-rankef"]
    for told in first.values():
        lowest_right, highest_wrong = order(told)
        assert lowest_right > highest_wrong
    again = answers(one, tmp_path, show)
    assert len(trained) == 3
    assert [one.score for one in again["own-plain"]] == [one.score for one in first["own-plain"]]
    assert {one.seconds for one in first["own-plain"]} == {
        one.seconds for one in first["own-rankef"]
    }


def test_a_task_that_it_was_trained_on_is_not_judged(
    saved: Saved, rows: Path, tmp_path: Path
) -> None:
    system = open_system(
        entry(saved("t5"), rows, pool="encoder", objectives=("plain",), epochs=1),
        home=tmp_path,
        cache=tmp_path,
    )
    with pytest.raises(NotMeasured, match="it was trained on t/1"):
        system.answer(pool_of([row(number, task="t/1") for number in range(2)])[0])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"train": ("/no/such/rows.jsonl",)}, "its training rows are not here: rows.jsonl"),
        ({"model": "codet5-small"}, "put the files of Salesforce/codet5-small"),
        ({"pool": "mean", "learn": "body"}, "T5"),
    ],
)
def test_what_cannot_be_trained_is_told(
    saved: Saved, rows: Path, tmp_path: Path, changed: dict[str, object], why: str
) -> None:
    one = replace(entry(saved("t5"), rows, pool="encoder"), **changed)
    with pytest.raises(NotMeasured, match=why):
        open_system(one, home=tmp_path, cache=tmp_path)


def test_feedback_needs_rows_with_outcomes(saved: Saved, rows: Path, tmp_path: Path) -> None:
    bare = [{**json.loads(line), "outcome": ""} for line in rows.read_text().splitlines()]
    file = tmp_path / "bare.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in bare))
    with pytest.raises(NotMeasured, match="have no outcome"):
        open_system(entry(saved("qwen2"), file), home=tmp_path, cache=tmp_path)


def test_code_that_is_too_long_is_not_judged(saved: Saved, rows: Path, tmp_path: Path) -> None:
    one = entry(saved("t5"), rows, pool="encoder", objectives=("plain",), epochs=1)
    system = open_system(one, home=tmp_path, cache=tmp_path)
    long = Candidate("x", "t/held-out", 0, 1, "Do it.", "r" * 999, "python")
    (told,) = system.answer([long])["own-plain"]
    assert (told.abstained, told.tokens) == (True, 0)


def test_each_objective_can_be_measured_alone() -> None:
    one = TrainedEntry("own", "m", ("f",))
    assert [part.objectives for part in parts_of(one)] == [("plain",), ("rankef",)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('learn = "all"', "learn is 'all': expected one of features, heads, body"),
        ('objectives = ["best"]', "objectives: expected a list of plain, rankef"),
        ("limit = 0", "limit: expected a number of 1 or more"),
        ("rows = 3", "unknown 'rows'"),
    ],
)
def test_a_wrong_entry_is_told(line: str, told: str) -> None:
    text = f"""
        [[data]]
        name = "toy"
        file = "x"
        [[systems]]
        kind = "trained"
        name = "own"
        model = "m"
        train = ["f"]
        {line}
    """
    with pytest.raises(BadConfig, match=told):
        parse(text)
