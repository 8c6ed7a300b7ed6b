from __future__ import annotations

from datetime import UTC, datetime, timedelta

from judge.diff import parse
from judge.types import Snippet, SnippetKind
from worker.feedback import Signal
from worker.feedback_history import Commit, Judged, shown

AT = datetime(2026, 3, 1, tzinfo=UTC)
CODE = "def pages(total, size):\n    return total // size"
SNIPPET = Snippet(
    "a.py", "python", 11, 12, CODE, SnippetKind.FUNCTION, name="pages", changed_lines=(11, 12)
)
JUDGED = Judged(SNIPPET, 7, AT)
FIX = """--- a/a.py
+++ b/a.py
@@ -11,2 +11,2 @@
 def pages(total, size):
-    return total // size
+    return -(-total // size)
"""
GONE = """--- a/a.py
+++ b/a.py
@@ -11,2 +10,0 @@
-def pages(total, size):
-    return total // size
"""
WITHIN = timedelta(days=14)


def commit(title: str, diff: str, days: float = 3) -> Commit:
    return Commit("c" * 40, title, AT + timedelta(days=days), parse(diff))


def found(*later: Commit, text: str | None = CODE, days: float = 30) -> Signal | None:
    told = shown(JUDGED, later, text, within=WITHIN, now=AT + timedelta(days=days))
    return told[0] if told else None


def test_a_fix_that_changes_a_judged_line_says_that_it_was_wrong() -> None:
    assert found(commit("Fix the number of pages", FIX)) is Signal.FIXED


def test_a_revert_of_the_lines_says_so_too() -> None:
    assert found(commit('Revert "Count pages"', GONE)) is Signal.REVERTED


def test_a_change_that_claims_no_fix_shows_nothing() -> None:
    assert found(commit("Count pages by floats", FIX), text="") is None


def test_words_that_only_hold_the_letters_of_fix_are_no_claim() -> None:
    assert found(commit("Add a prefix and a suffix", FIX), text="") is None


def test_a_fix_long_after_or_before_shows_nothing() -> None:
    assert found(commit("Fix pages", FIX, days=20), text="") is None
    assert found(commit("Fix pages", FIX, days=-1), text="") is None


def test_a_fix_of_another_file_shows_nothing() -> None:
    assert found(commit("Fix pages", FIX.replace("a.py", "b.py")), text="") is None


def test_code_that_stands_long_enough_is_kept() -> None:
    assert found() is Signal.KEPT
    assert found(days=3) is None
    assert found(text="something else") is None
    assert found(text=None) is None


def test_lines_that_are_everywhere_show_nothing() -> None:
    trivial = Snippet("a.py", "c", 1, 2, "}\n{", SnippetKind.HUNK, changed_lines=(1, 2))
    judged = Judged(trivial, 7, AT)
    assert shown(judged, (), "}\n{", within=WITHIN, now=AT + timedelta(days=30)) is None
