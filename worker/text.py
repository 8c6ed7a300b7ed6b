"""Decide how long a text may be, and how it ends where it is cut. No I/O."""

from __future__ import annotations

MAX_COMMENT = 65_536  # characters; seen in public issue threads
MAX_SUMMARY = 65_535  # characters; docs.github.com/rest/checks/runs
MAX_TITLE = 255  # characters of an annotation's title; docs.github.com/rest/checks/runs
CUT = "\n\n_The rest is left out: the text is longer than the forge shows._\n"


def cut(markdown: str, limit: int) -> str:
    """`markdown`, or its first lines and a sentence that says so, at most `limit` characters."""
    if len(markdown) <= limit:
        return markdown
    kept = markdown[: max(limit - len(CUT), 0)]
    return kept[: kept.rfind("\n") + 1 or None].rstrip("\n") + CUT


def lines_in(text: str) -> list[str]:
    """The lines of a text as forges and git count them: they end at "\\n" or "\\r\\n" alone.

    >>> lines_in("a\\x0cb\\r\\nc\\n")
    ['a\\x0cb', 'c']
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]
