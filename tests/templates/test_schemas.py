"""The Action and the workflows are what GitHub's schemas of them ask for."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def schema(name: str) -> Draft7Validator:
    vendored = resources.files("check_jsonschema") / f"builtin_schemas/vendor/{name}.json"
    return Draft7Validator(json.loads(vendored.read_text(encoding="utf-8")))


def test_the_action_is_one() -> None:
    assert list(schema("github-actions").iter_errors(ACTION)) == []


def test_every_input_and_output_of_the_action_is_explained() -> None:
    told = {**ACTION["inputs"], **ACTION["outputs"]}
    assert [name for name, one in told.items() if not one["description"]] == []


def test_the_action_uses_others_by_their_commits() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used and all(re.search(r"@[0-9a-f]{40}$", one) for one in used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_one(path: Path) -> None:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = {"on" if key is True else key: one for key, one in value.items()}  # YAML 1.1
    assert list(schema("github-workflows").iter_errors(told)) == []
