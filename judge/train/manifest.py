"""Act: write data files and what is said of them, each in one step."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files by their names; of files with the same name, by folder and name too."""
    known = sorted(set(paths))
    names = Counter(path.name for path in known)
    return {
        path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}": digest(path)
        for path in known
    }


def write_jsonl(path: Path, rows: Iterable[Mapping[str, object]]) -> int:
    """Write `rows` as JSON lines, gzipped if the name ends in .gz; how many there were."""
    lines = [json.dumps(row) + "\n" for row in rows]
    data = "".join(lines).encode()
    _put(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return len(lines)


def write_json(path: Path, told: Mapping[str, object]) -> None:
    """Write `told` for people and programs to read, whole or not at all. Raises OSError."""
    _put(path, (json.dumps(told, indent=1) + "\n").encode())


def write_manifest(path: Path, *, sources: Mapping[str, str], told: Mapping[str, object]) -> Path:
    """Write `path`.manifest.json: the hash of the file at `path`, its sources, and `told`."""
    manifest = path.with_name(path.name + ".manifest.json")
    whole = {"sources": dict(sources), "sha256": digest(path), **told}
    write_json(manifest, whole)
    return manifest


def _put(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".writing")
    partial.write_bytes(data)
    partial.replace(path)
