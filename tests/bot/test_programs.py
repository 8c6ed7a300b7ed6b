"""What each process of `gavel up` is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.programs import (
    Place,
    environment,
    private_environment,
    private_place,
    redis,
    services,
)

PLACE = Place(
    home=Path("/home/g"),
    state=Path("/home/g"),
    database_url="sqlite:////home/g/gavel.sqlite",
    broker_url="redis+socket:///home/g/redis.sock",
    socket=Path("/home/g/redis.sock"),
    host="127.0.0.1",
    port=8000,
)
GIVEN = {
    "PATH": "/bin",
    "GAVEL_GITHUB_URL": "https://ghe.example/api/v3",
    "GAVEL_GITHUB_WEBHOOK_SECRET": "w",
    "GAVEL_GITLAB_WEBHOOK_SECRET": "w",
    "GAVEL_DASHBOARD_SECRET": "d",
    "GAVEL_GITHUB_OAUTH_SECRET": "o",
    "GAVEL_GITHUB_TOKEN": "t",
    "GAVEL_GITHUB_APP_ID": "1",
    "GAVEL_GITHUB_PRIVATE_KEY": "k",
    "GAVEL_VISION_API_KEY": "v",
    "GITHUB_TOKEN": "t",
    "AWS_SECRET_ACCESS_KEY": "a",
    "Some_Api_Key": "a",
}
WEBHOOKS = {"GAVEL_GITHUB_WEBHOOK_SECRET", "GAVEL_GITLAB_WEBHOOK_SECRET"}
SIGN_IN = {"GAVEL_DASHBOARD_SECRET", "GAVEL_GITHUB_OAUTH_SECRET"}
TOKENS = {"GAVEL_GITHUB_TOKEN", "GAVEL_GITHUB_APP_ID", "GAVEL_GITHUB_PRIVATE_KEY"}


@pytest.mark.parametrize(
    ("role", "own"),
    [("receiver", WEBHOOKS | SIGN_IN), ("io", TOKENS), ("gpu", set()), ("beat", set())],
)
def test_a_process_holds_its_own_secrets_and_nobody_elses(role: str, own: set[str]) -> None:
    held = environment(role, GIVEN, PLACE)
    assert held.keys() & (GIVEN.keys() - {"PATH", "GAVEL_GITHUB_URL"}) == own
    assert held["PATH"] == "/bin"
    assert held["GAVEL_GITHUB_URL"] == "https://ghe.example/api/v3"


def test_every_process_is_told_the_same_database_and_broker() -> None:
    for program in services({"GAVEL_DATABASE_URL": "sqlite://"}, PLACE):
        assert program.environment["GAVEL_DATABASE_URL"] == PLACE.database_url
        assert program.environment["GAVEL_BROKER_URL"] == PLACE.broker_url
        assert program.environment["GAVEL_HOME"] == "/home/g"


def test_the_broker_is_told_no_secret() -> None:
    assert redis(("redis-server",), GIVEN).environment == {"PATH": "/bin"}


def test_no_secret_stands_in_an_argument_list() -> None:
    secrets = {"GAVEL_GITHUB_TOKEN": "hush-token", "GAVEL_GITHUB_WEBHOOK_SECRET": "hush-secret"}
    for program in services(secrets, PLACE):
        assert "hush" not in " ".join(program.arguments)


def test_no_process_imports_what_lies_in_the_current_folder() -> None:
    assert all(program.arguments[1] == "-P" for program in services(GIVEN, PLACE))


def test_a_place_of_its_own_shares_nothing_but_the_weights(tmp_path: Path) -> None:
    place = private_place(Path("/weights"), tmp_path, port=8123)
    assert place.home == Path("/weights")
    assert place.address == "http://127.0.0.1:8123"
    for where in (place.database_url, place.broker_url, str(place.socket), str(place.logs)):
        assert str(tmp_path) in where


def test_no_real_forge_is_known_in_an_environment_of_its_own() -> None:
    given = {"PATH": "/bin", "GAVEL_GITLAB_TOKEN": "real", "GAVEL_GITHUB_APP_ID": "1"}
    own = private_environment(given, url="http://here", token="t", secret="s")
    assert own == {
        "PATH": "/bin",
        "GAVEL_GITHUB_URL": "http://here",
        "GAVEL_GITHUB_TOKEN": "t",
        "GAVEL_GITHUB_WEBHOOK_SECRET": "s",
    }
