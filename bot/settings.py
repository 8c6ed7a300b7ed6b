"""Decides the settings of the receiver from GAVEL_* environment variables."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator

from worker.settings import StateSettings

PREFIX = "GAVEL_"
MAKE_A_SECRET = "python3 -c 'import secrets; print(secrets.token_hex(32))'"  # noqa: S105


class SettingsError(Exception):
    """A setting is missing or wrong. Names the variable and the remedy in one sentence."""


class BotSettings(StateSettings):
    """Everything that the receiver can be told. It holds webhook secrets and no forge tokens."""

    github_webhook_secret: SecretStr = Field(
        description="The secret that is also set in the webhook's settings on GitHub."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["json", "text"] = Field("json", description="json, or text for people.")

    @field_validator("github_webhook_secret")
    @classmethod
    def _usable(cls, secret: SecretStr) -> SecretStr:
        """An empty secret would mean checks off, and stray white space that none ever match."""
        text = secret.get_secret_value()
        if not text.strip():
            raise ValueError(f"it is empty: make one with `{MAKE_A_SECRET}`")
        if text != text.strip():
            raise ValueError("it starts or ends with white space: set it without")
        return secret

    def secrets(self) -> dict[str, str]:
        """The webhook secret of every forge, by the forge's name."""
        return {"github": self.github_webhook_secret.get_secret_value()}


def load() -> BotSettings:
    """The settings in the environment. Raises SettingsError."""
    try:
        return BotSettings()  # type: ignore[call-arg]  # read from the environment
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except ValueError as error:  # a default that cannot be made, such as a socket's path
        raise SettingsError(str(error)) from None


def _sentence(error: ValidationError) -> str:
    """The first problem, without the value: it may be a secret."""
    problem = error.errors(include_input=False, include_url=False)[0]
    variable = PREFIX + str(problem["loc"][0]).upper()
    if problem["type"] == "missing":
        return (
            f"{variable} is not set: make one with `{MAKE_A_SECRET}`, and set the same value "
            "as the secret of the webhook on GitHub"
        )
    return f"{variable}: {problem['msg'].removeprefix('Value error, ')}"
