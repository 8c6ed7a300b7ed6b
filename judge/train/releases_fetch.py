"""Act: fetch the patch releases of a package with pip, unpack them in memory, write what changed.

Only wheels are fetched: they are archives, and nothing of them is run.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judge.train import forbidden
from judge.train.forbidden_code import refusal_of_code
from judge.train.manifest import write_jsonl, write_manifest
from judge.train.releases import changed_functions, patch_pairs, release_rows

_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$")
_VERSIONS = re.compile(r"^Available versions: (.+)$", re.MULTILINE)
_LICENSE = re.compile(r"^(?:License-Expression|License): ([\w.+ -]{2,40})$", re.MULTILINE)
MAX_FILE = 1 << 20  # bytes of a source file
_PIP_S = 120
TORN = "the same code is right in one release and wrong in another, or is told already"


class ReleaseError(Exception):
    """The releases cannot be had or may not be used; the message says why and what to do."""


@dataclass(slots=True)
class Released:
    """What a package gave: pairs of releases that were compared, rows, and rows refused."""

    package: str
    license: str = "unknown"
    pairs: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def pip(*arguments: str) -> str:
    """What pip prints. Raises ReleaseError."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=_PIP_S
        )
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"pip {arguments[0]} took longer than {_PIP_S} s: try again") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ReleaseError(f"pip {arguments[0]} failed: {last}")
    return done.stdout


def compare_releases(
    package: str, out: Path, *, most: int = 20, run: Callable[..., str] = pip
) -> Released:
    """Write the functions that changed between patch releases of `package`, newest first.

    most  pairs of releases to compare. Raises ReleaseError and OSError.
    """
    if not _NAME.match(package):
        raise ReleaseError(f"{package!r} is no name of a package")
    if forbidden.is_forbidden_project(package):
        raise ReleaseError(f"{package} is out of bounds: it examines the judge")
    listed = _VERSIONS.search(run("index", "versions", package))
    versions = [one.strip() for one in listed.group(1).split(",")] if listed else []
    found = Released(package)
    rows: list[dict[str, object]] = []
    held: dict[str, dict[str, str]] = {}
    for pair in patch_pairs(versions)[-most:][::-1]:
        for version in pair:
            if version not in held:
                held[version] = _files(package, version, run)
        before, after = (held[version] for version in pair)
        if before and after:
            found.pairs.append(pair)
            found.license = after.get("", found.license)
            changed = changed_functions(before, after)
            rows += release_rows(package, pair, changed, found.license)
    kept = [row for row in _sure(rows, found) if not _refused(row, found)]
    found.rows = write_jsonl(out, kept)
    told = {"package": package, "license": found.license, "pairs": found.pairs}
    counts = {"rows": found.rows, "left_out": dict(found.left_out)}
    write_manifest(out, sources={}, told={**told, **counts})
    return found


def _sure(rows: Sequence[dict[str, object]], found: Released) -> list[dict[str, object]]:
    """`rows` without code that one release makes right and a later one mends, each code once."""
    by_code: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        by_code.setdefault(row["code"], []).append(row)
    kept = [same[0] for same in by_code.values() if len({row["label"] for row in same}) == 1]
    found.left_out.update({TORN: len(rows) - len(kept)} if len(kept) < len(rows) else {})
    return kept


def _refused(row: dict[str, object], found: Released) -> bool:
    why = forbidden.refusal(row) or refusal_of_code(str(row["code"]))
    found.left_out.update([why] if why else [])
    return bool(why)


def _files(package: str, version: str, run: Callable[..., str]) -> dict[str, str]:
    """The source files of a release's wheel by path, its licence as ""; without one, nothing."""
    with tempfile.TemporaryDirectory(prefix="gavel-release-") as folder:
        try:
            run(
                *("download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder),
                f"{package}=={version}",
            )
        except ReleaseError:
            return {}
        wheels = sorted(Path(folder).glob("*.whl"))
        return _texts(wheels[0]) if wheels else {}


def _texts(wheel: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            if info.filename.endswith(".py") and info.file_size <= MAX_FILE:
                texts[info.filename] = archive.read(info).decode("utf-8", "replace")
            elif info.filename.endswith(".dist-info/METADATA") and info.file_size <= MAX_FILE:
                told = _LICENSE.search(archive.read(info).decode("utf-8", "replace"))
                texts[""] = told.group(1) if told else "unknown"
    return texts
