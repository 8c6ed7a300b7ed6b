"""The demo for real: the model, the stack, the signed delivery, and an end without remains."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bot.demo.exhibit import load
from tests.bare import checkout, walk_of

GAVEL = (sys.executable, "-P", "-c", "from bot.cli import main; main()")
INTERRUPTED = 130


def family(mark: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("GAVEL_TEST_MARK") == mark:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def until(holds: Callable[[], bool], *, within_s: float = 300) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"it did not come about within {within_s} s"
        time.sleep(0.1)


def environment(tmp_path: Path, mark: str) -> dict[str, str]:
    # Its state goes to the temporary folder, its weights come from GAVEL_HOME.
    own = {"GAVEL_TEST_MARK": mark, "TMPDIR": str(tmp_path), "COLUMNS": "160"}
    return dict(os.environ) | own


@pytest.mark.model
@pytest.mark.journey
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")
def test_the_demo_shows_a_review_of_every_function_and_leaves_nothing(tmp_path: Path) -> None:
    mark, tree = uuid.uuid4().hex, checkout(tmp_path / "tree")
    (block,) = walk_of("README.md", "make")
    few = "-q -p no:cacheprovider tests/docs/test_paths.py"  # in place of every test, this one too
    done = subprocess.run(
        ["sh", "-ec", block.body],
        cwd=tree,
        env={**environment(tmp_path, mark), "PYTEST_ADDOPTS": few},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)
    for function in load().functions:
        assert re.search(rf"{function.name} .*{re.escape(function.path)}:\d+-\d+", done.stdout)
    assert re.search(r"Review: [1-9]\d* comments?", done.stdout)
    assert re.search(r"Check .*: (success|failure|neutral|action_required)", done.stdout)
    assert re.search(r"prepare \d+\.\d s, score \d+\.\d s, publish \d+\.\d s", done.stdout)
    assert re.search(r"for the scoring process alone", done.stdout)
    assert re.search(rf"of {len(load().functions)} functions are wrong", done.stdout)
    assert family(mark) == []
    assert list(tmp_path.glob("gavel*")) == []


@pytest.mark.model
@pytest.mark.journey
def test_ctrl_c_in_the_middle_stops_everything(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    out = tmp_path / "said.txt"
    with out.open("wb") as said:
        demo = subprocess.Popen(
            [*GAVEL, "demo"],
            env=environment(tmp_path, mark),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: "accepted by" in out.read_text() or demo.poll() is not None)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=60) == INTERRUPTED, out.read_text()
    finally:
        demo.kill()
    assert family(mark) == []
    assert list(tmp_path.glob("gavel*")) == []
