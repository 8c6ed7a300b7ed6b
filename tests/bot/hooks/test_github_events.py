"""GitHub's events beyond the pull request's own: what each asks for, or why it asks for nothing."""

from __future__ import annotations

import json

import pytest

from bot.hooks import github
from worker.jobs import ChangeRef, GroupJob, GroupRef, Ignored, OpinionJob, RemarkJob, ReviewJob

SHA, OTHER = "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "f" * 40
CHANGE = ChangeRef("github", "octo/hello", 2, SHA)
FP = "0123456789abcdef"
PULL = {"number": 2, "head": {"sha": SHA}}
HUMAN, BOT = {"login": "ada", "type": "User"}, {"login": "copilot[bot]", "type": "Bot"}
SUGGESTION = "Better:\n```suggestion\nx = 1\n```"


def parse(event: str, action: str, **more: object):
    headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": "d-1"}
    body = {
        "action": action,
        "repository": {"full_name": "octo/hello"},
        "installation": {"id": 5},
        "sender": HUMAN,
        **more,
    }
    return github.parse(headers, json.dumps(body).encode())


def run(**more: object) -> dict[str, object]:
    return {"external_id": CHANGE.key, "head_sha": SHA, **more}


def test_a_new_base_asks_for_the_same_head_once_more() -> None:
    job = parse("pull_request", "edited", pull_request=PULL, changes={"base": {"ref": {}}})
    assert job == ReviewJob(CHANGE, "d-1", "pull_request.edited", 5, is_again=True)


@pytest.mark.parametrize("action", ["edited", "closed", "converted_to_draft", "labeled"])
def test_what_brings_no_code_is_ignored(action: str) -> None:
    asked = parse("pull_request", action, pull_request=PULL, changes={"title": {"from": "x"}})
    assert isinstance(asked, Ignored)


@pytest.mark.parametrize(
    "pressed",
    [
        ("rerequested", {}),
        ("requested_action", {"requested_action": {"identifier": "review"}}),
    ],
)
def test_a_button_of_our_check_asks_for_its_head_once_more(pressed) -> None:
    action, more = pressed
    job = parse("check_run", action, check_run=run(pull_requests=[]), **more)
    assert job == ReviewJob(CHANGE, "d-1", f"check_run.{action}", 5, is_again=True)


@pytest.mark.parametrize(
    ("action", "given", "button"),
    [
        ("created", run(), "review"),
        ("completed", run(), "review"),
        ("rerequested", run(external_id=""), "review"),
        ("rerequested", run(external_id="github:octo/other#2@" + SHA), "review"),
        ("rerequested", run(head_sha=OTHER), "review"),
        ("requested_action", run(), "deploy"),
    ],
)
def test_a_check_of_somebody_else_asks_for_nothing(action, given, button) -> None:
    asked = parse("check_run", action, check_run=given, requested_action={"identifier": button})
    assert isinstance(asked, Ignored)


@pytest.mark.parametrize(("action", "is_again"), [("requested", False), ("rerequested", True)])
def test_a_suite_asks_for_the_pull_request_whose_head_it_checks(action, is_again) -> None:
    pulls = [{"number": 1, "head": {"sha": OTHER}}, PULL]
    job = parse("check_suite", action, check_suite={"head_sha": SHA, "pull_requests": pulls})
    assert job == ReviewJob(CHANGE, "d-1", f"check_suite.{action}", 5, is_again=is_again)


@pytest.mark.parametrize("pulls", [[], None, [{"number": 1, "head": {"sha": OTHER}}]])
def test_a_suite_without_a_pull_request_asks_for_nothing(pulls) -> None:
    suite = {"head_sha": SHA, "pull_requests": pulls}
    assert isinstance(parse("check_suite", "requested", check_suite=suite), Ignored)
    assert isinstance(parse("check_suite", "completed", check_suite=suite), Ignored)


def queued(base: str = "main") -> dict[str, object]:
    ref = f"refs/heads/gh-readonly-queue/{base}/pr-104-{OTHER}"
    return {"head_sha": SHA, "head_ref": ref, "base_sha": OTHER, "base_ref": f"refs/heads/{base}"}


@pytest.mark.parametrize("base", ["main", "release/1.x", "pr-7-odd"])
def test_the_merge_queue_is_answered_on_its_groups_head(base: str) -> None:
    job = parse("merge_group", "checks_requested", merge_group=queued(base))
    group = GroupRef("github", "octo/hello", 104, SHA)
    assert job == GroupJob(group, "d-1", "merge_group.checks_requested", 5)


def test_a_group_that_is_gone_asks_for_nothing() -> None:
    assert isinstance(parse("merge_group", "destroyed", merge_group=queued()), Ignored)


def test_the_check_of_a_group_can_be_asked_for_again() -> None:
    group = GroupRef("github", "octo/hello", 2, SHA)
    asked = parse("check_run", "rerequested", check_run=run(external_id=group.key))
    assert asked == GroupJob(group, "d-1", "check_run.rerequested", 5)


def comment(body: str, **more: object) -> dict[str, object]:
    return {"id": 9, "body": body, "user": HUMAN, "path": "a.py", **more}


