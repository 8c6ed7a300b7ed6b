"""Signing in as a GitHub App, with a throwaway key."""

import dataclasses
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo.github_double import GitHubDouble
from tests.described import outside
from worker.forges.base import Forbidden
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, installation_auth
from worker.forges.open import open_forge
from worker.settings import WorkerSettings


@pytest.fixture(scope="session")
def key_pair() -> tuple[str, str]:
    """A throwaway RSA key, as PEM texts: private, public."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@pytest.fixture
def app(github, key_pair):
    """A stand-in that knows an App, seeded with our change, and its URL."""
    double = GitHubDouble(token="unused", app_id="42", app_public_key=key_pair[1])
    double.add_change(
        repo=github.repo,
        number=github.number,
        head_sha=github.head,
        base_sha=github.base,
        diff=github.diff,
    )
    yield double, double.start()
    double.stop()
    assert outside(double) == []


def signed_in(url, private_key):
    auth = installation_auth("42", private_key, 99)
    return client(auth, url=url, seconds_between_writes=0)


def test_an_app_signs_in_once_and_works_with_its_installation_token(github, app, key_pair) -> None:
    double, url = app
    with signed_in(url, key_pair[0]) as built:
        forge = GitHubForge(GitHubApi(built))
        forge.describe(github.change())
        forge.publish(github.change(), github.review(github.comment()))
    asked = [one.method for one in double.requests if one.path.startswith("/app/")]
    assert asked == ["GET", "POST"]
    assert len(double.reviews) == 1 and double.check_runs[0].conclusion == "neutral"


def test_the_key_may_have_written_out_line_ends_or_lie_in_a_file(
    github, app, key_pair, tmp_path
) -> None:
    _, url = app
    path = tmp_path / "app.pem"
    path.write_text(key_pair[0])
    for key in (key_pair[0].replace("\n", "\\n"), str(path)):
        with signed_in(url, key) as built:
            assert GitHubForge(GitHubApi(built)).describe(github.change()).is_open


@pytest.mark.parametrize(
    "key",
    ["/no/such/file.pem", "-----BEGIN RSA PRIVATE KEY-----\nnonsense\n-----END-----"],
    ids=["missing", "broken"],
)
def test_an_unusable_key_is_told_by_its_variable(github, app, key) -> None:
    with signed_in(app[1], key) as built, pytest.raises(Forbidden, match="GITHUB_PRIVATE_KEY"):
        GitHubForge(GitHubApi(built)).describe(github.change())


def test_a_key_of_another_app_is_forbidden(github, app) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    built = signed_in(app[1], other.decode())
    with built, pytest.raises(Forbidden, match="GAVEL_GITHUB_PRIVATE_KEY"):
        GitHubForge(GitHubApi(built)).describe(github.change())


def test_the_web_token_is_dated_as_github_asks(key_pair) -> None:
    auth = installation_auth("42", key_pair[0], 99)
    claims = jwt.decode(
        auth._app_auth.token, key_pair[1], algorithms=["RS256"], options={"verify_iat": False}
    )
    assert claims["iss"] == "42"
    assert claims["iat"] <= time.time() - 50 and claims["exp"] - time.time() <= 600


def test_a_token_is_asked_for_no_more_than_is_used(github, key_pair) -> None:
    granted = {"pull_requests", "checks", "secrets", "administration"}
    double = GitHubDouble(
        token="unused", app_id="42", app_public_key=key_pair[1], permissions=granted
    )
    double.add_change(
        repo=github.repo, number=7, head_sha=github.head, base_sha=github.base, diff=""
    )
    with signed_in(double.start(), key_pair[0]) as built:
        GitHubForge(GitHubApi(built)).describe(github.change())
    double.stop()
    (issued,) = double.tokens
    assert issued["permissions"] == {
        "checks": "write",
        "contents": "read",
        "metadata": "read",
        "pull_requests": "write",
    }


def test_a_token_that_is_about_to_end_is_replaced(github, key_pair) -> None:
    double = GitHubDouble(token="unused", app_id="42", app_public_key=key_pair[1], token_life_s=5)
    double.add_change(
        repo=github.repo, number=7, head_sha=github.head, base_sha=github.base, diff=""
    )
    with signed_in(double.start(), key_pair[0]) as built:
        forge = GitHubForge(GitHubApi(built))
        forge.file(github.change(), "a.py", sha=github.head)
        forge.file(github.change(), "a.py", sha=github.head)
    double.stop()
    assert len(double.tokens) == 2


def test_a_process_keeps_its_token_from_one_review_to_the_next(github, app, key_pair) -> None:
    double, url = app
    settings = WorkerSettings(
        github_url=url,
        github_app_id=42,
        github_private_key=key_pair[0],
        github_token=None,
        github_write_gap_s=0,
    )
    for _ in range(3):
        open_forge("github", settings, installation_id=99).describe(github.change())
    assert len(double.tokens) == 1


def test_a_token_opens_one_repository_and_no_other(github, app, key_pair) -> None:
    double, url = app
    settings = WorkerSettings(
        github_url=url, github_app_id=42, github_private_key=key_pair[0], github_token=None
    )
    forge = open_forge("github", settings, installation_id=99, repo=github.repo)
    assert forge.describe(github.change()).is_open
    assert [one["repository_selection"] for one in double.tokens] == ["selected"]
    elsewhere = dataclasses.replace(github.change(), repo="octo/another")
    double.add_change(
        repo="octo/another", number=github.number, head_sha=github.head, base_sha="0" * 40, diff=""
    )
    with pytest.raises(Forbidden, match="404"):
        forge.describe(elsewhere)
    other = open_forge("github", settings, installation_id=99, repo="octo/another")
    assert other.describe(elsewhere).is_open


@pytest.mark.parametrize(
    ("granted", "tried", "way"),
    [
        ({"pull_requests", "issues", "checks"}, "/statuses/", "check run"),
        ({"pull_requests", "issues", "statuses"}, "/check-runs", "status"),
        ({"pull_requests", "issues"}, "/statuses/", "comment"),
        ({"checks"}, "/reviews", "check run"),
    ],
)
def test_what_the_token_was_not_granted_is_never_tried(
    github, key_pair, granted: set[str], tried: str, way: str
) -> None:
    double = GitHubDouble(
        token="unused",
        app_id="42",
        app_public_key=key_pair[1],
        permissions=frozenset(granted),
    )
    double.add_change(
        repo=github.repo,
        number=github.number,
        head_sha=github.head,
        base_sha=github.base,
        diff=github.diff,
    )
    with signed_in(double.start(), key_pair[0]) as built:
        forge = GitHubForge(GitHubApi(built))
        forge.describe(github.change())
        forge.announce(github.change())
        forge.publish(github.change(), github.review(github.comment()))
    double.stop()
    assert outside(double) == []
    writes = [one for one in double.requests if one.method != "GET" and one.path != "/graphql"]
    assert not [one.path for one in writes if tried in one.path]
    assert [one.status for one in writes if one.status == 403] == []
    shown = {"check run": double.check_runs, "status": double.statuses}
    assert shown.get(way, double.issue_comments)
