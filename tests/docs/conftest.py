"""Acts: walks the pages, the blocks marked `run` in order, as a reader would type them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, Walk
from tests.examples.conftest import EXAMPLE, install
from worker.settings import default_home

JUDGE = '''"""A judge that knows the tutorial's bug and nothing else."""

from judge.types import Verdict


class Judge:
    name = "tutorial@1"

    def judge(self, examples):
        found = ["second = number" in one.code for one in examples]
        return [Verdict(0.1 if bad else 0.9, 0.0, self.name) for bad in found]


def open_judge(home):
    return Judge()
'''


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """Runs blocks one after the other, each where the one before ended; gives what they print."""
    programs = tmp_path / "bin"
    programs.mkdir()
    site = tmp_path / "site"
    points = {"example-short": "gavel_example.judge:open_judge", "tutorial": "of_test:open_judge"}
    install(site, "example", {"gavel.judges": points})
    (site / "of_test.py").write_text(JUDGE)
    calls = {"gavel": "-c 'from bot.cli import main; main()'", "python": ""}
    for name, how in calls.items():
        program = programs / name
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={site}:{EXAMPLE}:{ROOT} exec {sys.executable} {how} "$@"\n'
        )
        program.chmod(0o755)
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "a"), ("EMAIL", "a@b.c"))
    }

    def run(
        *walked: Block,
        model: str = "",
        at: Path = tmp_path,
        more: Mapping[str, str] | None = None,
        instead: Mapping[str, str] | None = None,
    ) -> list[str]:
        """`more` variables; `instead`: what a reader puts in the place of words of the page."""
        environment = {
            **os.environ,
            **identity,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "GAVEL_HOME": str(tmp_path / "home"),
            "GAVEL_MODEL": model,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **(more or {}),
        }
        here, said = at, []
        for block in walked:
            body = block.body
            for word, own in (instead or {}).items():
                body = body.replace(word, own)
            script = f"trap 'pwd > {tmp_path / 'here'}' EXIT\n{body}"
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=here,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            expected = 1 if block.mark.endswith("exits 1") else 0
            assert done.returncode == expected, f"{block}\n{done.stdout}{done.stderr}"
            here = Path((tmp_path / "here").read_text().strip())
            said.append(done.stdout)
        return said

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of its own with the models that were downloaded."""
    kept = Path(os.environ.get("GAVEL_HOME") or default_home()).expanduser()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(kept / "models")
    return tmp_path / "home"
