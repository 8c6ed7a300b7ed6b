"""Decide the text of a first `.gavel.toml` from a few answers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.repo_config import DEFAULT_RULES, Gate

HEAD = """\
# Rules of Gavel for this repository. They count from the base branch only, so that a change
# cannot loosen its own review. Every key: `docs/reference/rules.md` of Gavel.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What `gavel init` asks.

    gate       what a finding does
    threshold  P(correct) below which code is a finding, 0 to 1
    ignore     files that are never judged, as gitignore patterns
    """

    gate: Gate = DEFAULT_RULES.gate
    threshold: float = DEFAULT_RULES.threshold
    ignore: Sequence[str] = ()


def text(answers: Answers) -> str:
    """The text of a rules file with these answers."""
    lines = [
        HEAD,
        "# What a finding does: off, shadow: nothing is shown; advise: comments; block: fails.",
        f'gate = "{answers.gate.value}"',
        "",
        "# P(correct) below which code is a finding: lower means fewer and surer findings.",
        f"threshold = {answers.threshold!r}",
    ]
    if answers.ignore:
        patterns = ", ".join(quoted(pattern) for pattern in answers.ignore)
        lines += [
            "",
            "# Files that are never judged, as gitignore patterns.",
            f"ignore = [{patterns}]",
        ]
    return "\n".join(lines) + "\n"


def patterns(line: str) -> tuple[str, ...]:
    """The patterns in a line that a person typed, between commas or spaces.

    >>> patterns("dist/**, *.gen.py")
    ('dist/**', '*.gen.py')
    """
    return tuple(line.replace(",", " ").split())


def quoted(text: str) -> str:
    """`text` as a basic string of TOML: toml.io/en/v1.0.0#string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
