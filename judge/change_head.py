"""From a changed function, its diff and what the model computed to one logit. Decides; no I/O.

A change is judged as the function that it leaves behind, weighed with the shape of the diff: how
much it adds and takes away, in how many places, how deep; and with the past of the code, where a
history is at hand (`judge.past`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judge.head import F64, Linear
from judge.model import Reading
from judge.past import PAST_SIGNALS, past_inputs
from judge.types import Example

CHANGE_SIGNALS = (
    "function",
    "log_tokens",
    "log_added",
    "log_removed",
    "net_lines",
    "hunks",
    "is_new",
    "share_added",
    "share_of_comments",
    "branches_added",
    "depth",
    "is_described",
    *PAST_SIGNALS,
)
_BRANCH = re.compile(r"\b(?:if|else|elif|for|while|switch|case|catch|except|try|match|when)\b")
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*)")
TAB = 4  # columns of a tab, for the depth


@dataclass(frozen=True, slots=True)
class Shape:
    """What a unified diff looks like.

    added, removed  its lines, without their marks
    hunks           how many
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    hunks: int


def shape_of(diff: str) -> Shape:
    """The shape of a unified diff; lines before the first hunk are its header.

    >>> shape_of("--- a/f\\n+++ b/f\\n@@ -1 +1,2 @@\\n-x\\n+y\\n+z\\n").added
    ('y', 'z')
    """
    lines = diff.split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("@@")), 0)
    body = lines[first:]
    return Shape(
        added=tuple(line[1:] for line in body if line.startswith("+")),
        removed=tuple(line[1:] for line in body if line.startswith("-")),
        hunks=sum(line.startswith("@@") for line in body),
    )


def change_inputs(example: Example, reading: Reading, function_logit: float) -> F64:
    """(27,) the regression's inputs, in the order of `CHANGE_SIGNALS`; NaN where not known.

    function_logit  what the head for functions says of the code after the change
    """
    shape = shape_of(example.diff)
    added, removed = len(shape.added), len(shape.removed)
    code_lines = max(1, example.code.count("\n") + 1)
    comments = sum(bool(_COMMENT.match(line)) for line in shape.added)
    return np.array(
        [
            function_logit,
            math.log(len(reading.log_probs)),
            math.log1p(added),
            math.log1p(removed),
            math.copysign(math.log1p(abs(added - removed)), added - removed),
            min(shape.hunks, 20),
            float(removed == 0 and added >= code_lines - 1),
            min(1.0, added / code_lines),
            comments / max(1, added),
            math.log1p(sum(len(_BRANCH.findall(line)) for line in shape.added)),
            max((_depth(line) for line in shape.added if line.strip()), default=0) / TAB,
            float(bool(example.prompt.strip())),
            *past_inputs(example.history),
        ]
    )


@dataclass(frozen=True, slots=True)
class ChangeHead:
    """A logistic regression on `change_inputs`, or on the first of them.

    signals    where an input is not known, the mean of the rows that it learnt from stands for it
    languages  of the changes it learnt from; none where it told them no better than their length
               does, so that its verdicts are given but not to be acted on
    """

    signals: Linear
    languages: frozenset[str]

    def logit(self, example: Example, reading: Reading, function_logit: float) -> float:
        """One uncalibrated score; higher is likelier correct."""
        inputs = change_inputs(example, reading, function_logit)[: len(self.signals.center)]
        return float(self.signals.logits(known(inputs[None], self.signals.center))[0])


def known(inputs: F64, center: NDArray[np.floating]) -> F64:
    """`inputs` (N, F), with the column's `center` (F,) where one is NaN."""
    return np.where(np.isnan(inputs), center.astype(np.float64), inputs)


def _depth(line: str) -> int:
    wide = line.expandtabs(TAB)
    return len(wide) - len(wide.lstrip())
