"""The component is what GitLab's schema asks for. tests/journey runs its job."""

from __future__ import annotations

import json
from importlib import resources

import yaml
from jsonschema import Draft7Validator

from tests.templates.component import INPUT, TEXT, filled


def test_every_input_is_used_and_explained() -> None:
    told = yaml.safe_load(TEXT.split("\n---\n")[0])["spec"]["inputs"]
    assert set(INPUT.findall(TEXT)) == set(told)
    assert all(one["description"] for one in told.values())


def test_the_component_is_a_configuration_of_gitlab() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/gitlab-ci.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    assert list(Draft7Validator(schema).iter_errors(filled())) == []


def test_what_could_not_be_judged_ends_with_a_warning() -> None:
    assert filled()["gavel"]["allow_failure"] == {"exit_codes": 3}
