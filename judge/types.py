"""The values that judging takes and gives. Decides nothing and does no I/O."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class SnippetKind(Enum):
    """How the judged lines were cut out of a change."""

    FUNCTION = "function"
    HUNK = "hunk"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of new code that is judged as one.

    path            file on the new side, with forward slashes
    language        a name from `judge.languages`, or "" where none is known
    start_line      first line, 1-based, on the new side
    end_line        last line, inclusive
    code            the text of those lines
    prompt          what the code is meant to do (docstring, comment above), or ""
    changed_lines   new-side lines inside the snippet that the change added, ascending;
                    a comment may only sit on these or on context lines of the diff
    diff            the hunk's text where `kind` is HUNK, else ""
    """

    path: str
    language: str
    start_line: int
    end_line: int
    code: str
    kind: SnippetKind
    name: str = ""
    prompt: str = ""
    changed_lines: tuple[int, ...] = ()
    diff: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.start_line <= self.end_line:
            raise ValueError(
                f"snippet lines {self.start_line}-{self.end_line} in {self.path!r}: "
                "expected 1 <= start_line <= end_line"
            )

    @property
    def fingerprint(self) -> str:
        """Hash of path and code text, 16 hex digits: the same after a rebase moves the lines."""
        lines = [line.rstrip() for line in self.code.splitlines()]
        text = self.path + "\0" + "\n".join(lines).strip("\n")
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Example:
    """What a judge reads: a task, and the code that should do it.

    prompt    what the code is meant to do, or ""
    code      the code as it would be merged
    language  a name from `judge.languages`, or ""
    diff      the change as a unified diff, or "" when a whole function is judged
    history   what a repository holds of the code's past (`judge.past`), empty where none is known
    """

    prompt: str
    code: str
    language: str = ""
    diff: str = ""
    history: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, snippet: Snippet) -> Example:
        """The example that a snippet of a change poses."""
        return cls(snippet.prompt, snippet.code, snippet.language, snippet.diff)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Lines that lower a verdict: P(correct) is `p_without` once they are left out.

    start_line, end_line  1-based, new side, inclusive
    """

    start_line: int
    end_line: int
    p_without: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judge's answer about one example.

    p_correct   calibrated probability in [0, 1] that the code is correct; where the judge
                abstained without reading the code, the base rate of its calibration data
    logit       the uncalibrated score, any finite real number, higher is better
    model       name of the judge, with its version
    abstained   the probability must not be acted on
    reason      one sentence that says why it abstained, or ""
    evidence    the lines that lower it, the strongest first; empty where nobody looked for them
    p_global    p_correct before what one repository taught, None where it taught nothing
    """

    p_correct: float
    logit: float
    model: str
    abstained: bool = False
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    p_global: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.p_correct <= 1.0:
            raise ValueError(f"p_correct is {self.p_correct}: expected a number in [0, 1]")
        if not math.isfinite(self.logit):
            raise ValueError(f"logit is {self.logit}: expected a finite number")


class Judge(Protocol):
    """Anything that says how likely code is to be correct."""

    @property
    def name(self) -> str:
        """Name and version, as written into verdicts."""
        ...

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order. An example's verdict never depends on the others.

        Bad text (empty, too long, not decodable) gives an abstention, not an exception.
        """
        ...


def identity_of(judge: object) -> str:
    """What changes whenever the verdicts of `judge` may, or "" where it does not say.

    A judge says it in an attribute `identity`: weights, what was trained, the prompt, the method.
    """
    identity = getattr(judge, "identity", "")
    return identity if isinstance(identity, str) else ""
