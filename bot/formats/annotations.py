"""Decide how an assessment looks as workflow commands, which annotate a GitHub run. No I/O.

Commands: docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from worker.escape import REPLACEMENT, plain
from worker.render import render, title
from worker.types import Annotation, Assessment, Conclusion

NOT_JUDGED = "Not judged"
DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY = {**DATA, ":": "%3A", ",": "%2C"}
LEVEL = {Conclusion.FAILED: "error"}  # every other conclusion: the finding is a warning


def as_annotations(assessment: Assessment) -> str:
    """One command a line, then the title as a line of the log.

    The worst finding comes first: of one step, GitHub shows ten annotations of each level.
    """
    level = LEVEL.get(assessment.conclusion, "warning")
    findings = [_command(level, one) for one in render(assessment).annotations]
    unread = [_command("notice", one) for one in _unread(assessment)]
    return "\n".join([*findings, *unread, title(assessment)])


def _unread(assessment: Assessment) -> Iterator[Annotation]:
    for one in (one for one in assessment.judged if one.verdict.abstained):
        snippet, said = one.snippet, f"Not judged: {plain(one.verdict.reason)}"
        yield Annotation(snippet.path, snippet.start_line, snippet.end_line, NOT_JUDGED, said)
    for skipped in (one for one in assessment.skipped if one.is_code):
        said = f"Not judged: {plain(skipped.reason)}"
        yield Annotation(skipped.path, 1, 1, NOT_JUDGED, said)


def _command(level: str, said: Annotation) -> str:
    """One workflow command. Nothing of the change can end it or begin another."""
    properties = {
        "file": said.path,
        "line": str(said.start_line),
        "endLine": str(said.end_line),
        "title": said.title,
    }
    told = ",".join(f"{name}={_escaped(text, PROPERTY)}" for name, text in properties.items())
    return f"::{level} {told}::{_escaped(said.message, DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    shown = (one if one.isprintable() or one in DATA else REPLACEMENT for one in text)
    return "".join(table.get(one, one) for one in shown)
