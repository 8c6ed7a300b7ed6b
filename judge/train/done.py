"""Act: keep what a long command has finished, so that it goes on after a kill."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path


class OtherInputs(Exception):
    """What was kept was made of other inputs; the message names the file and the remedy."""


class Done:
    """Rows of what is done, on disk as they come.

    path     the file, one line per finished part and a header that ties it to its inputs
    sources  what the rows come from: name -> hash, or any other text
    rows     the parts that are done, by name

    Raises OtherInputs where the file belongs to others.
    """

    def __init__(self, path: Path, sources: Mapping[str, str]) -> None:
        self.path = path
        self.rows: dict[str, list[dict[str, object]]] = {}
        self._lock = threading.Lock()
        header = {"sources": dict(sources)}
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]  # a kill cuts the last one short
        entries = [_entry(line) for line in whole]
        if entries and entries[0] != header:
            raise OtherInputs(
                f"{path} holds what was made of other inputs: delete it, or name another output"
            )
        if len(whole) < len(lines) or not whole:
            kept = b"".join(whole) or (json.dumps(header) + "\n").encode()
            scratch = path.with_name(path.name + ".writing")
            scratch.write_bytes(kept)
            scratch.replace(path)
        for entry in entries[1:]:
            name, rows = entry.get("task_id"), entry.get("rows")
            if isinstance(name, str) and isinstance(rows, list):
                self.rows[name] = rows

    def add(self, task_id: str, rows: list[dict[str, object]]) -> None:
        """Keep the rows of one task. Safe from several threads."""
        with self._lock, self.path.open("a") as lines:
            self.rows[task_id] = rows
            lines.write(json.dumps({"task_id": task_id, "rows": rows}) + "\n")


def _entry(line: bytes) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
