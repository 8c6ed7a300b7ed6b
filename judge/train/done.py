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
        lines = path.read_text().splitlines() if path.exists() else []
        if lines and json.loads(lines[0]) != header:
            raise OtherInputs(
                f"{path} holds what was made of other inputs: delete it, or name another output"
            )
        if not lines:
            path.write_text(json.dumps(header) + "\n")
        elif not path.read_text().endswith("\n"):  # a kill cut the last line short
            path.write_text("".join(line + "\n" for line in lines[:-1]))
        for line in lines[1:]:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            self.rows[entry["task_id"]] = entry["rows"]

    def add(self, task_id: str, rows: list[dict[str, object]]) -> None:
        """Keep the rows of one task. Safe from several threads."""
        with self._lock, self.path.open("a") as lines:
            self.rows[task_id] = rows
            lines.write(json.dumps({"task_id": task_id, "rows": rows}) + "\n")
