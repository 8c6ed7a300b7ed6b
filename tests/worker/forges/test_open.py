import pytest

from worker.forges.base import Forbidden
from worker.forges.github import GitHubForge
from worker.forges.github_auth import client, token_auth
from worker.forges.open import open_forge
from worker.settings import WorkerSettings


def settings(**given: object) -> WorkerSettings:
    blank = {"github_token": None, "github_app_id": None, "github_private_key": None}
    return WorkerSettings.model_validate({**blank, **given})


APP = {"github_app_id": 42, "github_private_key": "-----BEGIN nothing"}


@pytest.mark.parametrize(
    ("given", "installation_id"),
    [({"github_token": "t"}, None), (APP, 7), ({**APP, "github_token": "t"}, None)],
)
def test_a_token_or_an_app_opens_github(given, installation_id) -> None:
    opened = open_forge("github", settings(**given), installation_id=installation_id)
    assert isinstance(opened, GitHubForge)


def test_without_credentials_the_variables_are_named() -> None:
    with pytest.raises(Forbidden, match=r"GAVEL_GITHUB_TOKEN.*GAVEL_GITHUB_APP_ID"):
        open_forge("github", settings(), installation_id=None)


def test_an_app_without_an_installation_says_what_to_do() -> None:
    with pytest.raises(Forbidden, match="names no installation"):
        open_forge("github", settings(**APP), installation_id=None)


def test_an_unknown_forge_is_refused_by_name() -> None:
    with pytest.raises(Forbidden, match="unknown forge 'gitbub': expected github"):
        open_forge("gitbub", settings(github_token="t"), installation_id=None)


@pytest.mark.parametrize(
    ("url", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("https://ghe.example:8443/api/v3/", "https://ghe.example:8443/api/graphql"),
    ],
)
def test_an_enterprise_server_is_found_by_the_url_of_its_api(url: str, graphql: str) -> None:
    with client(token_auth("t"), url=url) as built:
        assert built.requester.base_url == url.rstrip("/")
        assert built.requester.graphql_url == graphql
