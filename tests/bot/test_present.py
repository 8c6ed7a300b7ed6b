from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bot.present import as_json, as_text, visible
from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.compose import compose
from worker.repo_config import Gate, Rules
from worker.types import Assessment, Judged, Skipped

CODE = "def add(a, b):\n    total = a\n\treturn total - b"
EVIL = "\x1b[2J\x1b]0;owned\x07"


def judged(p: float, *, line: int = 10, name: str = "add", code: str = CODE, **more) -> Judged:
    end = line + code.count("\n")
    snippet = Snippet(
        "src/calc.py", "python", line, end, code, SnippetKind.FUNCTION, name, changed_lines=(end,)
    )
    return Judged(snippet, Verdict(p, p, "fixed-1", **more))


def assess(*found: Judged, gate: Gate = Gate.ADVISE, skipped: tuple[Skipped, ...] = ()):
    return compose(found, skipped=skipped, rules=Rules(threshold=0.3, gate=gate))


def text(assessment: Assessment) -> str:
    return as_text(assessment).plain


def test_a_finding_shows_place_name_probability_and_code() -> None:
    said = text(assess(judged(0.12)))
    assert said.startswith(
        "src/calc.py:12: add: P(correct) 0.12, very unlikely to be correct\n"
        "  10 | def add(a, b):\n"
        "  11 |     total = a\n"
        "> 12 |     return total - b\n"
        "     |     ^^^^^^^^^^^^^^^^\n"
    )
    assert said.endswith(
        "1 of 1 snippet likely wrong. The gate does not block. Threshold: P(correct) 0.30."
    )


@pytest.mark.parametrize(
    ("gate", "ending"), [(Gate.BLOCK, "The gate blocks."), (Gate.ADVISE, "does not block.")]
)
def test_the_ending_says_what_the_gate_does(gate: Gate, ending: str) -> None:
    assert ending in text(assess(judged(0.1), gate=gate))


def test_lines_that_follow_each_other_share_their_underline() -> None:
    snippet = Snippet(
        "a.py",
        "",
        9,
        13,
        "a\n  b\n    漢字\n\nlong = 1",
        SnippetKind.HUNK,
        "",
        changed_lines=(10, 11, 13),
    )
    said = text(assess(Judged(snippet, Verdict(0.1, 0.0, "m"))))
    assert (
        "   9 | a\n"
        "> 10 |   b\n"
        "> 11 |     漢字\n"
        "     |   ^^^^^^\n"
        "  12 | \n"
        "> 13 | long = 1\n"
        "     | ^^^^^^^^\n"
    ) in said


def test_lines_that_lower_the_verdict_are_underlined_where_they_are_known() -> None:
    said = text(assess(judged(0.1, evidence=(Evidence(11, 11, 0.6),))))
    assert ("  11 |     total = a\n     |     ^^^^^^^^^\n> 12 |     return total - b\n\n") in said


def test_new_code_in_which_no_line_stands_out_is_not_underlined() -> None:
    snippet = Snippet("a.py", "", 9, 10, "a\nb", SnippetKind.HUNK, "", changed_lines=(9, 10))
    said = text(assess(Judged(snippet, Verdict(0.1, 0.0, "m"))))
    assert ">  9 | a\n> 10 | b\n\n" in said
    assert "^" not in said


def test_code_that_is_fine_gets_a_line_and_no_listing() -> None:
    said = text(assess(judged(0.95)))
    assert "src/calc.py:12: add: P(correct) 0.95, very likely to be correct\n" in said
    assert "total" not in said
    assert "The gate passes." in said


def test_abstentions_and_skipped_files_are_named_with_reasons() -> None:
    unread = judged(0.5, abstained=True, reason="the code is too long")
    said = text(assess(unread, skipped=(Skipped("yarn.lock", "a lock file"),)))
    assert "Could not be judged:\n  src/calc.py:12: add: the code is too long\n" in said
    assert "Skipped:\n  yarn.lock: a lock file\n" in said
    assert "This is not a pass" in said
    assert "P(correct)" not in said


