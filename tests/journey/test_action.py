"""The steps of `action.yml`, run in a clean folder by the project's own runner of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.demo.github_double import GitHubDouble
from tests.examples.conftest import EXAMPLE, install

ROOT = Path(__file__).parents[2]
BASE, HEAD, TOKEN = "b" * 40, "1" * 40, "a-token-of-the-test"
LONG = "def long(n):\n" + "".join(f"    n += {n}\n" for n in range(60)) + "    return n\n"
ADDED = "".join(f"+{line}\n" for line in LONG.splitlines())
COUNT = len(LONG.splitlines())
DIFF = (
    "diff --git a/long.py b/long.py\nnew file mode 100644\n--- /dev/null\n+++ b/long.py\n"
    f"@@ -0,0 +1,{COUNT} @@\n{ADDED}"
)
# What pip would fetch is there already, and nothing is fetched: a test uses no network.
OFFLINE = {
    "PIP_NO_DEPS": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of --build-isolation
    "PIP_IGNORE_INSTALLED": "1",
}


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    double = GitHubDouble(token=TOKEN)
    files = {BASE: {".gavel.toml": 'gate = "block"\n'}, HEAD: {"long.py": LONG}}
    double.add_change(
        repo="octo/hello", number=7, head_sha=HEAD, base_sha=BASE, diff=DIFF, files=files
    )
    yield double
    double.stop()


@pytest.fixture
def arguments(tmp_path: Path, double: GitHubDouble) -> list[str]:
    """What runs the action on a pull request, with the judge of the example for a model."""
    plugin = tmp_path / "site"
    install(
        plugin, "example", {"gavel.judges": {"example-short": "gavel_example.judge:open_judge"}}
    )
    found = ":".join([str(plugin), str(EXAMPLE), sysconfig.get_path("purelib")])
    environment = {**OFFLINE, "PYTHONPATH": found}
    pull = {"number": 7, "head": {"sha": HEAD}, "base": {"sha": BASE}}
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    (tmp_path / "checkout").mkdir()
    return [
        *("--place", str(tmp_path / "runner"), "--workspace", str(tmp_path / "checkout")),
        *("--payload", str(tmp_path / "event.json"), "--api-url", double.start()),
        *("--token", TOKEN, "--input", "model=example-short"),
        *(part for one in environment.items() for part in ("--env", "=".join(one))),
    ]


@pytest.mark.journey
@pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are run by bash")
def test_the_action_installs_itself_and_reviews_a_pull_request(
    arguments: list[str], double: GitHubDouble, tmp_path: Path
) -> None:
    run = [sys.executable, str(ROOT / "tools" / "run_action.py"), *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    (review,) = double.reviews
    assert [one.path for one in review.comments] == ["long.py"]
    assert [one.conclusion for one in double.check_runs] == ["failure"]
    outputs = dict(re.findall(r"^output (\w+)=(.*)$", done.stdout, re.MULTILINE))
    assert outputs == {
        "conclusion": "failed",
        "findings": "1",
        "posted": "true",
        "sarif": "gavel.sarif",
    }
    log = json.loads((tmp_path / "checkout" / "gavel.sarif").read_text())
    assert log["runs"][0]["results"][0]["level"] == "error"
    assert "long.py" in (tmp_path / "runner" / "_temp" / "summary.md").read_text()


def test_no_step_puts_an_expression_into_its_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert scripts and not any("${{" in script for script in scripts)


def test_only_the_review_is_given_the_token() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    holders = [step.get("name") for step in steps if "inputs.token" in json.dumps(step)]
    assert holders == ["Review"]
