"""Words on a pull request, through real processes, to an answer and what it changes."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Protocol

import pytest

from worker.feedback import Signal
from worker.store import feedback

pytestmark = pytest.mark.journey

REPO, NUMBER, FIRST, SECRET = "octo/hello", 7, "a" * 40, "webhook-secret"


class Town(Protocol):
    """See conftest."""

    def __getattr__(self, name: str): ...


def post(town: Town, event: str, delivery_id: str, **delivery: object) -> int:
    body = json.dumps({"repository": {"full_name": REPO}, **delivery}).encode()
    mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery_id,
        "X-Hub-Signature-256": f"sha256={mac}",
    }
    return town.post("github", body, headers)


def under(town: Town, words: str, *, author: str, delivery_id: str, comment_id: int) -> int:
    return post(
        town,
        "issue_comment",
        delivery_id,
        action="created",
        issue={"number": NUMBER, "pull_request": {"url": "x"}},
        comment={"id": comment_id, "body": words, "user": {"login": author, "type": "User"}},
    )


def in_thread(town: Town, words: str, *, thread: int, delivery_id: str) -> int:
    comment = {
        "id": 9002,
        "in_reply_to_id": thread,
        "body": words,
        "user": {"login": "ann", "type": "User"},
        "path": "sums.py",
        "line": 2,
        "side": "RIGHT",
    }
    pull = {"number": NUMBER, "head": {"sha": FIRST}, "user": {"login": "octocat"}}
    return post(
        town,
        "pull_request_review_comment",
        delivery_id,
        action="created",
        comment=comment,
        pull_request=pull,
    )


def answers(town: Town) -> list[str]:
    return [one.body for one in town.github.issue_comments if "<!-- gavel:re=" in one.body]


def test_a_person_with_write_access_is_answered_once_and_a_stranger_never(town: Town) -> None:
    town.let_judge()
    town.github.let_write("ann")
    town.start("redis", "io", "gpu", "beat")
    town.deliver("d1")
    town.wait_for_states({FIRST: "published"})
    (review,) = town.github.reviews
    assert under(town, "/gavel help", author="bob", delivery_id="c0", comment_id=9000) == 202
    for name in ("c1", "c1", "c2"):
        assert under(town, "/gavel help", author="ann", delivery_id=name, comment_id=9001) == 202
    thread = review.comments[0].id
    assert in_thread(town, "/gavel accept", thread=thread, delivery_id="c3") == 202
    town.wait_until(
        lambda: feedback.of_repo(town.engine, forge="github", repo=REPO) != [],
        "the opinion is kept",
    )
    town.wait_until(lambda: answers(town) != [], "the answer is posted")
    (given,) = feedback.of_repo(town.engine, forge="github", repo=REPO)
    assert (given.signal, given.author, given.is_own) == (Signal.ACCEPTED, "ann", False)
    town.wait_until(
        lambda: any("gavel:re=9002" in str(one.body) for one in town.github.requests),
        "the thread is answered",
    )
    (answer,) = answers(town)
    assert "`/gavel rank`" in answer and answer.endswith("<!-- gavel:re=9001 -->")