def test_a_silent_gate_shows_no_verdict() -> None:
    said = text(assess(judged(0.1), gate=Gate.SHADOW))
    assert "P(correct)" not in said
    assert "silent" in said


def test_a_long_list_is_cut_and_says_so() -> None:
    said = text(assess(*(judged(0.9, line=n * 10) for n in range(1, 31))))
    assert "  and 10 more (--format json lists all)\n" in said


def test_a_long_function_is_shown_around_its_change() -> None:
    lines = [f"line{n}" for n in range(1, 201)]
    snippet = Snippet(
        "a.py", "", 1, 200, "\n".join(lines), SnippetKind.FUNCTION, "f", changed_lines=(100,)
    )
    said = text(assess(Judged(snippet, Verdict(0.1, 0.0, "m"))))
    assert "> 100 | line100\n" in said
    assert "|  line1\n" not in said
    assert said.count(" | ") == 41  # and the carets
    assert "more lines" in said


@pytest.mark.parametrize("field", ["name", "code", "path", "reason", "skipped"])
def test_nothing_of_the_change_controls_the_terminal(field: str) -> None:
    values = {"name": "add", "code": CODE, "path": "a.py", "reason": "r", "skipped": "s"}
    values[field] += EVIL + "\u202e\r\n\x9b1m[bold]"
    code = values["code"]
    end = code.count("\n") + 1
    snippet = Snippet(values["path"], "", 1, end, code, SnippetKind.HUNK, values["name"])
    found = [Judged(snippet, Verdict(0.1, 0.0, "m"))]
    found += [Judged(snippet, Verdict(0.1, 0.0, "m", abstained=True, reason=values["reason"]))]
    assessment = assess(*found, skipped=(Skipped(values["skipped"], values["skipped"]),))
    console = Console(file=io.StringIO(), force_terminal=False, soft_wrap=True)
    console.print(as_text(assessment))
    said = console.file.getvalue()
    assert not set(said) & set("\x1b\x07\r\x9b\u202e")
    assert "[bold]" in said


def test_layout_of_code_is_kept_and_what_hides_is_shown() -> None:
    assert visible("\ta  = 1 \r\n") == "    a  = 1 "
    assert visible("é漢 \u200b\u2066") == "é漢 <U+200B><U+2066>"
    assert visible("\ud800") == "<U+D800>"
    assert visible("x" * 300, limit=10) == "x" * 9 + "…"


def test_json_has_the_documented_shape() -> None:
    unread = judged(0.5, abstained=True, reason="too long", line=50)
    skipped = (Skipped("yarn.lock", "a lock file"),)
    value = json.loads(as_json(assess(judged(0.1), unread, gate=Gate.BLOCK, skipped=skipped)))
    first = value["snippets"][0]
    assert value | {"snippets": [], "title": ""} == {
        "schema_version": 1,
        "conclusion": "failed",
        "blocks": True,
        "title": "",
        "threshold": 0.3,
        "hidden": 0,
        "snippets": [],
        "skipped": [{"path": "yarn.lock", "reason": "a lock file", "is_code": False}],
    }
    assert first | {"fingerprint": ""} == {
        "path": "src/calc.py",
        "start_line": 10,
        "end_line": 12,
        "changed_lines": [12],
        "kind": "function",
        "name": "add",
        "language": "python",
        "fingerprint": "",
        "p_correct": 0.1,
        "logit": 0.1,
        "model": "fixed-1",
        "abstained": False,
        "reason": "",
        "evidence": [],
        "is_finding": True,
        "code": CODE,
    }
    assert [one["is_finding"] for one in value["snippets"]] == [True, False]


def test_json_is_ascii_whatever_the_code_holds() -> None:
    text = as_json(assess(judged(0.1, code="é\ud800\x1b")))
    assert text.isascii()
    assert json.loads(text)["snippets"][0]["code"] == "é\ud800\x1b"
