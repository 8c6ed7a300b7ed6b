"""Decide how an assessment looks as SARIF 2.1.0, which code scanning reads. No I/O.

Standard: docs.oasis-open.org/sarif/sarif/v2.1.0. What GitHub makes of it:
docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from judge.types import Snippet
from worker.escape import plain
from worker.render import render
from worker.types import Annotation, Assessment, Conclusion, Judged, Skipped

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
RULE = "likely-wrong"
MAX_SNIPPET = 4_000  # characters of code in one result
LEVEL = {Conclusion.FAILED: "error"}  # every other conclusion: the finding is a warning
HELP = (
    "A language model read this code and finds it likely to be wrong. `p_correct` is the "
    "calibrated probability that it is correct, from 0 to 1. No test was run: read the code, and "
    "trust a test more than this number."
)

Object = dict[str, object]


def as_sarif(assessment: Assessment, *, version: str) -> str:
    """The assessment as one SARIF log, in ASCII; code that was not judged is a notification.

    version  of Gavel
    """
    run: Object = {
        "tool": {"driver": _driver(version)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository's root."}}},
        "invocations": [_invocation(assessment)],
        "results": list(_results(assessment)),
        "properties": {
            "conclusion": assessment.conclusion.value,
            "threshold": assessment.threshold,
            "hidden": assessment.hidden,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2)


def lasting(findings: Iterable[Judged]) -> list[str]:
    """A name per finding that a rebase does not change: hash of path and code, and which one of
    its equals in that file it is, counted from the top."""
    ordered = sorted(enumerate(findings), key=lambda one: one[1].snippet.start_line)
    seen: Counter[str] = Counter()
    names: dict[int, str] = {}
    for index, one in ordered:
        fingerprint = one.snippet.fingerprint
        seen[fingerprint] += 1
        names[index] = f"{fingerprint}:{seen[fingerprint]}"
    return [names[index] for index in range(len(names))]


def _driver(version: str) -> Object:
    return {
        "name": "Gavel",
        "version": version,
        "semanticVersion": version,
        "rules": [
            {
                "id": RULE,
                "name": "LikelyWrong",
                "shortDescription": {"text": "This code is likely to be wrong."},
                "fullDescription": {"text": HELP.replace("`", "")},
                "help": {"text": HELP.replace("`", ""), "markdown": HELP},
                "defaultConfiguration": {"level": "warning"},
                "properties": {"tags": ["correctness"], "precision": "medium"},
            }
        ],
    }


def _results(assessment: Assessment) -> Iterator[Object]:
    told = render(assessment).annotations
    names = lasting(assessment.findings)
    for one, said, name in zip(assessment.findings, told, names, strict=True):
        result: Object = {
            "ruleId": RULE,
            "ruleIndex": 0,
            "level": LEVEL.get(assessment.conclusion, "warning"),
            "rank": round(100 * (1 - one.verdict.p_correct), 4),
            "message": {"text": _text(said.message)},
            "locations": [_location(one.snippet, said)],
            # The only one that GitHub compares; made of path and code, it survives a rebase.
            "partialFingerprints": {"primaryLocationLineHash": name},
            "properties": {
                "p_correct": one.verdict.p_correct,
                "threshold": assessment.threshold,
                "model": _text(one.verdict.model),
            },
        }
        related = _evidence(one)
        yield result | ({"relatedLocations": related} if related else {})


def _evidence(one: Judged) -> list[Object]:
    """The lines that lower the verdict, the strongest first."""
    return [
        {
            "id": number,
            "message": {"text": f"Without these lines, P(correct) would be {part.p_without:.2f}."},
            **_place(one.snippet.path, {"startLine": part.start_line, "endLine": part.end_line}),
        }
        for number, part in enumerate(one.verdict.evidence, start=1)
    ]


def _location(snippet: Snippet, said: Annotation) -> Object:
    lines = snippet.code.split("\n")
    chosen = lines[said.start_line - snippet.start_line : said.end_line - snippet.start_line + 1]
    region: Object = {
        "startLine": said.start_line,
        "endLine": said.end_line,
        "snippet": {"text": _text("\n".join(chosen)[:MAX_SNIPPET])},
    }
    place = _place(snippet.path, region)
    if not snippet.name:
        return place
    return place | {"logicalLocations": [{"name": plain(snippet.name), "kind": "function"}]}


def _place(path: str, region: Object) -> Object:
    artifact = {"uri": _uri(path), "uriBaseId": "SRCROOT"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _invocation(assessment: Assessment) -> Object:
    unread = [
        _notification(one.snippet.path, one.verdict.reason, line=one.snippet.start_line)
        for one in assessment.judged
        if one.verdict.abstained
    ]
    left_out = [_left_out(one) for one in assessment.skipped if one.is_code]
    return {
        "executionSuccessful": assessment.conclusion is not Conclusion.NOT_JUDGED,
        "toolExecutionNotifications": [*unread, *left_out],
    }


def _left_out(one: Skipped) -> Object:
    return _notification(one.path, one.reason, line=1)


def _notification(path: str, reason: str, *, line: int) -> Object:
    return {
        "level": "warning",
        "message": {"text": f"Not judged, which is not a pass: {plain(reason) or 'no reason'}"},
        "locations": [_place(path, {"startLine": line})],
    }


def _uri(path: str) -> str:
    """A path of the repository as a relative URI reference: RFC 3986, 4.2."""
    return quote(path.encode("utf-8", "replace"), safe="/")


def _text(text: str) -> str:
    """`text` as Unicode: a lone surrogate is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")
