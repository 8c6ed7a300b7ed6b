"""Decide how an assessment looks as GitLab's Code Quality report. No I/O.

The fields are those of docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from bot.formats.sarif import RULE, lasting
from worker.escape import plain
from worker.render import render
from worker.types import Assessment, Conclusion, Judged

NOT_JUDGED = "not-judged"
SEVERITY = {Conclusion.FAILED: "blocker"}  # every other conclusion: the finding is major

Object = dict[str, object]


def as_codequality(assessment: Assessment) -> str:
    """The assessment as a list of issues, in ASCII; what was not judged is an issue as well.

    A report without issues reads as a pass, and an abstention is none.
    """
    return json.dumps([*_findings(assessment), *_unread(assessment)], indent=2)


def _findings(assessment: Assessment) -> Iterator[Object]:
    told = render(assessment).annotations
    names = lasting(assessment.findings)
    severity = SEVERITY.get(assessment.conclusion, "major")
    for one, said, name in zip(assessment.findings, told, names, strict=True):
        lines = {"begin": said.start_line, "end": said.end_line}
        yield _issue(said.message, RULE, name, severity, one.snippet.path, lines)


def _unread(assessment: Assessment) -> Iterator[Object]:
    unread: list[Judged] = [one for one in assessment.judged if one.verdict.abstained]
    for one, name in zip(unread, lasting(unread), strict=True):
        said = f"Not judged: {plain(one.verdict.reason) or 'the judge gave no reason'}"
        lines = {"begin": one.snippet.start_line, "end": one.snippet.end_line}
        yield _issue(said, NOT_JUDGED, f"{name}:unread", "info", one.snippet.path, lines)
    for skipped in (one for one in assessment.skipped if one.is_code):
        said = f"Not judged: {plain(skipped.reason)}"
        name = hashlib.sha256(skipped.path.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        yield _issue(said, NOT_JUDGED, name, "info", skipped.path, {"begin": 1})


def _issue(
    said: str, check: str, fingerprint: str, severity: str, path: str, lines: dict[str, int]
) -> Object:
    return {
        "description": said,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": _text(path), "lines": lines},
    }


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
