"""Acts: files of pinned npm packages, fetched once with npm and kept beside Gavel's state.

They are test data of others that is too large, or not ours, to be committed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from worker.settings import default_home

TIMEOUT_S = 300


class NoNpm(Exception):
    """The package cannot be had here. The message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """A version of a package and the SHA-512 of its archive, in base64."""

    name: str
    version: str
    sha512: str


WEBHOOK_EXAMPLES = Package(
    "@octokit/webhooks-examples",
    "7.6.1",
    "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
)
OPENAPI = Package(
    "@octokit/openapi",
    "23.0.2",
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
)
GRAPHQL = Package(
    "@octokit/graphql-schema",
    "15.26.1",
    "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
)


def file_of(package: Package, path: str) -> Path:
    """A file of `package`, from the cache where it is there. Raises NoNpm."""
    kept = cache_folder() / f"{package.name.replace('/', '-')}-{package.version}" / path
    if not kept.exists():
        _fetch(package, path, kept)
    return kept


def cache_folder() -> Path:
    """Where files of others are kept between runs."""
    home = os.environ.get("GAVEL_HOME")
    return (Path(home).expanduser() if home else default_home()) / "test-packages"


def _fetch(package: Package, path: str, kept: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoNpm(f"npm is not installed here, and {package.name} is fetched with it")
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed(npm, package, Path(folder))
        with tarfile.open(archive) as opened:
            found = opened.extractfile(f"package/{path}")
            data = found.read() if found is not None else b""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as part:
        part.write(data)
    Path(part.name).replace(kept)


def _packed(npm: str, package: Package, folder: Path) -> Path:
    """The package's archive in `folder`, refused unless it is the one that is pinned."""
    asked = [npm, "pack", f"{package.name}@{package.version}", "--silent"]
    try:
        subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=TIMEOUT_S)
    except (subprocess.SubprocessError, OSError) as error:
        raise NoNpm(f"npm cannot fetch {package.name}: {type(error).__name__}") from error
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        raise AssertionError(f"{package.name} {package.version} is not the archive that is pinned")
    return archive
