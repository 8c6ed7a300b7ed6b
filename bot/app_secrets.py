"""Acts: keeps the secrets of the GitHub App that was made on the dashboard, and gives them out.

They lie in `github-app` in the home, one file each, which only this user can read. `gavel up` reads
them as if they stood in its environment, and each of its programs gets its own part, as ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = "github-app"
PUBLIC = "app.json"
FILES = {
    "GAVEL_GITHUB_PRIVATE_KEY": "private-key.pem",
    "GAVEL_GITHUB_WEBHOOK_SECRET": "webhook-secret",
    "GAVEL_GITHUB_OAUTH_SECRET": "client-secret",
}
# What belongs together: where one of a group stands in the environment, none of it is taken.
GROUPS = (
    ("GAVEL_GITHUB_APP_ID", "GAVEL_GITHUB_PRIVATE_KEY"),
    ("GAVEL_GITHUB_WEBHOOK_SECRET",),
    ("GAVEL_GITHUB_OAUTH_ID", "GAVEL_GITHUB_OAUTH_SECRET"),
)
ADDRESS = "GAVEL_DASHBOARD_URL"  # without it nobody can sign in through the App


@dataclass(frozen=True, slots=True)
class KeptApp:
    """What may be shown of the App."""

    app_id: int
    name: str
    html_url: str
    client_id: str


@dataclass(frozen=True, slots=True)
class AppSecrets:
    """What may not."""

    private_key: str
    webhook_secret: str
    client_secret: str


def keep(home: Path, app: KeptApp, hidden: AppSecrets) -> None:
    """Keep an App in place of whichever was kept. Raises OSError."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    _write(folder / FILES["GAVEL_GITHUB_PRIVATE_KEY"], hidden.private_key)
    _write(folder / FILES["GAVEL_GITHUB_WEBHOOK_SECRET"], hidden.webhook_secret)
    _write(folder / FILES["GAVEL_GITHUB_OAUTH_SECRET"], hidden.client_secret)
    shown = {name: getattr(app, name) for name in KeptApp.__slots__}
    _write(folder / PUBLIC, json.dumps(shown))


def find(home: Path) -> KeptApp | None:
    """The App that is kept, or None."""
    try:
        shown = json.loads((home / FOLDER / PUBLIC).read_text(encoding="utf-8"))
        return KeptApp(
            int(shown["app_id"]),
            str(shown["name"]),
            str(shown["html_url"]),
            str(shown["client_id"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def variables(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What the kept App adds to an environment: names of variables, and of files with secrets."""
    app = find(home)
    if app is None:
        return {}
    values = {
        "GAVEL_GITHUB_APP_ID": str(app.app_id),
        "GAVEL_GITHUB_OAUTH_ID": app.client_id,
        **{f"{name}_FILE": str(home / FOLDER / file) for name, file in FILES.items()},
    }
    added: dict[str, str] = {}
    for group in GROUPS:
        is_taken = any(environ.get(name) or environ.get(f"{name}_FILE") for name in group)
        is_useless = "OAUTH" in group[0] and not environ.get(ADDRESS)
        if not is_taken and not is_useless:
            names = [one for name in group for one in (name, f"{name}_FILE")]
            added |= {name: values[name] for name in names if name in values}
    return added


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else can read at any moment, in one step."""
    partial = path.with_name(path.name + ".writing")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
