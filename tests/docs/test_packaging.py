"""What can be known of the image and of the workflow without docker and without GitHub."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
COPIED = [
    source
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
]
MODULE_OF = {"huggingface-hub": "huggingface_hub", "scikit-learn": "sklearn"}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def let_through() -> list[str]:
    """What .dockerignore leaves of the context; everything else stays out."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "*"
    return [line[1:] for line in lines if line.startswith("!")]


def shipped(package: str) -> list[str]:
    """Patterns of the data files that are installed with a package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns: list[str] = project["tool"]["setuptools"]["package-data"][package]
    return patterns


@pytest.mark.parametrize("path", COPIED)
def test_what_the_image_copies_is_there_and_let_through(path: str) -> None:
    assert (ROOT / path).exists()
    assert path in let_through()


def test_the_image_is_built_on_one_base_pinned_by_its_digest() -> None:
    assert re.search(r"^ARG PYTHON=python:3\.1\d\.\d+-\S+@sha256:[0-9a-f]{64}$", DOCKERFILE, re.M)
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.M))
    assert {"bot", "worker-io", "worker-gpu", "action", "all"} <= stages
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)) - stages == {"${PYTHON}"}


def test_the_image_does_not_run_as_root() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    entered = [stage for stage in stages if "ENTRYPOINT" in stage]
    assert len(entered) == 2  # the others are built on these
    for stage in entered:
        assert re.search(r"^USER (?!root|0)\w+$", stage, re.MULTILINE)
        assert stage.index("USER") < stage.index("ENTRYPOINT")


def test_the_small_images_hold_all_that_runs_in_them() -> None:
    light = [sys.executable, str(ROOT / "deploy/without-models.py"), str(ROOT / "pyproject.toml")]
    kept = subprocess.run(light, capture_output=True, text=True, check=True).stdout.split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[=\[;]", one)[0].strip() for one in project["dependencies"]}
    left_out = named - {re.split(r"[=\[;]", one)[0] for one in kept}
    assert {"torch", "transformers", "numpy"} <= left_out
    left_out |= {"filelock"}  # comes with those alone
    modules = {MODULE_OF.get(one, one.replace("-", "_")) for one in left_out}
    code = (
        "import sys\n"
        f"for name in {sorted(modules)!r}:\n"
        "    sys.modules[name] = None\n"  # an import of it fails as if it were not installed
        "import bot.app, bot.cli, bot.server, worker.stages, worker.tasks, worker.forges.open\n"
        "import judge.languages, judge.outline, judge.snippets\n"
        "bot.cli.build()\n"
    )
    environment = {**os.environ, "GAVEL_GITHUB_WEBHOOK_SECRET": "s"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_release_builds_every_image_with_its_sbom() -> None:
    release = next(one for one in WORKFLOWS if one.stem == "release")
    job = yaml.safe_load(release.read_text(encoding="utf-8"))["jobs"]["image"]
    script = job["steps"][-1]["run"]
    targets = re.search(r"for target in ([a-z -]+); do", script)
    assert targets is not None
    assert set(targets[1].split()) == {"all", "bot", "worker-io", "worker-gpu", "action"}
    assert {"--sbom=true", "--provenance=true", "--push"} <= set(script.split())


@pytest.mark.parametrize("package", ["bot", "worker", "judge"])
def test_every_data_file_of_a_package_is_installed_with_it(package: str) -> None:
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--", package]
    done = subprocess.run(listed, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout")
    data = [f for f in done.stdout.split("\0") if f and not f.endswith((".py", ".pyi"))]
    found = {path for pattern in shipped(package) for path in (ROOT / package).glob(pattern)}
    assert [file for file in data if ROOT / file not in found] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_its_actions_and_runs_targets_that_exist(workflow: Path) -> None:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job.get("steps", [])]
    used = [step["uses"] for step in steps if "uses" in step]
    assert [name for name in used if not re.search(r"@[0-9a-f]{40}$|^\./", name)] == []
    made = re.findall(r"\bmake ([a-z-]+)", "\n".join(step.get("run", "") for step in steps))
    assert set(made) <= TARGETS


def test_the_checks_run_lint_and_tests_on_every_python_and_keep_the_weights() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    checks = yaml.safe_load(text)["jobs"]["checks"]
    assert checks["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    steps = checks["steps"]
    assert [step["run"] for step in steps if "make" in step.get("run", "")] == [
        "make lint",
        "make test",
    ]
    kept = [step["with"] for step in steps if step.get("uses", "").startswith("actions/cache@")]
    assert [one["path"] for one in kept] == [f"{checks['env']['GAVEL_HOME']}/models"]
    assert any(step.get("with", {}).get("cache") == "pip" for step in steps)
