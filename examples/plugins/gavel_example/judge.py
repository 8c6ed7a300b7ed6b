"""A judge that believes that short functions are right. It decides, and opens no model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from judge.types import Example, Judge, Verdict

NAME = "example-short@1"
HALF = 20  # lines at which it cannot tell


@dataclass(frozen=True, slots=True)
class ShortJudge:
    """The fewer lines, the likelier correct."""

    name: str = NAME

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order."""
        return [self._verdict(example) for example in examples]

    def _verdict(self, example: Example) -> Verdict:
        lines = sum(1 for line in example.code.splitlines() if line.strip())
        if not lines:
            return Verdict(0.5, 0.0, self.name, abstained=True, reason="there is no code")
        logit = (HALF - lines) / 5
        return Verdict(1 / (1 + math.exp(-logit)), logit, self.name)


def open_judge(home: Path) -> Judge:
    """The judge. One with weights would look for them below `home`."""
    return ShortJudge()
