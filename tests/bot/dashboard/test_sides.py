from __future__ import annotations

from bot.dashboard import sides
from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.types import Judged, Skipped

DIFF = """diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,4 +1,5 @@
 import math
-def f(x):
-    return x
+def f(x):
+    y = x
+    return y + 1
 # end
"""


def judged(p: float, *, abstained: bool = False, start: int = 2, end: int = 4) -> Judged:
    snippet = Snippet(
        path="a.py",
        language="python",
        start_line=start,
        end_line=end,
        code="def f(x):\n    y = x\n    return y + 1",
        kind=SnippetKind.FUNCTION,
        changed_lines=tuple(range(start, end + 1)),
    )
    lowers = (Evidence(4, 4, 0.9),)
    return Judged(snippet, Verdict(p, 0.0, "m", abstained=abstained, evidence=lowers))


def shown(one: Judged, diff: str = DIFF) -> sides.File:
    return sides.files(diff, [sides.note(one, threshold=0.3)], [])[0]


def test_removed_lines_stand_beside_the_added_ones_that_take_their_place() -> None:
    rows = [(line.left.text, line.right.text) for line in shown(judged(0.1)).lines]
    assert rows == [
        ("import math", "import math"),
        ("def f(x):", "def f(x):"),
        ("    return x", "    y = x"),
        ("", "    return y + 1"),
        ("# end", "# end"),
    ]


def test_a_verdict_stands_under_the_last_line_of_its_snippet() -> None:
    ends = [line.right.number for line in shown(judged(0.1)).lines if line.notes]
    assert ends == [4]


def test_changed_lines_carry_the_grade_and_the_lowering_line_its_mark() -> None:
    lines = shown(judged(0.1)).lines
    assert [line.grade for line in lines] == ["", "wrong", "wrong", "wrong", ""]
    assert [line.is_lowering for line in lines] == [False, False, False, True, False]


def test_what_is_fine_has_no_doubted_lines() -> None:
    assert not any(line.is_lowering for line in shown(judged(0.9)).lines)


def test_grades_follow_the_threshold_and_an_abstention_is_none_of_them() -> None:
    grades = [sides.note(judged(p), threshold=0.3).grade for p in (0.29, 0.31, 0.7)]
    assert grades == ["wrong", "doubtful", "fine"]
    assert sides.note(judged(0.1, abstained=True), threshold=0.3).grade == "abstained"


def test_without_a_diff_the_judged_code_stands_alone() -> None:
    file = shown(judged(0.1), diff="")
    assert [line.right.number for line in file.lines] == [2, 3, 4]
    assert len(file.lines[-1].notes) == 1


def test_a_verdict_whose_lines_are_not_in_the_diff_is_told_below_it() -> None:
    file = shown(judged(0.1, start=40, end=42))
    assert len(file.rest) == 1


def test_a_file_that_was_not_judged_says_why() -> None:
    [file] = sides.files(DIFF, [], [Skipped("a.py", "generated", True)])
    assert file.reason == "generated"


def test_a_huge_change_is_cut() -> None:
    added = "".join(f"+line {n}\n" for n in range(4000))
    diff = f"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,4000 @@\n{added}"
    assert len(sides.files(diff, [], [])[0].lines) == sides.MOST_ROWS


def test_what_hides_in_a_line_is_shown_by_its_code_point() -> None:
    assert sides.visible("a\tb\u202e\x00\r") == "a\tb‹U+202E›‹U+0000›"
