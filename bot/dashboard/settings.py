"""Decides the settings of the dashboard from GAVEL_* environment variables."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from bot.settings import PREFIX, SettingsError
from worker.settings import StateSettings

SHORTEST_KEY = 32


class DashboardSettings(StateSettings):
    """Who may sign in, and where the forges' sign-in pages are. It holds no forge token."""

    dashboard_url: str = Field(
        "", description="Address that people open, such as https://gavel.example.org."
    )
    dashboard_secret: SecretStr | None = Field(
        None, description="Key that signs sessions; default: a file in the home."
    )
    github_web_url: str = Field("https://github.com", description="Base URL of GitHub's pages.")
    github_url: str = Field("https://api.github.com", description="Base URL of GitHub's API.")
    github_oauth_id: str = Field("", description="Client id of the App or OAuth app on GitHub.")
    github_oauth_secret: SecretStr | None = Field(None, description="Its client secret.")
    gitlab_url: str = Field("https://gitlab.com", description="Base URL of GitLab.")
    gitlab_oauth_id: str = Field("", description="Id of the application on GitLab.")
    gitlab_oauth_secret: SecretStr | None = Field(None, description="Its secret.")
    price_per_hour: float = Field(
        0.0, ge=0, description="Price of an hour of a worker, for the pages; 0 shows no price."
    )

    @field_validator("dashboard_url", "github_web_url", "github_url", "gitlab_url")
    @classmethod
    def _address(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("it is no address: expected one that starts with https://")
        return url.rstrip("/")

    @field_validator("dashboard_secret")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().strip()) < SHORTEST_KEY:
            raise ValueError(f"it is too short to sign with: give {SHORTEST_KEY} characters")
        return key

    @model_validator(mode="after")
    def _whole(self) -> DashboardSettings:
        """A forge's sign-in needs both values, and the address that it sends people back to."""
        for forge in ("github", "gitlab"):
            name, secret = (getattr(self, f"{forge}_oauth_{part}") for part in ("id", "secret"))
            if bool(name) != (secret is not None):
                raise ValueError(f"set both GAVEL_{forge.upper()}_OAUTH_ID and …_OAUTH_SECRET")
            if name and not self.dashboard_url:
                raise ValueError(f"sign-in through {forge} needs GAVEL_DASHBOARD_URL")
        return self

    @property
    def is_secure(self) -> bool:
        """People reach it by https, so that cookies are sent that way alone."""
        return self.dashboard_url.startswith("https://")


def load() -> DashboardSettings:
    """The settings in the environment. Raises SettingsError."""
    try:
        return DashboardSettings()  # type: ignore[call-arg]  # read from the environment
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        words = problem["msg"].removeprefix("Value error, ")
        variable = "".join(f"{PREFIX}{str(part).upper()}: " for part in problem["loc"][:1])
        raise SettingsError(f"{variable}{words}") from None
