"""Decides the settings of the receiver from GAVEL_* environment variables."""

from __future__ import annotations

import base64
import binascii
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator

from bot.hooks.gitlab import SIGNING_TOKEN
from worker.settings import StateSettings

PREFIX = "GAVEL_"
MAKE_A_SECRET = "python3 -c 'import secrets; print(secrets.token_hex(32))'"  # noqa: S105
MIN_KEY_BYTES = 24  # github.com/standard-webhooks/standard-webhooks, spec; GitLab's have 32
NO_SECRET = (
    f"GAVEL_GITHUB_WEBHOOK_SECRET is not set: make one with `{MAKE_A_SECRET}`, and set the same "
    "value as the secret of the webhook on GitHub; for GitLab, the variable is "
    "GAVEL_GITLAB_WEBHOOK_SECRET"
)


class SettingsError(Exception):
    """A setting is missing or wrong. Names the variable and the remedy in one sentence."""


class BotSettings(StateSettings):
    """Everything that the receiver can be told. It holds webhook secrets and no forge tokens."""

    github_webhook_secret: SecretStr | None = Field(
        None, description="The secret that is also set in the webhook's settings on GitHub."
    )
    gitlab_webhook_secret: SecretStr | None = Field(
        None,
        description="The webhook's signing token (whsec_...) or secret token, as set on GitLab.",
    )
    receivers: int = Field(
        0, ge=0, le=64, description="Processes of the receiver; 0: one, on PostgreSQL two to four."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["json", "text"] = Field("json", description="json, or text for people.")

    @field_validator("github_webhook_secret", "gitlab_webhook_secret")
    @classmethod
    def _usable(cls, secret: SecretStr | None) -> SecretStr | None:
        """An empty secret would mean checks off, and stray white space that none ever match."""
        if secret is None:
            return None
        text = secret.get_secret_value()
        if not text.strip():
            raise ValueError(f"it is empty: make one with `{MAKE_A_SECRET}`")
        if text != text.strip():
            raise ValueError("it starts or ends with white space: set it without")
        return secret

    @field_validator("gitlab_webhook_secret")
    @classmethod
    def _readable(cls, secret: SecretStr | None) -> SecretStr | None:
        """What begins as a signing token must be one: `whsec_` and the base64 of a key."""
        text = secret.get_secret_value() if secret is not None else ""
        if text.startswith(SIGNING_TOKEN) and len(_key_in(text)) < MIN_KEY_BYTES:
            raise ValueError("it begins with whsec_ and is no signing token: copy the whole token")
        return secret

    @model_validator(mode="after")
    def _any(self) -> Self:
        """Without a single secret, nobody could deliver anything."""
        if not self.secrets():
            raise ValueError(NO_SECRET)
        return self

    def secrets(self) -> dict[str, str]:
        """The webhook secret of every forge that has one, by the forge's name."""
        given = {"github": self.github_webhook_secret, "gitlab": self.gitlab_webhook_secret}
        return {forge: one.get_secret_value() for forge, one in given.items() if one is not None}


def _key_in(signing_token: str) -> bytes:
    """The key of a signing token, empty where it cannot be read."""
    try:
        return base64.b64decode(signing_token.removeprefix(SIGNING_TOKEN), validate=True)
    except binascii.Error:
        return b""


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
    said = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:  # about the settings as a whole: the sentence names its variables
        return said
    return f"{PREFIX}{str(problem['loc'][0]).upper()}: {said}"
