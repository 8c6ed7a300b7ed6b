"""Examine how an installation reaches its forges: secrets, tokens, certificates. Acts, changes
nothing, and tries no token out."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot import settings as receiver
from bot.doctor_checks import Check, Status
from worker.settings import WorkerSettings

NEEDED_FOR = "; only needed to review changes on a forge with `gavel up`"


def forges(settings: WorkerSettings, environ: Mapping[str, str]) -> tuple[Check, ...]:
    """The checks of every forge that is set up, or what GitHub lacks where none is."""
    has_gitlab = _is_set(environ, "GAVEL_GITLAB_WEBHOOK_SECRET") or _has(settings.gitlab_token)
    has_github = _is_set(environ, "GAVEL_GITHUB_WEBHOOK_SECRET") or _token(settings)[1]
    github = _github(settings, environ) if has_github or not has_gitlab else ()
    return (*github, *(_gitlab(settings, environ) if has_gitlab else ()))


def _github(settings: WorkerSettings, environ: Mapping[str, str]) -> tuple[Check, Check]:
    """Webhook secret and token: both or, for the command line alone, neither."""
    secret = _secret("webhook secret", "GAVEL_GITHUB_WEBHOOK_SECRET", environ)
    token, has_token = _token(settings)
    if not _is_set(environ, "GAVEL_GITHUB_WEBHOOK_SECRET") and not has_token:
        return (
            Check(secret.name, Status.UNSET, secret.finding + NEEDED_FOR, secret.remedy),
            Check(token.name, Status.UNSET, token.finding + NEEDED_FOR, token.remedy),
        )
    return secret, token


def _gitlab(settings: WorkerSettings, environ: Mapping[str, str]) -> tuple[Check, ...]:
    """Secret and token of GitLab, and the file of certificates where one is named."""
    secret = _secret("gitlab secret", "GAVEL_GITLAB_WEBHOOK_SECRET", environ)
    token = Check("gitlab token", Status.OK, f"set, for {settings.gitlab_url}")
    if not _has(settings.gitlab_token):
        token = Check(
            "gitlab token", Status.PROBLEM, "GAVEL_GITLAB_TOKEN is not set",
            "set it to a project, group or personal access token with the scope `api`",
        )  # fmt: skip
    if settings.gitlab_ca_file is None:
        return secret, token
    return secret, token, _certificates(settings.gitlab_ca_file.expanduser())


def _certificates(path: Path) -> Check:
    """Whether a file holds certificates that can be trusted."""
    remedy = "set GAVEL_GITLAB_CA_FILE to a PEM file with the authority's certificate"
    try:
        found = ssl.create_default_context(cafile=str(path)).cert_store_stats()["x509_ca"]
    except OSError as error:  # ssl.SSLError is one
        said = error.strerror or type(error).__name__
        return Check("gitlab authority", Status.PROBLEM, f"{path}: {said}", remedy)
    if not found:
        return Check("gitlab authority", Status.PROBLEM, f"{path} has no authority", remedy)
    return Check("gitlab authority", Status.OK, str(path))


def _secret(name: str, variable: str, environ: Mapping[str, str]) -> Check:
    """The webhook secret in `variable`: whether the receiver takes it."""
    if variable not in environ and f"{variable}_FILE" not in environ:
        return Check(name, Status.PROBLEM, f"{variable} is not set", _make(variable))
    try:
        receiver.load()
    except receiver.SettingsError as error:
        what, _, remedy = str(error).partition(": ")
        return Check(name, Status.PROBLEM, what, remedy)
    return Check(name, Status.OK, "set")


def _make(variable: str) -> str:
    """How to come by a secret."""
    forge = "GitHub" if "GITHUB" in variable else "GitLab"
    return (
        f"make one with `{receiver.MAKE_A_SECRET}`, and set the same value as the secret of the "
        f"webhook on {forge}"
    )


def _token(settings: WorkerSettings) -> tuple[Check, bool]:
    """The credentials of GitHub, and whether there are any at all. None is tried out."""
    has_key = _has(settings.github_private_key)
    has_id = settings.github_app_id is not None
    if has_id != has_key:
        missing = "GAVEL_GITHUB_PRIVATE_KEY" if has_id else "GAVEL_GITHUB_APP_ID"
        remedy = "an App needs both GAVEL_GITHUB_APP_ID and GAVEL_GITHUB_PRIVATE_KEY"
        return Check("forge token", Status.PROBLEM, f"{missing} is not set", remedy), True
    if _has(settings.github_token) or has_key:
        return Check("forge token", Status.OK, "a GitHub App" if has_key else "a token"), True
    return Check("forge token", Status.PROBLEM, "no credentials for GitHub are set",
                 "set GAVEL_GITHUB_TOKEN, or both GAVEL_GITHUB_APP_ID and "
                 "GAVEL_GITHUB_PRIVATE_KEY"), False  # fmt: skip


def _has(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value().strip())


def _is_set(environ: Mapping[str, str], variable: str) -> bool:
    """Whether a secret is given, by itself or by the name of a file that holds it."""
    given = (environ.get(name, "") for name in (variable, f"{variable}_FILE"))
    return any(one.strip() for one in given)
