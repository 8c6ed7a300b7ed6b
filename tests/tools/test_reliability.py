from __future__ import annotations

import json
from pathlib import Path

import pytest

from judge.adapter import ADAPTERS
from judge.reliability import FILE, Bin, parse
from tools.reliability import NotOneJudge, main, reliability

ROW = {"label": 1, "p_correct": 0.85, "model": "m/head@1a2b3c4d"}


def test_rows_of_one_judge_become_bins_under_its_version() -> None:
    unread = {**ROW, "abstained": True}
    found = reliability([ROW, {**ROW, "label": 0}, unread, {**ROW, "label": None}], "rows")
    assert (found.version, found.rows) == ("1a2b3c4d", "rows")
    assert found.bins == (Bin(0.85, 0.5, 2),)


@pytest.mark.parametrize("model", ["m/head@ffffffff", "m/yesno", ""])
def test_rows_of_other_judges_are_refused(model: str) -> None:
    with pytest.raises(NotOneJudge):
        reliability([ROW, {**ROW, "model": model}], "rows")


def test_the_text_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scored").write_text(json.dumps(ROW) + "\n")
    assert main([str(tmp_path / "scored"), "rows"]) == 0
    assert parse(capsys.readouterr().out) is not None
    assert main([]) == 2


@pytest.mark.parametrize(
    "path", sorted(ADAPTERS.glob(f"*/{FILE}")), ids=lambda one: one.parent.name
)
def test_what_ships_is_readable(path: Path) -> None:
    found = parse(path.read_text(encoding="utf-8"))
    assert found is not None and found.n > 100
