"""Decide what the buttons of a check, a suite of checks and the merge queue ask for. No I/O."""

from __future__ import annotations

import re

from bot.hooks.fields import LARGEST_NUMBER, inner, shown, text, text_or_empty
from bot.hooks.github_sender import FORGE, Fields, Sent, commit
from bot.hooks.types import Malformed
from worker.jobs import ChangeRef, GroupJob, GroupRef, Ignored, ReviewJob

AGAIN = "review"  # identifier of the check's button, as worker.forges.github_checks sends it
# docs.github.com/repositories, managing a merge queue: the branch of a group names its last change
QUEUE_REF = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-([1-9][0-9]{0,9})-[0-9a-fA-F]{40,64}")


def check_run(sent: Sent) -> ReviewJob | GroupJob | Ignored:
    """A review, or an answer to the merge queue, once more: somebody pressed a check's button."""
    action = sent.action
    if action not in {"rerequested", "requested_action"}:
        return Ignored(f"the action {shown(action)} of check_run asks for nothing")
    if action == "requested_action":
        pressed = text(inner(sent.delivery, "requested_action"), "identifier")
        if pressed != AGAIN:
            return Ignored(f"the button {shown(pressed)} is none of ours")
    run = inner(sent.delivery, "check_run")
    name, head_sha = text_or_empty(run, "external_id"), commit(run, "head_sha")
    change = ChangeRef.of_key(name)
    if change is None or (change.repo, change.head_sha) != (sent.repo, head_sha):
        return Ignored("a check that is none of ours")
    return _group(sent, change) if isinstance(change, GroupRef) else _again(sent, change)


def check_suite(sent: Sent) -> ReviewJob | Ignored:
    """A review of the head that the suite is about, where it is the head of a pull request.

    On a push this only repeats what the pull request's own event says, and heals its loss.
    """
    action = sent.action
    if action not in {"requested", "rerequested"}:
        return Ignored(f"the action {shown(action)} of check_suite asks for nothing")
    suite = inner(sent.delivery, "check_suite")
    head_sha = commit(suite, "head_sha")
    for change in (sent.change(pull) for pull in _pulls(suite)):
        if change.head_sha == head_sha:
            return _again(sent, change, is_again=action == "rerequested")
    return Ignored("a suite of checks on a commit that is no head of a pull request")


def merge_group(sent: Sent) -> GroupJob | Ignored:
    """An answer to the merge queue, which waits for a required check on the group's head.

    Raises Malformed.
    """
    if sent.action != "checks_requested":
        return Ignored(f"the action {shown(sent.action)} of merge_group asks for nothing")
    group = inner(sent.delivery, "merge_group")
    found = QUEUE_REF.fullmatch(text(group, "head_ref"))
    number = int(found[1]) if found else 0
    if not 1 <= number <= LARGEST_NUMBER:
        raise Malformed("head_ref names no pull request of a merge queue")
    return _group(sent, GroupRef(FORGE, sent.repo, number, commit(group, "head_sha")))


def _again(sent: Sent, change: ChangeRef, *, is_again: bool = True) -> ReviewJob:
    return ReviewJob(change, sent.id, sent.name, sent.installation_id, is_again=is_again)


def _group(sent: Sent, change: GroupRef) -> GroupJob:
    return GroupJob(change, sent.id, sent.name, sent.installation_id)


def _pulls(suite: Fields) -> list[Fields]:
    """Pull requests of a suite; a fork's are not listed."""
    listed = suite.get("pull_requests")
    pulls = listed if isinstance(listed, list) else []
    return [one for one in pulls if isinstance(one, dict)]
