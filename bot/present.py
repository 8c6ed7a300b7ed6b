"""Decide how an assessment looks on a terminal and as JSON. No I/O.

Text from the change is data: on a terminal its control characters, escape codes and marks that
reverse reading order are shown by their code points and never sent.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.cells import cell_len
from rich.text import Text

from judge.types import Snippet
from worker.escape import plain
from worker.render import title, words
from worker.types import Assessment, Conclusion, Judged, Skipped

SCHEMA_VERSION = 1
MAX_LINES = 40  # of one finding's code
MAX_OTHERS = 20  # lines of one list; the JSON form has them all
MAX_WIDTH = 200  # characters of one line of code
TAB = "    "

STYLE = {
    Conclusion.PASSED: "bold green",
    Conclusion.ADVISED: "bold yellow",
    Conclusion.FAILED: "bold red",
    Conclusion.NOT_JUDGED: "bold yellow",
}
ENDING = {
    Conclusion.PASSED: "The gate passes.",
    Conclusion.ADVISED: "The gate does not block.",
    Conclusion.FAILED: "The gate blocks.",
    Conclusion.NOT_JUDGED: "This is not a pass.",
}


def as_text(assessment: Assessment) -> Text:
    """The assessment as a linter would print it, worst finding first, with colours."""
    text = Text(no_wrap=True)
    for one in assessment.findings:
        text.append_text(_finding(one))
    shown = {id(one) for one in assessment.findings}
    others = [one for one in assessment.judged if id(one) not in shown]
    unread = [one for one in others if one.verdict.abstained]
    read = [] if assessment.is_silent else [one for one in others if not one.verdict.abstained]
    for heading, lines in (
        ("Also judged", [_judged(one) for one in read]),
        ("Could not be judged", [_abstained(one) for one in unread]),
        ("Skipped", [_skipped(one) for one in assessment.skipped]),
    ):
        text.append_text(_list(heading, lines))
    text.append(title(assessment), style=STYLE[assessment.conclusion])
    text.append(f". {ENDING[assessment.conclusion]}")
    if assessment.findings:
        text.append(f" Threshold: P(correct) {assessment.threshold:.2f}.", style="dim")
    return text


def as_json(assessment: Assessment) -> str:
    """The assessment as one JSON object, in ASCII. docs/cli.md describes its shape."""
    findings = {id(one) for one in assessment.findings}
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "conclusion": assessment.conclusion.value,
            "blocks": assessment.conclusion is Conclusion.FAILED,
            "title": title(assessment),
            "threshold": assessment.threshold,
            "hidden": assessment.hidden,
            "snippets": [
                _snippet(one, is_finding=id(one) in findings) for one in assessment.judged
            ],
            "skipped": [
                {"path": one.path, "reason": one.reason, "is_code": one.is_code}
                for one in assessment.skipped
            ],
        },
        indent=2,
        allow_nan=False,
    )


def visible(line: str, *, limit: int = MAX_WIDTH) -> str:
    """One line of code for a terminal: layout kept, everything that is not shown made so.

    >>> visible("\\tx = 1\\x1b[2J")
    '    x = 1<U+001B>[2J'
    """
    shown = "".join(map(_visible, line.rstrip("\r\n").replace("\t", TAB)))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
        return f"<U+{ord(character):04X}>"
    return character


def _snippet(one: Judged, *, is_finding: bool) -> dict[str, object]:
    snippet, verdict = one.snippet, one.verdict
    return {
        "path": snippet.path,
        "start_line": snippet.start_line,
        "end_line": snippet.end_line,
        "changed_lines": list(snippet.changed_lines),
        "kind": snippet.kind.value,
        "name": snippet.name,
        "language": snippet.language,
        "fingerprint": snippet.fingerprint,
        "p_correct": verdict.p_correct,
        "logit": verdict.logit,
        "model": verdict.model,
        "abstained": verdict.abstained,
        "reason": verdict.reason,
        "evidence": [asdict(part) for part in verdict.evidence],
        "is_finding": is_finding,
        "code": snippet.code,
    }


def _finding(one: Judged) -> Text:
    p = one.verdict.p_correct
    text = Text()
    text.append(_place(one.snippet), style="bold")
    text.append(f": {_name(one.snippet)}: ")
    text.append(f"P(correct) {p:.2f}, {words(p)}", style="bold red")
    text.append("\n")
    for line in _code(one.snippet, _doubtful(one)):
        text.append_text(line)
    return text.append("\n")


def _doubtful(one: Judged) -> frozenset[int]:
    """Lines that lower the verdict where they were looked for, else those that the change added.

    None where that would be every line: they are marked as added, and no line stands out.
    """
    evidence, snippet = one.verdict.evidence, one.snippet
    found = {n for part in evidence for n in range(part.start_line, part.end_line + 1)}
    every = set(range(snippet.start_line, snippet.end_line + 1))
    is_new = len(every) > 1 and every <= set(snippet.changed_lines)
    return frozenset(found or (() if is_new else snippet.changed_lines))


def _code(snippet: Snippet, doubtful: frozenset[int]) -> Iterator[Text]:
    """The snippet's lines with their numbers: those that the change added marked, and the doubtful
    ones underlined."""
    changed = frozenset(snippet.changed_lines)
    lines = snippet.code.split("\n")[: snippet.end_line - snippet.start_line + 1]
    first = _first_shown(snippet, len(lines))
    window = range(first, min(first + MAX_LINES, len(lines)))
    width = len(str(snippet.end_line))
    run: list[str] = []  # doubtful lines that follow each other
    if first:
        yield Text(f"  {'…':>{width}}\n", style="dim")
    for index in window:
        number = snippet.start_line + index
        is_changed = number in changed
        shown = visible(lines[index])
        yield Text.assemble(
            ("> " if is_changed else "  ", "bold red"),
            (f"{number:>{width}} | ", "dim"),
            (shown, "bold" if is_changed else "dim"),
            "\n",
        )
        run = [*run, shown] if number in doubtful else []
        if run and (number + 1 not in doubtful or index + 1 == window.stop):
            yield _underline(run, width)
    if window.stop < len(lines):
        yield Text(f"  {'…':>{width}}   {len(lines) - window.stop} more lines\n", style="dim")


def _underline(run: Sequence[str], width: int) -> Text:
    """Carets below a run of lines, from where the first of them begins to the widest end.

    width  columns of the line numbers
    """
    filled = [line for line in run if line.strip()] or [" "]
    start = min(cell_len(line) - cell_len(line.lstrip()) for line in filled)
    end = max(cell_len(line.rstrip()) for line in filled)
    carets = " " * start + "^" * max(end - start, 1)
    return Text.assemble((f"  {'':>{width}} | ", "dim"), (carets, "bold red"), "\n")


def _first_shown(snippet: Snippet, count: int) -> int:
    """Index of the first line to show: the top, unless the change begins too far below it."""
    if count <= MAX_LINES or not snippet.changed_lines:
        return 0
    change = snippet.changed_lines[0] - snippet.start_line
    return 0 if change < MAX_LINES // 2 else max(0, min(change - 3, count - MAX_LINES))


def _judged(one: Judged) -> Text:
    p = one.verdict.p_correct
    said = f"P(correct) {p:.2f}, {words(p)}"
    return Text(f"{_place(one.snippet)}: {_name(one.snippet)}: {said}")


def _abstained(one: Judged) -> Text:
    return Text(f"{_place(one.snippet)}: {_name(one.snippet)}: {plain(one.verdict.reason)}")


def _skipped(one: Skipped) -> Text:
    return Text(f"{plain(one.path)}: {plain(one.reason)}", style="" if one.is_code else "dim")


def _list(heading: str, lines: list[Text]) -> Text:
    text = Text()
    if not lines:
        return text
    text.append(f"{heading}:\n", style="bold")
    for line in lines[:MAX_OTHERS]:
        text.append("  ").append_text(line).append("\n")
    if len(lines) > MAX_OTHERS:
        text.append(f"  and {len(lines) - MAX_OTHERS} more (--format json lists all)\n")
    return text.append("\n")


def _place(snippet: Snippet) -> str:
    """`path:line` of the first changed line, so that editors and terminals open it."""
    line = snippet.changed_lines[0] if snippet.changed_lines else snippet.start_line
    return f"{plain(snippet.path)}:{line}"


def _name(snippet: Snippet) -> str:
    if snippet.name:
        return plain(snippet.name, limit=120)
    return f"lines {snippet.start_line}-{snippet.end_line}"
