from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from judge.adapter import Adapter
from judge.calibrate import Calibration
from judge.change_head import CHANGE_SIGNALS
from judge.encode import Encoded
from judge.head import SIGNALS, Head, Linear
from judge.model import Backbone, Reading
from judge.registry import DEFAULT_MODEL
from judge.score import CHANGES
from judge.train.change_fitting import diff_aucs, imputed, read_changes, with_changes
from judge.types import Example

Row = tuple[Example, int, str]


def linear(size: int) -> Linear:
    zeros, ones = np.zeros(size, np.float32), np.ones(size, np.float32)
    return Linear(zeros, ones, zeros, 0.0)


class Reader:
    """A model that is as sure of every token."""

    class tokenizer:
        @staticmethod
        def encode(text: str, *, add_special_tokens: bool = True) -> list[int]:
            return [ord(letter) for letter in text]

    def read(self, examples: Sequence[Encoded], **_: object) -> list[Reading]:
        states = np.zeros((2, 3, 16), np.float32)
        return [Reading(states, np.full(len(one.code), -1.0, np.float32)) for one in examples]


def reader() -> Backbone:
    return Reader()  # type: ignore[return-value]


@pytest.fixture
def adapter() -> Adapter:
    head = Head((1, 2), linear(96), linear(len(SIGNALS)))
    calibrations = {"head": Calibration(1.0, 0.0, 0.5, 10)}
    return Adapter(DEFAULT_MODEL, "0" * 64, head, calibrations, frozenset({"python"}), "1" * 64)


def rows(*, telling: bool) -> list[Row]:
    """Six repositories of ten rows each; where `telling`, deep branches are what fixes blame."""
    found = []
    for number in range(60):
        label = number % 2
        line = "if a: b" if telling and not label else "aa = bbb"
        more = "    more()\n" * (number % 5)
        code = f"def f{number}():\n    {line}\n{more}    return {number % 7}"
        diff = "@@ -0,0 +1,9 @@\n" + "".join(f"+{one}\n" for one in code.split("\n"))
        history = (("file_changes", float(number % 3)),) if number % 3 else ()
        found.append((Example("", code, "python", diff, history), label, f"r/{number // 10}"))
    return [found[at] for at in np.random.default_rng(0).permutation(60)]


def test_a_head_that_is_clearly_better_than_all_else_may_be_acted_on(
    adapter: Adapter, tmp_path: Path
) -> None:
    found = with_changes(adapter, rows(telling=True), backbone=reader, cache=tmp_path)
    values = {name: one.value or 0.0 for name, one in found.auc.items()}
    assert values["judge"] > 0.95
    assert {"length", "added_lines", "function", "untrained_logprob"} <= set(found.auc)
    is_clear = values["judge"] >= 0.05 + max(v for k, v in values.items() if k != "judge")
    head = found.adapter.changes
    assert head is not None
    assert (head.languages == {"python"}) is is_clear
    assert len(head.signals.center) == len(CHANGE_SIGNALS)
    assert found.adapter.calibrations["head"] == adapter.calibrations["head"]
    assert (found.rows, found.repositories) == (60, 6)


def test_a_head_that_tells_nothing_abstains_and_says_the_base_rate(
    adapter: Adapter, tmp_path: Path
) -> None:
    found = with_changes(adapter, rows(telling=False), backbone=reader, cache=tmp_path)
    assert found.adapter.changes is not None
    assert found.adapter.changes.languages == frozenset()
    assert 0.0 < found.adapter.calibrations[CHANGES].probability(9.0) < 1.0


def test_an_adapter_without_a_head_is_refused(adapter: Adapter, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="head for functions"):
        with_changes(replace(adapter, head=None), [], backbone=reader, cache=tmp_path)


def test_what_is_not_known_becomes_the_mean_of_its_column() -> None:
    nan = np.nan
    inputs = np.array([[1.0, nan, nan], [3.0, 4.0, nan]])
    assert imputed(inputs).tolist() == [[1.0, 4.0, 0.0], [3.0, 4.0, 0.0]]


def test_rows_of_changes_are_read_with_their_history_or_without(tmp_path: Path) -> None:
    told = {"prompt": "", "code": "x", "language": "go", "source": "a/b", "label": 1}
    path = tmp_path / "rows.jsonl"
    lines = [{**told, "diff": "@@", "history": {"files": 2}}, {**told, "diff": ""}]
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    ((example, label, repository),) = read_changes(path)
    assert (example.history, label, repository) == ((("files", 2.0),), 1, "a/b")
    ((bare, _, _),) = read_changes(path, with_history=False)
    assert bare.history == ()


def test_what_the_diff_tells_is_measured_without_a_model() -> None:
    told = diff_aucs(rows(telling=True))
    assert set(told) == {"diff", "history", "both", "length", "added_lines"}
    assert (told["diff"].value or 0.0) > 0.95
    assert (told["history"].value or 0.0) < 0.8
    assert told["diff"].low is not None