def test_a_command_under_a_pull_request_is_handed_on() -> None:
    issue = {"number": 2, "pull_request": {"url": "u"}}
    job = parse("issue_comment", "created", issue=issue, comment=comment("/gavel review"))
    assert isinstance(job, RemarkJob)
    remark = job.remark
    assert (remark.change.number, remark.change.head_sha, remark.thread) == (2, "", "")
    assert (remark.id, remark.author, remark.is_bot, remark.path) == ("9", "ada", False, "")


def test_a_suggestion_keeps_its_lines_and_its_thread() -> None:
    given = comment(SUGGESTION, line=7, start_line=5, side="RIGHT", in_reply_to_id=4)
    job = parse("pull_request_review_comment", "created", pull_request=PULL, comment=given)
    assert isinstance(job, RemarkJob)
    remark = job.remark
    assert (remark.path, remark.start_line, remark.end_line) == ("a.py", 5, 7)
    assert (remark.change, remark.thread, job.installation_id) == (CHANGE, "4", 5)


@pytest.mark.parametrize("more", [{"line": None}, {"line": 3, "side": "LEFT"}])
def test_a_suggestion_on_no_line_of_the_new_side_has_no_path(more) -> None:
    given = comment(SUGGESTION, **more)
    job = parse("pull_request_review_comment", "created", pull_request=PULL, comment=given)
    assert (job.remark.path, job.remark.start_line, job.remark.end_line) == ("", 0, 0)


def test_the_code_of_another_bot_is_handed_on_and_its_commands_are_not() -> None:
    code = comment("Try this:\n```python\nx = 1\n```", user=BOT, line=7)
    order = comment("/gavel review", user=BOT, line=7)
    job = parse("pull_request_review_comment", "created", pull_request=PULL, comment=code)
    assert isinstance(job, RemarkJob) and job.remark.is_bot
    asked = parse("pull_request_review_comment", "created", pull_request=PULL, comment=order)
    assert isinstance(asked, Ignored)


def test_a_command_in_a_review_is_handed_on() -> None:
    given = {"id": 9, "body": "Fine.\n/gavel explain", "user": HUMAN}
    job = parse("pull_request_review", "submitted", pull_request=PULL, review=given)
    assert (job.remark.id, job.remark.thread, job.remark.change) == ("review-9", "", CHANGE)


@pytest.mark.parametrize(
    "body",
    ["", None, "Nice work", "see /gavel", f"{SUGGESTION}\n\n<!-- gavel:fp={FP} -->"],
)
def test_words_that_ask_for_nothing_and_our_own_are_ignored(body) -> None:
    given = {"id": 9, "body": body, "user": HUMAN}
    asked = parse("pull_request_review", "submitted", pull_request=PULL, review=given)
    assert isinstance(asked, Ignored)


def test_a_comment_on_an_issue_is_ignored() -> None:
    asked = parse("issue_comment", "created", issue={"number": 2}, comment=comment("/gavel help"))
    assert asked == Ignored("a comment on an issue, not on a pull request")


def threaded(body: str) -> dict[str, object]:
    return {"pull_request": PULL, "thread": {"comments": [{"body": body}]}}


@pytest.mark.parametrize(
    ("action", "signal"), [("resolved", "resolved"), ("unresolved", "reopened")]
)
def test_a_thread_that_a_person_closes_or_opens_is_an_opinion(action, signal) -> None:
    body = f"Words.\n\n<!-- gavel:fp={FP} -->"
    job = parse("pull_request_review_thread", action, **threaded(body))
    name = f"pull_request_review_thread.{action}"
    assert job == OpinionJob(CHANGE, "d-1", name, FP, signal, "thread", "ada")


def test_an_opinion_on_ones_own_change_is_told_as_such() -> None:
    given = threaded(f"Words.\n\n<!-- gavel:fp={FP} -->")
    given["pull_request"] = {**PULL, "user": HUMAN}
    assert parse("pull_request_review_thread", "resolved", **given).is_own


def test_a_thread_that_is_closed_with_a_reason_is_dismissed_for_it() -> None:
    reply = {"body": "Not a bug: b is never 0 <b>@all</b>", "user": HUMAN}
    ours = {"body": f"Words.\n\n<!-- gavel:fp={FP} -->", "user": BOT}
    noise = {"body": "false positive", "user": BOT}
    given = {"pull_request": PULL, "thread": {"comments": [ours, reply, noise]}}
    job = parse("pull_request_review_thread", "resolved", **given)
    assert (job.signal, job.reason) == ("dismissed", reply["body"])


def test_a_thread_that_a_program_closes_or_that_is_not_ours_is_no_opinion() -> None:
    body = f"Words.\n\n<!-- gavel:fp={FP} -->"
    event = "pull_request_review_thread"
    assert isinstance(parse(event, "resolved", sender=BOT, **threaded(body)), Ignored)
    assert isinstance(parse(event, "resolved", **threaded("Theirs.")), Ignored)


@pytest.mark.parametrize("event", ["installation", "installation_repositories"])
@pytest.mark.parametrize("action", ["created", "deleted", "added", "suspend"])
def test_an_installation_is_acknowledged(event: str, action: str) -> None:
    assert isinstance(parse(event, action), Ignored)
