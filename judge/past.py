"""Decide what the history of changed code says of it, where a history is at hand. No I/O.

The measures of just-in-time defect prediction that a diff alone cannot tell (Kamei et al. 2013,
"A large-scale empirical study of just-in-time quality assurance"): how often the file and the
function changed before and were repaired, how old their lines are, how many people wrote them, and
how widely the change spreads. They are of the code: people are counted and never told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Past = tuple[tuple[str, float], ...]  # a history as an example holds it: fields with their values

COUNTS = (
    "file_changes",
    "file_fixes",
    "file_authors",
    "file_days",
    "function_changes",
    "function_fixes",
    "function_authors",
    "newest_line_days",
    "oldest_line_days",
    "files",
    "folders",
    "added",
    "removed",
)
FIELDS = (*COUNTS, "evenness")
PAST_SIGNALS = (*(f"past_{name}" for name in FIELDS), "past_share_of_fixes")
MOST = 1e9  # of any field: what lies beyond counts as this


def past_of(told: object) -> Past:
    """The known fields of a row's `history` that are numbers, in the order of FIELDS.

    >>> past_of({"files": 2, "file_fixes": "many", "authors": ["Ada"]})
    (('files', 2.0),)
    """
    if not isinstance(told, Mapping):
        return ()
    found = ((name, told.get(name)) for name in FIELDS)
    numbers = ((name, _number(value)) for name, value in found)
    return tuple((name, value) for name, value in numbers if value is not None)


def past_inputs(past: Past) -> list[float]:
    """One number for each of PAST_SIGNALS; NaN for what is not known. -1 days mean no line yet."""
    held = dict(past)
    counts = [math.log1p(max(0.0, held[name])) if name in held else math.nan for name in COUNTS]
    changes, fixes = held.get("file_changes", math.nan), held.get("file_fixes", math.nan)
    share = fixes / changes if changes > 0 else 0.0 * changes
    return [*counts, held.get("evenness", math.nan), share]


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return max(-MOST, min(MOST, float(value))) if abs(value) < math.inf else None
