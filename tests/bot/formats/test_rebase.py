from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands import review
from tests.fakes import FixedJudge

Git = Callable[..., str]
ADD = "def add(a, b):\n    return a - b\n"
OTHER = "def other(n):\n    return n + 1\n\n\n"


def fingerprints(top: Path, form: str) -> list[str]:
    app = typer.Typer()
    review.register(app, judge_of=lambda *_: FixedJudge(0.1))
    done = CliRunner().invoke(app, [str(top), "--base", "main", "--format", form])
    value = json.loads(done.stdout)
    if form == "codequality":
        return [one["fingerprint"] for one in value]
    return [
        one["partialFingerprints"]["primaryLocationLineHash"] for one in value["runs"][0]["results"]
    ]


@pytest.mark.parametrize("form", ["sarif", "codequality"])
def test_a_rebase_keeps_every_fingerprint(git: Git, top: Path, form: str) -> None:
    (top / "sums.py").write_text("x = 1\n")
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    git("checkout", "-q", "-b", "feature")
    (top / "sums.py").write_text("x = 1\n\n\n" + ADD)
    git("commit", "-q", "-am", "add")
    before = fingerprints(top, form)
    git("checkout", "-q", "main")
    (top / "sums.py").write_text(OTHER * 5 + "x = 1\n")
    git("commit", "-q", "-am", "move")
    git("checkout", "-q", "feature")
    git("rebase", "-q", "main")
    assert len(before) == 1
    assert fingerprints(top, form) == before
    (top / "sums.py").write_text((top / "sums.py").read_text().replace("a - b", "a * b"))
    assert fingerprints(top, form) != before
