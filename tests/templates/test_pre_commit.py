from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from typer.main import get_command

from bot.cli import build
from tests.examples.conftest import EXAMPLE, install

ROOT = Path(__file__).parents[2]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_the_hook_calls_a_command_that_the_package_installs() -> None:
    program, command = shlex.split(HOOK["entry"])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert program in scripts
    assert command in get_command(build()).commands
    assert (HOOK["id"], HOOK["language"]) == ("gavel", "python")


def test_a_commit_with_a_finding_is_refused_where_the_gate_blocks(tmp_path: Path) -> None:
    repo, site = tmp_path / "repo", tmp_path / "site"
    points = {"example-short": "gavel_example.judge:open_judge"}
    install(site, "example", {"gavel.judges": points})

    def git(*arguments: str) -> int:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        run = ["git", "-C", str(repo), *who, *arguments]
        return subprocess.run(run, env=environment, capture_output=True, check=False).returncode

    repo.mkdir()
    git("init", "-q")
    (repo / ".gavel.toml").write_text('gate = "block"\n')
    git("add", "-A")
    assert git("commit", "-q", "-m", "rules") == 0
    _, *words = shlex.split(HOOK["entry"])
    program = "from bot.cli import main; main()"
    hook = repo / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={site}:{EXAMPLE} GAVEL_MODEL=example-short\n"
        f"exec {sys.executable} -c '{program}' {shlex.join(words)}\n"
    )
    hook.chmod(0o755)
    (repo / "a.py").write_text("def long(n):\n" + "    n += 1\n" * 60)
    git("add", "-A")
    assert git("commit", "-q", "-m", "long") != 0
    (repo / "a.py").write_text("def short(n):\n    return n\n")
    git("add", "-A")
    assert git("commit", "-q", "-m", "short") == 0


def test_the_hook_is_run_once_and_with_no_names_of_files() -> None:
    assert HOOK["pass_filenames"] is False
    assert HOOK["always_run"] is True
