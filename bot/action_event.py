"""Decide what a run of GitHub Actions asks to have judged. No I/O.

Payloads: docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from worker.jobs import ChangeRef

PULL_EVENTS = frozenset({"pull_request", "pull_request_target"})
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be judged.

    change  the pull request, or None where the event is about none
    base    commit that the checkout is compared with, "" where the event names none
    """

    change: ChangeRef | None
    base: str


def asked(event: str, payload: object, *, repo: str) -> Asked:
    """What the event asks for. Nothing that is not a commit is taken for one.

    >>> asked("push", {"before": "a" * 40}, repo="octo/hello").base == "a" * 40
    True
    """
    told = payload if isinstance(payload, Mapping) else {}
    if event in PULL_EVENTS:
        return _of_pull(told, repo)
    if event == "merge_group":
        return Asked(None, _sha(_part(told, "merge_group").get("base_sha")))
    return Asked(None, _sha(told.get("before")))


def _of_pull(told: Mapping[str, object], repo: str) -> Asked:
    pull = _part(told, "pull_request")
    number, head = pull.get("number"), _sha(_part(pull, "head").get("sha"))
    base = _sha(_part(pull, "base").get("sha"))
    is_known = isinstance(number, int) and number >= 1 and head and NAME.fullmatch(repo)
    if not is_known or not isinstance(number, int):
        return Asked(None, base)
    return Asked(ChangeRef("github", repo, number, head), base)


def _part(told: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = told.get(name)
    return part if isinstance(part, Mapping) else {}


def _sha(value: object) -> str:
    """`value` where it is the hash of a commit; "" for anything else, and for all zeros."""
    if not isinstance(value, str) or not SHA.fullmatch(value):
        return ""
    return value if value.strip("0") else ""
