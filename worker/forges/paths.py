"""Decide how a path in a repository is written into a forge's URL. No I/O."""

from __future__ import annotations

from urllib.parse import quote


def quoted(path: str, *, safe: str) -> str | None:
    """`path` as it goes into a URL, or None if it would lead out of its folder.

    safe  "/" where the forge takes the rest of its URL for a path, "" where it takes one part

    >>> quoted("src/a b.py", safe="/")
    'src/a%20b.py'
    >>> quoted("../a.py", safe="/")
    """
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return None
    return quote(path, safe=safe, errors="replace")
