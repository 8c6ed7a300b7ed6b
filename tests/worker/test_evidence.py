from __future__ import annotations

import itertools
from dataclasses import replace

from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.evidence import MAX_CHARS, MAX_LINES, MAX_PASSES, cost, plan, plans, weigh

CODE = "def add(a, b):\n    c = a\n\n    c -= b\n    return c"
SNIPPET = Snippet("a.py", "python", 10, 14, CODE, SnippetKind.FUNCTION, "add")


def verdict(p: float, *, abstained: bool = False) -> Verdict:
    return Verdict(p, 0.0, "m", abstained=abstained)


def test_each_line_is_left_out_once_but_for_the_first_and_empty_ones() -> None:
    pieces = plan(SNIPPET)
    assert [(one.start_line, one.end_line) for one in pieces] == [(11, 11), (13, 13), (14, 14)]
    assert pieces[1].rest.code == "def add(a, b):\n    c = a\n\n    return c"


def test_only_changed_lines_are_suspects() -> None:
    changed = replace(SNIPPET, changed_lines=(13, 14))
    assert [one.start_line for one in plan(changed)] == [13, 14]


def test_a_long_snippet_is_taken_apart_in_blocks_within_the_bound() -> None:
    code = "def f():\n" + "\n".join(f"    x{n} = {n}" for n in range(30))
    long = Snippet("a.py", "python", 1, 31, code, SnippetKind.FUNCTION)
    pieces = plan(long, most=8)
    assert len(pieces) == 8
    assert (pieces[0].start_line, pieces[-1].end_line) == (2, 31)
    assert all(a.end_line < b.start_line for a, b in itertools.pairwise(pieces))


def test_what_cannot_be_taken_apart_has_no_plan() -> None:
    one_line = replace(SNIPPET, changed_lines=(13,))
    endless = replace(SNIPPET, code="x\n" * (MAX_LINES + 1))
    hunk = replace(SNIPPET, diff="@@")
    assert plan(one_line) == plan(endless) == plan(hunk) == plan(SNIPPET, most=1) == ()


def test_the_lines_whose_absence_helps_most_come_first() -> None:
    found = weigh(verdict(0.1), plan(SNIPPET), [verdict(0.11), verdict(0.7), verdict(0.3)])
    assert found == (Evidence(13, 13, 0.7), Evidence(14, 14, 0.3))


def test_an_abstained_pass_is_no_evidence() -> None:
    without = [verdict(0.9, abstained=True)] * 3
    assert weigh(verdict(0.1), plan(SNIPPET), without) == ()


def test_the_shared_beginning_is_read_once_and_the_rest_for_each_piece() -> None:
    first, second, third = plan(SNIPPET)
    assert cost(SNIPPET, ()) == 0
    rest = len("\n    c -= b\n    return c\n")
    assert cost(SNIPPET, [first]) == len("def add(a, b):\n") + rest
    begun = len("def add(a, b):\n    c = a\n\n    c -= b\n")
    assert cost(SNIPPET, [first, second, third]) == begun + rest + len("    return c\n")


def test_the_first_snippets_are_served_first_and_the_whole_stays_within_the_bounds() -> None:
    code = "def f():\n" + "\n".join(f"    x{n} = {n} + {'y' * 60}" for n in range(40))
    long = Snippet("a.py", "python", 1, 41, code, SnippetKind.FUNCTION)
    found = plans([long, long, SNIPPET])
    assert sum(map(len, found)) <= MAX_PASSES
    assert cost(long, found[0]) + cost(long, found[1]) + cost(SNIPPET, found[2]) <= MAX_CHARS
    assert len(found[0]) > len(found[1])
    assert plans([]) == []
