"""What the worker learns when GitHub fails, limits, redirects or talks nonsense."""

import time

import pytest

from bot.demo.github_double import GitHubDouble
from worker.forges.base import Forbidden, ForgeError, Unavailable
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait_s"),
    [
        (403, {"Retry-After": "7"}, "{}", 7),
        (429, {"Retry-After": "9"}, "{}", 9),
        (429, {}, "{}", 60),
        (403, {}, '{"message": "You have exceeded a secondary rate limit."}', 60),
        (403, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "{}", 60),
        (403, {"Retry-After": "999999"}, "{}", 3600),
        (500, {}, "oops", 30),
        (503, {"Retry-After": "5"}, "", 5),
    ],
)
def test_a_limit_or_a_fault_says_when_to_try_again(github, status, headers, body, wait_s) -> None:
    github.double.fail_next(status, headers=headers, body=body)
    with pytest.raises(Unavailable) as caught:
        github.forge.describe(github.change())
    assert caught.value.retry_after_s == wait_s
    assert len(github.double.requests) == 1


def test_a_spent_rate_limit_waits_for_its_reset(github) -> None:
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 600)}
    github.double.fail_next(403, headers=reset)
    with pytest.raises(Unavailable) as caught:
        github.forge.describe(github.change())
    assert 500 < caught.value.retry_after_s <= 600


@pytest.mark.parametrize("status", [403, 404, 410, 451])
def test_what_cannot_be_helped_by_waiting_is_forbidden(github, status) -> None:
    github.double.fail_next(status)
    with pytest.raises(Forbidden, match=str(status)):
        github.forge.describe(github.change())


def test_a_wrong_token_is_told_by_the_variable_to_set(github) -> None:
    wrong = client(token_auth("wrong"), url=github.url)
    with wrong, pytest.raises(Forbidden, match="GAVEL_GITHUB_TOKEN") as caught:
        GitHubForge(GitHubApi(wrong)).describe(github.change())
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    "body", ['{"title": "cut', "", "[]", "null", '{"head": 3}', '"text"'], ids=repr
)
def test_an_answer_that_is_not_what_is_documented_is_unavailable(github, body) -> None:
    github.double.fail_next(200, body=body)
    with pytest.raises(Unavailable, match="answer"):
        github.forge.describe(github.change())


def test_a_body_that_breaks_off_is_unavailable(github) -> None:
    github.double.fail_next(200, headers={"Content-Length": "5000"}, body='{"number": 7}')
    with pytest.raises(Unavailable):
        github.forge.describe(github.change())


def test_a_host_that_does_not_answer_is_unavailable(github) -> None:
    github.double.stop()
    with pytest.raises(Unavailable, match="cannot be reached"):
        github.forge.describe(github.change())


def test_the_message_of_a_failure_is_one_plain_line(github) -> None:
    github.double.fail_next(403, body='{"message": "no\\n\\u001b[31mred\\u202e"}')
    with pytest.raises(ForgeError) as caught:
        github.forge.describe(github.change())
    assert "no red" in str(caught.value)
    assert not {"\n", "\x1b", "\u202e"} & set(str(caught.value))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_never_takes_the_token_to_another_host(github, status) -> None:
    elsewhere = GitHubDouble(token="x")
    location = elsewhere.start().replace("127.0.0.1", "localhost") + "/repos/octo/hello/pulls/7"
    github.double.fail_next(status, headers={"Location": location}, body="")
    with pytest.raises(Forbidden, match="GAVEL_GITHUB_URL"):
        github.forge.describe(github.change())
    elsewhere.stop()
    assert elsewhere.requests == ()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_repository_that_was_renamed_is_told_and_not_read_without_its_commit(
    github, status
) -> None:
    moved = f"{github.url}/repositories/1/contents/app.py?ref={github.head}"
    github.double.fail_next(status, headers={"Location": moved}, body="")
    with pytest.raises(Forbidden, match="the repository's present name"):
        github.forge.file(github.change(), "app.py", sha=github.head)
    assert len(github.double.requests) == 1


def test_building_a_forge_asks_nothing(github) -> None:
    with client(token_auth("t"), url=github.url) as built:
        GitHubForge(GitHubApi(built))
    assert github.double.requests == ()
