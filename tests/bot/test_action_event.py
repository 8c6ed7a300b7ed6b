from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.action_event import Asked, asked
from worker.jobs import ChangeRef

PAYLOADS = Path(__file__).parents[1] / "payloads" / "github"
OPENED = json.loads((PAYLOADS / "pull_request.opened.json").read_text())
SHA = "a" * 40


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_pull_request_is_the_change_of_its_head(event: str) -> None:
    pull = OPENED["pull_request"]
    found = asked(event, OPENED, repo="octo/hello")
    assert found.change == ChangeRef("github", "octo/hello", pull["number"], pull["head"]["sha"])
    assert found.base == pull["base"]["sha"]


def test_a_merge_group_and_a_push_are_compared_with_what_was_before() -> None:
    group = {"merge_group": {"base_sha": SHA, "head_sha": "b" * 40}}
    assert asked("merge_group", group, repo="o/r") == Asked(None, SHA)
    assert asked("push", {"before": SHA}, repo="o/r") == Asked(None, SHA)


@pytest.mark.parametrize("before", ["0" * 40, "--output=x", "HEAD", "", None, 7, ["a" * 40]])
def test_what_is_no_commit_is_no_base(before: object) -> None:
    assert asked("push", {"before": before}, repo="o/r") == Asked(None, "")


@pytest.mark.parametrize("repo", ["", "octo", "octo/hello/x", "octo/he llo", "../x/y"])
def test_an_odd_repository_is_no_change(repo: str) -> None:
    assert asked("pull_request", OPENED, repo=repo).change is None


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"pull_request": 7}])
def test_an_odd_payload_asks_for_nothing(payload: object) -> None:
    assert asked("pull_request", payload, repo="o/r") == Asked(None, "")
