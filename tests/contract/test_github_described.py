"""What is held against GitHub's own description, and that a breach would be noticed.

Every test of this folder holds its whole traffic against it, when its stage closes.
"""

from dataclasses import replace

import pytest

from bot.demo.github_double_state import Request
from tests import npm
from tests.described import description, outside


@pytest.fixture(scope="module")
def described():
    """GitHub's description; without npm nothing in this folder is held against it."""
    try:
        npm.file_of(npm.OPENAPI, "generated/api.github.com.json")
    except npm.NoNpm as reason:
        pytest.skip(str(reason))
    return description()


@pytest.fixture
def exchange(github) -> Request:
    """A review as it was posted and answered."""
    github.forge.publish(github.change(), github.review(github.comment()))
    (one,) = [r for r in github.double.requests if r.path.endswith("/reviews") and r.body]
    return one


def test_a_whole_review_is_as_described(described, github) -> None:
    github.forge.describe(github.change())
    github.forge.announce(github.change())
    github.forge.publish(github.change(), github.review(github.comment(), annotations=60))
    github.forge.remarks(github.change())
    github.forge.may_write(github.change(), "ada")
    assert outside(github.double) == []
    assert len({(one.method, one.path) for one in github.double.requests}) > 10


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"path": "/repos/octo/hello/pulls/7/opinions"}, "outside the description"),
        ({"method": "DELETE"}, "outside the description"),
        ({"query": {"depth": "2"}}, "'depth' is not described"),
        ({"body": {"event": "SHOUT", "body": "x"}}, "'SHOUT' is not one of"),
        ({"body": {"event": "COMMENT", "body": "x", "mood": "good"}}, "'mood' of the body"),
        ({"body": {"event": "COMMENT", "comments": [{"path": "a"}]}}, "'body' is a required"),
        ({"answer": {"id": "one"}}, "answer"),
        ({"status": 201}, "status is not described"),
        ({"answer_type": "text/html"}, "answered with text/html"),
    ],
    ids=str,
)
def test_a_breach_is_noticed(described, exchange, change, problem) -> None:
    found = described.problems(replace(exchange, **change))
    assert any(problem in one for one in found), found


def test_what_another_client_sends_may_be_wrong_and_the_answer_may_not(described, exchange) -> None:
    theirs = replace(exchange, body={"event": "SHOUT"})
    assert described.problems(theirs, is_ours=False) == []
    assert described.problems(replace(theirs, answer={}), is_ours=False)
