from __future__ import annotations

import pytest

from judge.languages import tree_of
from judge.train.mutate import drawn, mutants
from judge.train.mutate_balance import Balance
from judge.train.mutate_tables import ALTERNATIVES, WEIGHTS

PYTHON = '''def largest(values, limit=10):
    """Largest below limit, or -1."""
    best = -1
    for place, value in enumerate(values):
        if value < limit and value > best:
            best = max(best, value)
        else:
            continue
    return best
'''
OTHERS = {
    "javascript": "function f(a, b) {\n  if (!a) return b;\n  return Math.max(a, b - 1);\n}\n",
    "typescript": "function f(a: number, b: number): number {\n  return a <= b ? a : b - 1;\n}\n",
    "java": "static int f(int a, int b) {\n  if (a < b) { return 1; }\n  return max(a, b);\n}\n",
    "cpp": "int f(int a, int b) {\n  if (a < b) { return 1; }\n  return std::max(a, b);\n}\n",
    "go": "func f(a int, b int) int {\n\tif a < b {\n\t\treturn 1\n\t}\n\treturn g(a, b)\n}\n",
}


def edits(code: str, language: str) -> set[tuple[str, str, str]]:
    return {(one.kind, one.before, one.after) for one in mutants(code, language)}


def test_python_code_is_varied_in_every_way_that_it_allows() -> None:
    found = edits(PYTHON, "python")
    assert {
        ("comparison", "<", "<="),
        ("constant", "1", "2"),
        ("method", "max", "min"),
        ("variable", "value", "best"),
        ("arguments", "best, value", "value, best"),
        ("condition", "value < limit and value > best", "value > best"),
        ("operator", "and", "or"),
        ("boundary", "", " + 1"),
        ("branch", "\n        else:\n            continue", ""),
    } <= found


@pytest.mark.parametrize("language", OTHERS)
def test_every_labelled_language_has_mutants_and_they_parse(language: str) -> None:
    found = mutants(OTHERS[language], language)
    assert {"comparison", "variable", "arguments"} & {one.kind for one in found}
    assert len({one.code for one in found}) == len(found) > 5
    assert not any(tree_of(one.code, language).root_node.has_error for one in found)


def test_signatures_comments_and_docstrings_are_never_touched() -> None:
    head = PYTHON.split("    best = ")[0]
    assert all(one.code.startswith(head) for one in mutants(PYTHON, "python"))


def test_the_counter_of_a_loop_stays() -> None:
    code = (
        "function f(n) {\n  let s = 0;\n  for (let i = 0; i < n; i++) { s += 2; }\n  return s;\n}"
    )
    assert ("operator", "++", "--") not in edits(code, "javascript")


def test_a_variable_is_exchanged_only_for_one_that_has_a_value_there() -> None:
    code = "def f(a):\n    b = a\n    c = b\n    return c\n"
    assert ("variable", "a", "c") not in edits(code, "python")
    assert ("variable", "c", "a") in edits(code, "python")


def test_code_that_does_not_parse_and_unknown_languages_have_none() -> None:
    assert mutants("def f(:\n  return 1 +", "python") == []
    assert mutants("whatever", "klingon") == []


def test_the_same_seed_gives_the_same_mutants_of_different_kinds() -> None:
    first = drawn(PYTHON, "python", seed="1", at_most=4)
    assert first == drawn(PYTHON, "python", seed="1", at_most=4)
    assert first != drawn(PYTHON, "python", seed="2", at_most=4)
    assert len({one.kind for one in first}) == 4


def test_more_mutants_than_there_are_gives_those_that_there_are() -> None:
    code = "def f(a):\n    return a < 1\n"
    assert 0 < len(drawn(code, "python", seed="1", at_most=500)) <= len(mutants(code, "python"))


def test_the_balance_prefers_what_undoes_the_marks_so_far() -> None:
    balance = Balance(["x <= 1", "y < 1", "z < 2"])
    assert balance.best("x < 1", ["x <= 1"]) == 0
    assert balance.best("y <= 1", ["y <= 2", "y < 1"]) == 1


def test_every_kind_has_a_weight_and_no_family_is_alone() -> None:
    assert {one.kind for one in mutants(PYTHON, "python")} <= set(WEIGHTS)
    assert all(len(family) > 1 for family in ALTERNATIVES)
