from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import yaml
from typer.main import get_command

from bot.cli import build

ROOT = Path(__file__).parents[2]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_the_hook_calls_a_command_that_the_package_installs() -> None:
    program, command = shlex.split(HOOK["entry"])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert program in scripts
    assert command in get_command(build()).commands
    assert (HOOK["id"], HOOK["language"]) == ("gavel", "python")


def test_the_hook_is_run_once_and_with_no_names_of_files() -> None:
    assert HOOK["pass_filenames"] is False
    assert HOOK["always_run"] is True
