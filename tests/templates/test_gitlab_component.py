"""The component, filled in as GitLab does it, and its job run on a clone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.examples.conftest import EXAMPLE, install

TEXT = (Path(__file__).parents[2] / "templates" / "gavel.yml").read_text(encoding="utf-8")
INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")
LONG = "def long(n):\n" + "".join(f"    n += {n}\n" for n in range(60)) + "    return n\n"
INSTALLS = ("command -v git", "python -m venv", "$GAVEL_VENV/bin/pip install")
Run = Callable[[], subprocess.CompletedProcess[str]]


def filled(**given: str) -> dict:
    """The component's configuration with its inputs, those of `given` for a start."""
    spec, body = TEXT.split("\n---\n")
    told = yaml.safe_load(spec)["spec"]["inputs"]
    values = {name: given.get(name, one["default"]) for name, one in told.items()}
    return yaml.safe_load(INPUT.sub(lambda found: json.dumps(values[found[1]])[1:-1], body))


def test_every_input_is_used_and_explained() -> None:
    told = yaml.safe_load(TEXT.split("\n---\n")[0])["spec"]["inputs"]
    assert set(INPUT.findall(TEXT)) == set(told)
    assert all(one["description"] for one in told.values())


def test_the_component_is_a_configuration_of_gitlab() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/gitlab-ci.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    assert list(Draft7Validator(schema).iter_errors(filled())) == []


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the job's script on a clone of a merge request, but for the lines that install."""
    environment = {**os.environ, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    origin, clone = tmp_path / "origin", tmp_path / "clone"

    def git(*arguments: str, at: Path = origin) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", str(at), *who, *arguments], check=True, env=environment)

    origin.mkdir()
    git("init", "-q", "-b", "main")
    (origin / ".gavel.toml").write_text('gate = "block"\n')
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    git("checkout", "-q", "-b", "feature")
    (origin / "long.py").write_text(LONG)
    git("add", "-A")
    git("commit", "-q", "-m", "long")
    git("clone", "-q", str(origin), str(clone), at=tmp_path)
    install(
        tmp_path / "site",
        "example",
        {"gavel.judges": {"example-short": "gavel_example.judge:open_judge"}},
    )
    program = tmp_path / "venv" / "bin" / "gavel"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH={tmp_path / 'site'}:{EXAMPLE} exec {sys.executable} -c "
        "'from bot.cli import main; main()' \"$@\"\n"
    )
    program.chmod(0o755)
    job = filled(model="example-short")["gavel"]
    lines = [line for line in job["script"] if not line.startswith(INSTALLS)]
    assert len(job["script"]) - len(lines) == len(INSTALLS)
    own = {
        **{
            key: value.replace("$CI_PROJECT_DIR", str(clone))
            for key, value in job["variables"].items()
        },
        "CI_PROJECT_DIR": str(clone),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "GAVEL_VENV": str(tmp_path / "venv"),
    }
    return lambda: subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=clone,
        env={**environment, **own},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="the job's script is run by bash")
def test_the_job_blocks_by_the_rules_of_the_target_and_leaves_a_report(
    run: Run, tmp_path: Path
) -> None:
    done = run()
    assert done.returncode == 1, done.stderr
    (issue,) = json.loads((tmp_path / "clone" / "gl-code-quality-report.json").read_text())
    assert (issue["location"]["path"], issue["severity"]) == ("long.py", "blocker")


def test_what_could_not_be_judged_ends_with_a_warning() -> None:
    assert filled()["gavel"]["allow_failure"] == {"exit_codes": 3}
