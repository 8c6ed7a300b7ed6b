"""Decides the settings of worker processes from GAVEL_* environment variables."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

# sun_path holds 104 bytes on macOS and 108 on Linux, the final NUL included: unix(4), unix(7).
MAX_SOCKET_BYTES = 103


class FromFiles(PydanticBaseSettingsSource):
    """Settings that GAVEL_<NAME>_FILE names a file for, such as a mounted secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:
        """The text of the file without the line end after it, None where no variable names one."""
        variable = f"GAVEL_{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path or variable.removeprefix("GAVEL_").lower() in self.settings_cls.model_fields:
            return None, field_name, False
        try:
            return Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n"), "", False
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{variable}: {path} cannot be read as text") from error

    def __call__(self) -> dict[str, object]:
        """Every setting that a file was given for."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class StateSettings(BaseSettings):
    """Where every process of one installation finds its state."""

    model_config = SettingsConfigDict(
        env_prefix="GAVEL_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment variables, then files."""
        return init_settings, env_settings, FromFiles(settings_cls)

    home: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=lambda: default_home(), description="Weights and state live here."
    )
    database_url: str = Field(
        default_factory=lambda data: default_database_url(data["home"]),
        repr=False,
        description="Default: an SQLite file in the home.",
    )
    broker_url: str = Field(
        default_factory=lambda data: default_broker_url(data["home"]),
        repr=False,
        description="Default: the embedded Redis on a Unix socket in the home.",
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of /metrics, /healthz and /readyz; 0: none."
    )
    metrics_host: str = Field("127.0.0.1", description="Address of the metrics' port.")


class WorkerSettings(StateSettings):
    """Everything that the worker can be told. Secrets never show in its repr.

    The gpu worker needs `home`, `database_url`, `broker_url` and the model's name; only the
    io worker needs what speaks to a forge. Times are in seconds.
    """

    model: str = Field("", description="Name or path of the judge's model; empty: the default.")
    method: str = Field("head", description="How the judge scores: head, yesno or logprob.")

    vision_url: str = Field(
        "", description="OpenAI-compatible API of a model that describes pictures; empty: none."
    )
    vision_model: str = Field("", description="Its name there.")
    vision_api_key: SecretStr | None = Field(None, description="Its key, where it wants one.")

    tokens_at_once: int = Field(
        4096, ge=2048, le=16_384, description="Longest text that the model reads in one piece."
    )
    verdicts_kept: int = Field(
        100_000, ge=0, description="Verdicts that are remembered for unchanged code; 0: none."
    )

    github_url: str = Field("https://api.github.com", description="Base URL of GitHub's API.")
    github_token: SecretStr | None = Field(None, description="A token, where no App is used.")
    github_app_id: int | None = Field(None, description="Id of the GitHub App.")
    github_private_key: SecretStr | None = Field(
        None, description="Private key of the GitHub App: PEM text, or the path of a file with it."
    )
    github_write_gap_s: float = Field(
        1.0, ge=0, description="Seconds between two writes to GitHub, as it asks for; 0: none."
    )
    gitlab_url: str = Field("https://gitlab.com", description="Base URL of GitLab.")
    gitlab_token: SecretStr | None = Field(None, description="A GitLab access token.")
    gitlab_ca_file: Path | None = Field(
        None, description="PEM file with the authority that signed GitLab's certificate."
    )
    gitlab_write_gap_s: float = Field(1.0, ge=0, description="Time between two writes to GitLab.")

    io_limit_s: int = Field(180, ge=2, description="Longest prepare or publish.")
    gpu_limit_s: int = Field(900, ge=2, description="Longest scoring of one change.")
    sweep_every_s: float = Field(30.0, gt=0, description="How often the sweep looks.")
    reconcile_every_s: float = Field(
        3600.0, gt=0, description="How often forges are asked what was missed."
    )
    history_every_s: float = Field(
        21_600.0, ge=0, description="How often later history is asked about judged code; 0: never."
    )
    history_days: int = Field(
        14, ge=1, description="Days within which a fix counts, and code has to stand to be kept."
    )
    keep_days: int = Field(
        0, ge=0, description="Days after which what has ended is deleted; 0: it is kept."
    )
    send_again_s: float = Field(20.0, gt=0, description="Queue time before a first second send.")
    lease_s: float = Field(60.0, gt=0, description="A worker silent for so long is dead.")
    max_attempts: int = Field(5, ge=1, description="Starts of one stage before it is given up.")
    io_children: int = Field(4, ge=1, description="Processes of the io worker.")
    per_installation: int = Field(8, ge=1, description="Stages of one installation at once.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("json", description="json, or text for people.")


def secret_names() -> tuple[str, ...]:
    """Environment variables that hold secrets: what the gpu worker is started without."""
    fields = WorkerSettings.model_fields.items()
    return tuple(
        f"GAVEL_{name.upper()}" for name, field in fields if "SecretStr" in str(field.annotation)
    )


def default_home() -> Path:
    """`gavel` in the user's data folder."""
    if sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "gavel"


def default_database_url(home: Path) -> str:
    """An SQLite file in the home."""
    return f"sqlite:///{home.expanduser().absolute() / 'gavel.sqlite'}"


def default_broker_url(home: Path) -> str:
    """The embedded Redis, on its Unix socket."""
    return f"redis+socket://{broker_socket(home)}"


def broker_socket(home: Path) -> Path:
    """Where the embedded Redis listens: in the home, or where that path is too long for a
    socket, in a folder of this user's under the temporary folder, which must be made 0700.

    Raises ValueError where even that is too long.
    """
    inside = home.expanduser().absolute() / "redis.sock"
    if len(os.fsencode(inside)) <= MAX_SOCKET_BYTES:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"gavel-{os.getuid()}-{digest}" / "redis.sock"
    if len(os.fsencode(short)) <= MAX_SOCKET_BYTES:
        return short
    raise ValueError(
        f"{short} is too long for a Unix socket ({MAX_SOCKET_BYTES} bytes): set GAVEL_HOME or "
        "TMPDIR to a shorter path, or GAVEL_BROKER_URL to a Redis of your own"
    )


def socket_of(broker_url: str) -> Path | None:
    """The Unix socket that a broker URL names, or None where it names a host."""
    parts = urlsplit(broker_url)
    return Path(parts.path) if parts.scheme == "redis+socket" else None
