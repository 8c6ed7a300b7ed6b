"""Which pieces of a change are judged, and with which lines."""

from __future__ import annotations

import difflib

from judge.diff import FileDiff, parse
from judge.snippets import snippets
from judge.types import Snippet, SnippetKind

PYTHON = '''\
"""Module."""
import os

LIMIT = 3


def one(a):
    """Says one."""
    return a


class Two:
    """Class."""

    # says two
    @property
    def two(self):
        return 2


start(LIMIT)
'''


def change(old: str, new: str, path: str = "a.py") -> FileDiff:
    """The diff between two texts of one file."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    (file,) = parse("".join(lines))
    return file


def judged(old: str, new: str, path: str = "a.py") -> tuple[Snippet, ...]:
    """The snippets of a change from `old` to `new`, each checked against the new text."""
    found = snippets(change(old, new, path), new, prompt="the title")
    for piece in found:
        lines = new.replace("\r\n", "\n").split("\n")[piece.start_line - 1 : piece.end_line]
        assert piece.code == "\n".join(lines)
        assert piece.changed_lines
    return found


def test_a_touched_function_is_judged_whole_with_its_docstring_as_the_task() -> None:
    (piece,) = judged(PYTHON, PYTHON.replace("return a", "return a + 1"))
    assert (piece.name, piece.start_line, piece.end_line) == ("one", 7, 9)
    assert (piece.kind, piece.prompt, piece.diff) == (SnippetKind.FUNCTION, "Says one.", "")
    assert piece.changed_lines == (9,)


def test_a_method_is_judged_without_its_class_and_with_its_decorator() -> None:
    (piece,) = judged(PYTHON, PYTHON.replace("return 2", "return 3"))
    assert (piece.name, piece.start_line, piece.prompt) == ("Two.two", 16, "says two")


def test_a_function_without_words_takes_the_task_of_the_change() -> None:
    (piece,) = judged(PYTHON, PYTHON.replace('    """Says one."""\n', "").replace(" a\n", " b\n"))
    assert piece.prompt == "the title"


def test_code_outside_functions_is_judged_as_a_hunk_with_its_diff() -> None:
    (piece,) = judged(PYTHON, PYTHON.replace("start(LIMIT)", "start(LIMIT + 1)"))
    assert (piece.kind, piece.changed_lines) == (SnippetKind.HUNK, (21,))
    assert "-start(LIMIT)\n+start(LIMIT + 1)\n" in piece.diff


def test_what_cannot_be_wrong_by_itself_is_not_judged() -> None:
    changed = [
        PYTHON.replace("import os", "import os\nimport sys"),
        PYTHON.replace("LIMIT = 3", "LIMIT = 4"),
        PYTHON.replace("Says one.", "Says it."),
        PYTHON.replace("# says two", "# says so"),
        PYTHON.replace("LIMIT = 3", "LIMIT = 3\n\n"),
        PYTHON.replace("class Two:", "class Two(Base):"),
        PYTHON.replace("start(", "def none():\n    ...\n\n\nstart("),
        PYTHON.replace("    return a\n", ""),
    ]
    assert [judged(PYTHON, new) for new in changed] == [()] * len(changed)


def test_white_space_alone_is_not_judged_where_it_has_no_meaning() -> None:
    old = "function f(a) {\n  if (a) {\n  return 1 }\n}\n"
    assert judged(old, old.replace("  return 1 }", "      return  1  }"), "a.js") == ()


def test_a_python_line_that_moves_out_of_a_loop_is_judged() -> None:
    old = "def f(a):\n    for b in a:\n        g(b)\n        return b\n"
    (piece,) = judged(old, old.replace("        return b", "    return b"))
    assert piece.changed_lines == (4,)


def test_a_python_function_that_moves_into_a_class_unchanged_is_not_judged() -> None:
    old = "def f(a):\n    return a\n"
    assert judged(old, "class A:\n    def f(a):\n        return a\n") == ()


def test_a_small_inner_function_is_judged_with_the_one_around_it() -> None:
    old = "def outer(f):\n    def inner():\n        return f()\n    return inner\n"
    (piece,) = judged(old, old.replace("f()", "f(1)"))
    assert (piece.name, piece.start_line, piece.end_line) == ("outer", 1, 4)


def test_an_inner_function_of_a_very_long_one_is_judged_by_itself() -> None:
    inner = "    def inner():\n" + "        go()\n" * 12
    old = "def outer():\n" + "    go()\n" * 60 + inner + "    return inner\n"
    (piece,) = judged(old, old.replace("        go()\n    return", "        stop()\n    return"))
    assert piece.name == "outer.inner"


def test_the_blocks_of_a_long_test_suite_are_judged_one_by_one() -> None:
    block = "  it('does %d', () => {\n    go(%d);\n  });\n"
    old = "describe('a', () => {\n" + "".join(block % (n, n) for n in range(30)) + "});\n"
    (piece,) = judged(old, old.replace("go(7)", "go(70)"), "a.test.js")
    assert (piece.start_line, piece.end_line) == (23, 25)


def test_crlf_files_are_judged_with_plain_line_ends() -> None:
    old = PYTHON.replace("\n", "\r\n")
    (piece,) = judged(old, old.replace("return a", "return b"))
    assert "\r" not in piece.code and piece.prompt == "Says one."


def test_a_function_that_does_not_parse_is_judged_as_a_hunk() -> None:
    (piece,) = judged(PYTHON, PYTHON.replace("return a", "return a +* (1"))
    assert piece.kind is SnippetKind.HUNK and 9 in piece.changed_lines


def test_without_the_text_of_the_file_or_with_another_the_hunk_is_judged() -> None:
    file = change(PYTHON, PYTHON.replace("return a", "return a + 1"))
    for text in (None, "", PYTHON, "\n" + PYTHON.replace("return a", "return a + 1")):
        (piece,) = snippets(file, text)
        assert (piece.kind, piece.changed_lines) == (SnippetKind.HUNK, (9,))


def test_a_new_file_needs_no_text_beside_its_diff() -> None:
    body = "".join(f"+{line}\n" for line in PYTHON.splitlines())
    (file,) = parse(f"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,{len(PYTHON.splitlines())} @@\n{body}")
    assert [piece.name for piece in snippets(file, None)] == ["one", "Two.two", ""]


def test_a_language_that_is_not_known_is_judged_by_hunks_of_bounded_length() -> None:
    new = "".join(f"echo {n}\n" + "\n" * (n % 10 == 9) for n in range(200))
    found = judged("", new, "a.sh")
    assert all(piece.end_line - piece.start_line < 60 for piece in found)
    covered = {line for piece in found for line in piece.changed_lines}
    lines = new.split("\n")
    assert {n for n, line in enumerate(lines, 1) if line} <= covered
