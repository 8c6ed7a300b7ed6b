"""Decide whether words on a change ask us for anything, on whichever forge. No I/O."""

from __future__ import annotations

import re

COMMAND = re.compile(r"^[ \t]{0,3}/gavel\b", re.MULTILINE | re.IGNORECASE)
SUGGESTION = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*suggestion", re.MULTILINE | re.IGNORECASE)
CODE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE)


def asks(body: str, *, is_bot: bool) -> bool:
    """Whether words are a command, or hold code to judge. A program never commands."""
    if is_bot:
        return CODE.search(body) is not None
    return COMMAND.search(body) is not None or SUGGESTION.search(body) is not None
