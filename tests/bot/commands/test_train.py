from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from bot.commands import train
from bot.commands.train import keep_reliability
from bot.commands.train_tuning import Start, beside, start_of
from bot.problems import WrongUse
from judge.adapter import ADAPTERS
from judge.calibrate import Calibration
from judge.registry import DEFAULT_MODEL
from judge.reliability import FILE, parse
from judge.train.data import DataRow, write_data


def test_what_calibrated_a_judge_is_kept_beside_it_under_its_version(tmp_path: Path) -> None:
    (tmp_path / "judge.json").write_text("{}")
    head = Calibration(slope=1.0, intercept=0.0, base_rate=0.5, n=3)
    trained = SimpleNamespace(
        adapter=SimpleNamespace(calibrations={"head": head}),
        rows=[SimpleNamespace(label=label) for label in (0, 1, 1)],
        logits=np.array([-2.0, 0.1, 2.0]),
    )
    keep_reliability(trained, tmp_path)
    found = parse((tmp_path / FILE).read_text())
    assert found is not None and found.n == 3
    assert found.version == hashlib.sha256(b"{}").hexdigest()[:8]
    assert [one.seen for one in found.bins] == [0.0, 1.0, 1.0]


def row(number: int, *, label: int) -> DataRow:
    return DataRow(
        id=str(number),
        task_id="T/1",
        source="test",
        language="python",
        prompt="Add two numbers.",
        code=f"def add(a, b):\n    return {number}",
        label=label,
        generator="people",
        label_from="tests",
        license="MIT",
    )


def test_what_is_for_tuning_is_refused_where_nothing_is_tuned(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--varied need --epochs"):
        beside([[row(1, label=1)]], [], varied=3, epochs=0)
    with pytest.raises(WrongUse, match="--onto needs --epochs"):
        start_of(tmp_path, model=DEFAULT_MODEL, epochs=0)
    with pytest.raises(WrongUse, match=str(tmp_path)):
        start_of(tmp_path, model=DEFAULT_MODEL, epochs=1)


def test_variants_and_other_words_are_parts_of_their_own() -> None:
    learnt, mutants = [row(1, label=1), row(2, label=0)], [row(3, label=0)]
    assert beside([learnt], [mutants], varied=0, epochs=1) == [[mutants[0], learnt[0]]]
    parts = beside([learnt], [mutants], varied=1, epochs=1)
    assert [len(part) for part in parts] == [2, 2, 2]
    assert beside([learnt], [], varied=0, epochs=0) == []
    assert start_of(None, model=DEFAULT_MODEL, epochs=0) == Start()


def test_the_shipped_adapter_can_be_gone_on_from() -> None:
    start = start_of(ADAPTERS / DEFAULT_MODEL, model=DEFAULT_MODEL, epochs=1)
    assert start.readout is not None and start.updates is not None


def refused(*arguments: str) -> str:
    """The sentence with which `gavel train ARGUMENTS` ends before any model is opened."""
    app = typer.Typer()
    app.callback()(lambda: None)
    train.register(app)
    result = CliRunner().invoke(app, ["train", *arguments])
    assert isinstance(result.exception, WrongUse), repr(result.exception)
    return str(result.exception)


def test_odd_inputs_of_a_training_are_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_data(Path("rows.jsonl"), [row(1, label=1), row(2, label=0)])
    Path("empty.jsonl").write_text("\n")
    Path("wrong.jsonl").write_text(Path("rows.jsonl").read_text() + '{"id": 3, "label": "no"}\n')
    Path("forbidden.jsonl").write_text('{"source": "psf/black", "diff": "x", "label": 1}\n')
    given = ["rows.jsonl", "--held-out", "rows.jsonl", "--out", "judge"]
    assert refused("none.jsonl", *given) == "none.jsonl: no such file or directory"
    assert "empty.jsonl holds no row" in refused("empty.jsonl", *given)
    assert "wrong.jsonl:3: 3: label: expected 0 or 1" in refused("wrong.jsonl", *given)
    assert "forbidden.jsonl:1: source" in refused(*given, "--changes", "forbidden.jsonl")
    assert not Path("judge").exists()
    assert "rows.jsonl: file exists" in refused(*given[:-1], "rows.jsonl")
    assert "both trained on and held out" in refused(*given)
