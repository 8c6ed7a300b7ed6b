"""Decide the hidden last lines by which we know our own words again. No I/O."""

from __future__ import annotations

import re

FINGERPRINT = re.compile(r"<!-- gavel:fp=([0-9a-f]{16}) -->\s*\Z")
OURS = re.compile(r"<!-- gavel:[a-z]+=[^<>\n]{1,200} -->\s*\Z")
UNSAFE = re.compile(r"[^A-Za-z0-9_./]")


def fingerprint_mark(fingerprint: str) -> str:
    """The last line of a review comment about the snippet with `fingerprint`."""
    return f"<!-- gavel:fp={fingerprint} -->"


def answer_mark(remark_id: str) -> str:
    """The last line of an answer to the remark with that id of a forge."""
    return f"<!-- gavel:re={UNSAFE.sub('_', remark_id)[:100]} -->"


def fingerprint_in(body: str) -> str:
    """The fingerprint in the last line of a comment, or "" where it has none."""
    found = FINGERPRINT.search(body)
    return found[1] if found else ""


def is_ours(body: str) -> bool:
    """Whether a comment ends as ours do. Anybody can write so: it only ever makes us silent."""
    return OURS.search(body) is not None


def last_line(body: str) -> str:
    """The last line of a body, without white space around it."""
    return body.rstrip().rpartition("\n")[2].strip()
