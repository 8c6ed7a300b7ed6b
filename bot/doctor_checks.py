"""Decide how the checks of an installation read, for people and for programs. No I/O."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.text import Text

from worker.escape import plain


class Status(StrEnum):
    """What a check found. Only PROBLEM makes the installation unwell."""

    OK = "ok"
    UNSET = "unset"  # not configured, and not needed for everything
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    finding  what is there, one sentence
    remedy   what to do about it, or "" where nothing needs doing
    """

    name: str
    status: Status
    finding: str
    remedy: str = ""


STYLE = {Status.OK: "green", Status.UNSET: "yellow", Status.PROBLEM: "bold red"}


def is_well(checks: Sequence[Check]) -> bool:
    """Whether no check found a problem."""
    return all(check.status is not Status.PROBLEM for check in checks)


def as_json(checks: Sequence[Check]) -> str:
    """One JSON object with `ok` and the list `checks`."""
    return json.dumps({"ok": is_well(checks), "checks": [asdict(c) for c in checks]}, indent=2)


def as_text(checks: Sequence[Check]) -> Text:
    """One line per check, with its remedy below."""
    text = Text()
    for check in checks:
        text.append(f"{check.status:<8}", style=STYLE[check.status])
        text.append(f"{check.name:<16}{plain(check.finding, limit=500)}\n")
        if check.remedy:
            text.append(f"{'':<24}{plain(check.remedy, limit=500)}\n", style="bold")
    problems = sum(check.status is Status.PROBLEM for check in checks)
    text.append(
        f"{problems} problem{'' if problems == 1 else 's'}" if problems else "nothing is wrong",
        style=STYLE[Status.PROBLEM if problems else Status.OK],
    )
    return text
