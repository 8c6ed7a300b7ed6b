from pathlib import Path

import pytest

from worker.forges.base import Forbidden
from worker.forges.gitlab import GitLabForge
from worker.forges.gitlab_api import answered
from worker.forges.gitlab_client import client
from worker.forges.open import open_forge
from worker.settings import WorkerSettings


def test_a_token_opens_gitlab_and_asks_nothing_yet() -> None:
    settings = WorkerSettings.model_validate({"gitlab_token": "t"})
    assert isinstance(open_forge("gitlab", settings, installation_id=None), GitLabForge)


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_the_variable_is_named(token: str | None) -> None:
    settings = WorkerSettings.model_validate({"gitlab_token": token})
    with pytest.raises(Forbidden, match="GAVEL_GITLAB_TOKEN"):
        open_forge("gitlab", settings, installation_id=None)


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://gitlab.com", "https://gitlab.com/api/v4"),
        ("https://git.example/", "https://git.example/api/v4"),
        ("https://git.example/api/v4", "https://git.example/api/v4"),
        ("https://example.org/git/api/v4/", "https://example.org/git/api/v4"),
    ],
)
def test_the_url_may_be_that_of_the_server_or_of_its_api(url: str, api: str) -> None:
    assert client("t", url=url, ca_file=None, answered=answered).api_url == api


def test_the_authority_of_a_certificate_is_read_from_a_file() -> None:
    built = client("t", url="https://git.example", ca_file=Path("~/ca.pem"), answered=answered)
    assert built.ssl_verify == str(Path.home() / "ca.pem")
