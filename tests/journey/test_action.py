"""The steps of `action.yml` on a pull request, after what docs/how-to/action.md has a person do.

A clean folder, and the project's own runner of the steps.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from bot.demo.github_double import GitHubDouble
from tests.bare import OFFLINE, Bare, walk_of
from tests.described import outside

ROOT = Path(__file__).parents[2]
PAGE, WORKFLOW = "docs/how-to/action.md", ".github/workflows/gavel.yml"
BASE, HEAD, TOKEN = "b" * 40, "1" * 40, "a-token-of-the-test"
LONG = "def long(n):\n" + "".join(f"    n += {n}\n" for n in range(60)) + "    return n\n"
ADDED = "".join(f"+{line}\n" for line in LONG.splitlines())
COUNT = len(LONG.splitlines())
DIFF = (
    "diff --git a/long.py b/long.py\nnew file mode 100644\n--- /dev/null\n+++ b/long.py\n"
    f"@@ -0,0 +1,{COUNT} @@\n{ADDED}"
)


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    double = GitHubDouble(token=TOKEN)
    yield double
    double.stop()
    assert outside(double) == []


def open_change(double: GitHubDouble, bare: Bare) -> None:
    """A pull request against what was pushed to the base branch."""
    pushed = bare.bash("git --git-dir origin.git show main:.gavel.toml", at=bare.place)
    files = {BASE: {".gavel.toml": pushed.stdout}, HEAD: {"long.py": LONG}}
    double.add_change(
        repo="octo/hello", number=7, head_sha=HEAD, base_sha=BASE, diff=DIFF, files=files
    )


def run_steps(bare: Bare, double: GitHubDouble) -> subprocess.CompletedProcess[str]:
    """Run the job of the workflow that was pushed, with the example's judge for a model."""
    told = bare.bash(f"git --git-dir origin.git show main:{WORKFLOW}", at=bare.place).stdout
    (job,) = yaml.safe_load(told)["jobs"].values()
    checkout, review = job["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert review["uses"] == "OWNER/gavel@v1"
    given: Mapping[str, str] = {**review.get("with", {}), "model": "example-short"}
    bare.do("git clone -q origin.git checkout", at=bare.place)
    pull = {"number": 7, "head": {"sha": HEAD}, "base": {"sha": BASE}}
    (bare.place / "event.json").write_text(json.dumps({"pull_request": pull}))
    seen = {**OFFLINE, "PYTHONPATH": bare.environment["PYTHONPATH"]}
    arguments = [
        *("--place", str(bare.place / "runner"), "--workspace", str(bare.place / "checkout")),
        *("--payload", str(bare.place / "event.json"), "--api-url", double.start()),
        *("--token", TOKEN),
        *(part for one in given.items() for part in ("--input", "=".join(one))),
        *(part for one in seen.items() for part in ("--env", "=".join(one))),
    ]
    run = [sys.executable, str(ROOT / "tools" / "run_action.py"), *arguments]
    return subprocess.run(run, env=bare.environment, capture_output=True, text=True, check=False)


@pytest.mark.journey
@pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are run by bash")
def test_the_action_reviews_a_pull_request_after_the_commands_of_its_page(
    bare: Bare, double: GitHubDouble
) -> None:
    clone = bare.clone()
    bare.follow(walk_of(PAGE, "action"), at=clone)
    block = "sed -i.old s/advise/block/ .gavel.toml && git commit -qam Block && git push -q"
    bare.do(block, at=clone)
    open_change(double, bare)
    done = run_steps(bare, double)
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
    log = json.loads((bare.place / "checkout" / "gavel.sarif").read_text())
    assert log["runs"][0]["results"][0]["level"] == "error"
    assert "long.py" in (bare.place / "runner" / "_temp" / "summary.md").read_text()


def test_no_step_puts_an_expression_into_its_script() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert scripts and not any("${{" in script for script in scripts)


def test_only_the_review_is_given_the_token() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    holders = [step.get("name") for step in steps if "inputs.token" in json.dumps(step)]
    assert holders == ["Review"]
