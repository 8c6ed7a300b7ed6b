"""The shape is that of docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

What GitLab itself validates with is looser: gitlab-org/gitlab,
app/validators/json_schemas/codeclimate.json asks for description, fingerprint, severity, location.
"""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from bot.formats.codequality import as_codequality
from worker.types import Assessment

ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "not": {"pattern": r"^\./"}},
                "lines": {
                    "type": "object",
                    "required": ["begin"],
                    "properties": {"begin": {"type": "integer", "minimum": 1}},
                },
            },
        },
    },
}
VALIDATOR = Draft202012Validator({"type": "array", "items": ISSUE})


def issues(assessment: Assessment) -> list[dict]:
    return json.loads(as_codequality(assessment))


def test_every_report_has_gitlabs_shape(any_assessment: Assessment) -> None:
    text = as_codequality(any_assessment)
    assert text.isascii()
    assert not text.startswith("\ufeff")
    assert list(VALIDATOR.iter_errors(json.loads(text))) == []


def test_fingerprints_are_unique(any_assessment: Assessment) -> None:
    found = [one["fingerprint"] for one in issues(any_assessment)]
    assert len(found) == len(set(found))


def test_an_issue_says_where_and_how_bad(blocked: Assessment, advised: Assessment) -> None:
    (one,) = issues(blocked)
    assert one["location"] == {"path": "src/calc.py", "lines": {"begin": 11, "end": 12}}
    assert (one["severity"], one["check_name"]) == ("blocker", "likely-wrong")
    assert {one["severity"] for one in issues(advised)} == {"major"}


def test_what_was_not_judged_is_an_issue(unread: Assessment) -> None:
    assert [(one["severity"], one["description"]) for one in issues(unread)] == [
        ("info", "Not judged: too long"),
        ("info", "Not judged: huge"),
    ]


def test_equal_code_is_two_issues(twice: Assessment) -> None:
    assert len({one["fingerprint"] for one in issues(twice)}) == 2
