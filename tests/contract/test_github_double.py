"""What the stand-in of GitHub refuses, as GitHub does."""

import pytest
import requests

from bot.demo.github_double import GitHubDouble
from bot.demo.github_double_rules import UnprocessableError, check_run, check_status, commentable

QUOTED = """\
diff --git "a/caf\\303\\251 \\"x\\".py" "b/caf\\303\\251 \\"x\\".py"
--- "a/caf\\303\\251 \\"x\\".py"
+++ "b/caf\\303\\251 \\"x\\".py"
@@ -1,2 +1,2 @@
-old
+new
 same
\\ No newline at end of file
"""


def post(github, path, body, token="a-token-of-the-test"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(
        f"{github.url}/repos/octo/hello/{path}", json=body, headers=headers, timeout=10
    )


def on_lines(**lines):
    return {
        "commit_id": "1" * 40,
        "event": "COMMENT",
        "comments": [{"path": "app.py", "body": "x", "side": "RIGHT", **lines}],
    }


@pytest.mark.parametrize("token", ["", "another"])
def test_nobody_enters_without_the_token(github, token) -> None:
    answer = post(github, "pulls/7/reviews", on_lines(line=2), token)
    assert answer.status_code == 401 and github.double.reviews == ()


def test_a_comment_inside_the_diff_is_taken(github) -> None:
    assert post(github, "pulls/7/reviews", on_lines(line=2)).status_code == 200
    assert post(github, "pulls/7/reviews", on_lines(line=24, start_line=23)).status_code == 200


@pytest.mark.parametrize(
    "lines",
    [
        {"line": 10},
        {"line": 0},
        {"line": "2"},
        {"line": 2, "path": "nowhere.py"},
        {"line": 23, "start_line": 3},
        {"line": 3, "start_line": 3},
        {"line": 23, "side": "LEFT"},
        {"line": 2, "body": ""},
        {"line": 2, "body": "x" * 65_537},
    ],
    ids=str,
)
def test_a_comment_outside_its_hunk_is_refused(github, lines) -> None:
    answer = post(github, "pulls/7/reviews", on_lines(**lines))
    assert (answer.status_code, answer.json()["message"]) == (422, "Unprocessable Entity")
    assert github.double.reviews == ()


@pytest.mark.parametrize("change", [{"commit_id": "9" * 40}, {"commit_id": None}, {"event": "NO"}])
def test_a_review_of_an_unknown_commit_or_event_is_refused(github, change) -> None:
    assert post(github, "pulls/7/reviews", {**on_lines(line=2), **change}).status_code == 422


def run_with(**output):
    return {"name": "n", "head_sha": "1" * 40, "output": {"title": "t", "summary": "s", **output}}


ROW = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "n"},
        {**run_with(), "status": "done"},
        {**run_with(), "status": "completed"},
        {**run_with(), "conclusion": "passed"},
        run_with(summary="x" * 65_536),
        run_with(summary=""),
        run_with(annotations=[ROW] * 51),
        run_with(annotations=[{**ROW, "start_line": 2}]),
        run_with(annotations=[{**ROW, "title": "x" * 256}]),
        run_with(annotations=[{**ROW, "message": "é" * 32_769}]),
        run_with(annotations=[{**ROW, "end_line": 2, "start_column": 1}]),
        run_with(annotations=[{**ROW, "annotation_level": "bad"}]),
    ],
)
def test_a_check_run_outside_the_limits_is_refused(body) -> None:
    with pytest.raises(UnprocessableError):
        check_run(body, is_new=True)


def test_a_check_run_within_the_limits_is_taken() -> None:
    check_run(run_with(annotations=[ROW] * 50), is_new=True)


@pytest.mark.parametrize(
    "body", [{"state": "passed"}, {"state": "error", "description": "x" * 141}]
)
def test_a_status_outside_the_limits_is_refused(body) -> None:
    with pytest.raises(UnprocessableError):
        check_status(body)


def test_a_check_on_an_unknown_commit_is_refused(github) -> None:
    assert post(github, "check-runs", {**run_with(), "head_sha": "9" * 40}).status_code == 422


def test_commentable_lines_are_told_apart_by_hunk_and_side() -> None:
    assert commentable(QUOTED) == {
        ('café "x".py', "LEFT"): [{1, 2}],
        ('café "x".py', "RIGHT"): [{1, 2}],
    }


def test_a_failure_is_given_as_often_as_it_was_told() -> None:
    double = GitHubDouble(token="t")
    url = double.start()
    double.fail_next(500, times=2)
    got = [requests.get(f"{url}/repos/o/r", timeout=10).status_code for _ in range(3)]
    double.stop()
    double.stop()
    assert got == [500, 500, 401]
    assert [one.status for one in double.requests] == got
