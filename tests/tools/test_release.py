from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml

from judge.registry import MODELS
from tools.release import NotReady, check, closure, main, notes, sbom

ROOT = Path(__file__).parents[2]
LOG = "# Changelog\n\n## 1.2.3 (2026-11-24)\n\n- New.\n\n## 1.2.2 (2026-10-01)\n\n- Old.\n"
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))


def checked(version: str = "1.2.3", *, log: str = LOG, packaged: str = "1.2.3") -> None:
    check(version, changelog=log, packaged=packaged, unreleased_is_fine=False)


def test_a_release_is_ready_where_tag_package_and_changelog_agree() -> None:
    checked()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version": "v1"}, "no version"),
        ({"packaged": "1.2.4"}, "make them agree"),
        ({"version": "1.2.2", "packaged": "1.2.2"}, "first heading"),
        ({"log": LOG.replace("2026-11-24", "unreleased")}, "give it its date"),
        ({"log": LOG.replace("- New.", "")}, "says nothing"),
    ],
)
def test_what_does_not_agree_is_told(given: dict, words: str) -> None:
    with pytest.raises(NotReady, match=words):
        checked(**given)


def test_the_notes_are_those_of_the_version() -> None:
    assert notes("1.2.2", LOG) == "- Old."
    with pytest.raises(NotReady):
        notes("9.9.9", LOG)


def test_the_changelog_of_this_version_has_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes"]) == 0
    assert "- " in capsys.readouterr().out
    assert main(["check", "0.0.0"]) == 1


def test_the_sbom_names_every_package_that_runs_as_the_lock_pins_it() -> None:
    told = sbom()
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    found = {one["name"]: one.get("version", "") for one in told["components"]}
    urls = {one["name"]: one.get("purl", "") for one in told["components"]}
    packages = {name for name, url in urls.items() if url.startswith("pkg:pypi/")}
    assert {"torch", "flask", "mako"} <= packages
    assert not packages & {"pytest", "ruff", "mypy", "mkdocs"}
    assert packages <= set(pinned)
    assert found["flask"] == pinned["flask"]
    assert json.loads(json.dumps(told))["specVersion"] == "1.6"


def test_the_sbom_names_the_weights_by_their_hash() -> None:
    weights = [one for one in sbom()["components"] if one["type"] == "machine-learning-model"]
    hashes = [one["hashes"][0]["content"] for one in weights]
    assert sorted(hashes) == sorted(model.sha256 for model in MODELS.values())


def test_the_sbom_names_what_the_pages_bring_along() -> None:
    (charts,) = [one for one in sbom()["components"] if one["name"] == "chart.js"]
    assert charts["purl"] == f"pkg:npm/chart.js@{charts['version']}"
    data = (ROOT / "bot" / "static" / "vendor" / "chart.umd.js").read_bytes()
    assert charts["hashes"][0]["content"] == hashlib.sha256(data).hexdigest()


def test_a_package_that_is_not_installed_is_told() -> None:
    with pytest.raises(NotReady, match="make setup"):
        closure(["no-such-package-of-anybody==1"])


def test_the_workflow_makes_everything_that_a_release_has() -> None:
    text = json.dumps(WORKFLOW)
    wanted = ("tools/release.py check", "build_wheel", "tools/release.py sbom", "judge-card.md")
    assert all(one in text for one in (*wanted, "--push", "gh release create", "git tag"))
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_no_script_of_the_workflow_holds_an_expression() -> None:
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    assert not any("${{" in step.get("run", "") for step in steps)


def test_what_is_published_was_built_and_checked_first() -> None:
    jobs = WORKFLOW["jobs"]
    assert jobs["image"]["needs"] == jobs["packages"]["needs"] == "build"
    assert set(jobs["publish"]["needs"]) == {"build", "image", "packages"}
