"""What a release needs: `check` the version, print its `notes`, print the `sbom`. Acts.

python tools/release.py check 0.1.0
python tools/release.py notes 0.1.0
python tools/release.py sbom > sbom.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from judge.registry import MODELS

ROOT = Path(__file__).parents[1]
SEMVER = re.compile(r"\d+\.\d+\.\d+")
CHARTS = ROOT / "bot" / "static" / "vendor" / "chart.umd.js"
CHARTS_VERSION = re.compile(r"Chart\.js v(\d+\.\d+\.\d+)")
HEADING = re.compile(r"^## (\S+) \((.+)\)$", re.MULTILINE)


class NotReady(Exception):
    """The release cannot be made; the message says what to change."""


def project() -> Mapping[str, object]:
    """The `[project]` table of pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table: Mapping[str, object] = tomllib.loads(text)["project"]
    return table


def check(version: str, *, changelog: str, packaged: str, unreleased_is_fine: bool) -> None:
    """Raise NotReady unless tag, package and changelog tell the same version."""
    if not SEMVER.fullmatch(version):
        raise NotReady(f"{version!r} is no version: expected one such as 1.2.3")
    if version != packaged:
        raise NotReady(f"pyproject.toml says {packaged}, the tag says {version}: make them agree")
    newest = HEADING.search(changelog)
    if newest is None or newest[1] != version:
        raise NotReady(f"the first heading of CHANGELOG.md is not `## {version} (date)`")
    if newest[2] == "unreleased" and not unreleased_is_fine:
        raise NotReady(f"CHANGELOG.md calls {version} unreleased: give it its date")
    if not notes(version, changelog):
        raise NotReady(f"CHANGELOG.md says nothing about {version}")


def notes(version: str, changelog: str) -> str:
    """What the changelog says about `version`, in Markdown. Raises NotReady."""
    parts = HEADING.split(changelog)
    for name, text in zip(parts[1::3], parts[3::3], strict=True):
        if name == version:
            return text.strip()
    raise NotReady(f"CHANGELOG.md has no `## {version} (date)`")


def sbom() -> dict[str, object]:
    """Everything that runs, in CycloneDX 1.6: packages as installed here, the pages' library of
    charts, and the weights."""
    told = project()
    own = f"pkg:pypi/{told['name']}@{told['version']}"
    found = sorted(closure(_strings(told["dependencies"])))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": told["name"],
                "version": told["version"],
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [*map(_package, found), _charts(), *_weights()],
        "dependencies": [{"ref": own, "dependsOn": [_ref(name) for name in found]}],
    }


def closure(requirements: Sequence[str]) -> set[str]:
    """Names of the installed distributions that `requirements` lead to. Raises NotReady."""
    found: set[str] = set()
    left = list(requirements)
    while left:
        needed = Requirement(left.pop())
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        name = canonicalize_name(needed.name)
        if name not in found:
            found.add(name)
            left += distribution_of(name).requires or []
    return found


def distribution_of(name: str) -> Distribution:
    """The installed distribution. Raises NotReady."""
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise NotReady(f"{name} is not installed: run `make setup` first") from error


def _package(name: str) -> dict[str, object]:
    told = distribution_of(name)
    licence = str(told.metadata.get("License-Expression") or "")
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": _ref(name),
        "name": name,
        "version": told.version,
        "purl": _ref(name),
    }
    return component | ({"licenses": [{"expression": licence}]} if licence else {})


def _ref(name: str) -> str:
    return f"pkg:pypi/{name}@{distribution_of(name).version.partition('+')[0]}"


def _charts() -> dict[str, object]:
    """The library that the dashboard's pages bring along."""
    data = CHARTS.read_bytes()
    told = CHARTS_VERSION.search(data[:200].decode("utf-8", "replace"))
    if told is None:
        raise NotReady(f"{CHARTS.name} does not begin with its version: take it from its package")
    return {
        "type": "library",
        "bom-ref": f"pkg:npm/chart.js@{told[1]}",
        "name": "chart.js",
        "version": told[1],
        "purl": f"pkg:npm/chart.js@{told[1]}",
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
        "licenses": [{"license": {"id": "MIT"}}],
    }


def _weights() -> Iterator[dict[str, object]]:
    for model in MODELS.values():
        yield {
            "type": "machine-learning-model",
            "bom-ref": f"weights/{model.name}",
            "name": model.name,
            "hashes": [{"alg": "SHA-256", "content": model.sha256}],
            "licenses": [{"license": {"id": model.license}}],
        }


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 with a sentence where the release is not ready."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["check", "notes", "sbom"])
    parser.add_argument("version", nargs="?", default=str(project()["version"]))
    parser.add_argument("--unreleased-is-fine", action="store_true")
    options = parser.parse_args(arguments)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    try:
        if options.command == "check":
            check(
                options.version,
                changelog=changelog,
                packaged=str(project()["version"]),
                unreleased_is_fine=options.unreleased_is_fine,
            )
        elif options.command == "notes":
            sys.stdout.write(notes(options.version, changelog) + "\n")
        else:
            sys.stdout.write(json.dumps(sbom(), indent=2) + "\n")
    except NotReady as problem:
        sys.stderr.write(f"release: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
