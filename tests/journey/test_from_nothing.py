"""From nothing to a reviewed change, from the commands and files of the page that tells the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.bare import Bare, walk_of
from tests.templates.component import filled

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for bash"),
]

LONG = "def long(n):\n" + "".join(f"    n += {n}\n" for n in range(60)) + "    return n\n"
LOCAL, COMPONENT = "docs/how-to/local.md", "docs/how-to/gitlab-ci.md"


def test_the_component_judges_a_merge_request_and_leaves_a_report(bare: Bare) -> None:
    clone = bare.clone()
    bare.follow(walk_of(COMPONENT, "gitlab-ci"), at=clone)
    bare.do("git checkout -q -b feature", at=clone)
    (clone / "long.py").write_text(LONG)
    bare.do("git add -A && git commit -q -m Long && git push -q origin feature", at=clone)

    (included,) = yaml.safe_load((clone / ".gitlab-ci.yml").read_text())["include"]
    job = filled(**included["inputs"], model="example-short")["gavel"]
    assert job["stage"] == included["inputs"]["stage"]
    bare.do("git clone -q --branch feature origin.git project", at=bare.place)
    project = bare.place / "project"
    told = {
        name: one.replace("$CI_PROJECT_DIR", str(project)) for name, one in job["variables"].items()
    }
    done = bare.bash(
        "\n".join(job["script"]),
        at=project,
        more={
            **told,
            "CI_PROJECT_DIR": str(project),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "GAVEL_VENV": str(bare.place / "venv"),
        },
    )
    assert done.returncode == 1, done.stderr
    (issue,) = json.loads((project / "gl-code-quality-report.json").read_text())
    assert (issue["location"]["path"], issue["severity"]) == ("long.py", "blocker")


def test_pipx_brings_a_gavel_that_reviews_and_completes_its_words(bare: Bare) -> None:
    clone = bare.clone()
    bare.follow(walk_of(LOCAL, "install"), at=clone)
    (clone / "long.py").write_text(LONG)
    done = bare.bash("gavel review", at=clone)
    assert done.returncode == 0, done.stderr
    assert "long.py:1" in done.stdout
    bare.follow(walk_of(LOCAL, "completion"), at=clone)
    shell = bare.bash("source ~/.bashrc; complete -p gavel", at=clone)
    assert "gavel" in shell.stdout, shell.stderr


def test_packages_that_were_carried_in_install_without_an_index(bare: Bare, wheels: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "requirements.lock", bare.place)
    bare.do("python -m venv inside", at=bare.place)
    bare.environment["PATH"] = f"{bare.place}/inside/bin:{bare.environment['PATH']}"
    bare.follow(walk_of("docs/how-to/closed-network.md", "closed-network"), at=bare.place)
    assert len(list((bare.place / "wheels").glob("gavel_bot-*.whl"))) == 1
    assert (bare.place / "inside" / "bin" / "gavel").exists()


def test_the_hook_is_installed_as_pre_commit_does_it_and_refuses_a_commit(
    bare: Bare, wheels: Path
) -> None:
    tree = wheels.parent / "tree"
    (hook,) = yaml.safe_load((tree / ".pre-commit-hooks.yaml").read_text())
    bare.do(f"python -m venv own && own/bin/pip install --quiet {tree}", at=bare.place)
    clone = bare.clone()
    (clone / ".gavel.toml").write_text('gate = "block"\n')
    bare.do("git add -A && git commit -q -m Rules", at=clone)
    script = clone / ".git" / "hooks" / "pre-commit"
    script.write_text(f"#!/bin/sh\nPATH={bare.place}/own/bin:$PATH exec {hook['entry']}\n")
    script.chmod(0o755)
    (clone / "long.py").write_text(LONG)
    done = bare.bash("git add -A && git commit -q -m Long", at=clone)
    assert done.returncode == 1
    assert "The gate blocks" in done.stdout + done.stderr
    (clone / "long.py").write_text("def short(n):\n    return n\n")
    bare.do("git add -A && git commit -q -m Short", at=clone)
