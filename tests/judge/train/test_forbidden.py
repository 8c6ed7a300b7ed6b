from __future__ import annotations

import pytest

from judge.train.forbidden import ForbiddenRow, is_forbidden_project, refusal, refuse


@pytest.mark.parametrize(
    "row",
    [
        {"task_id": "HumanEval/3"},
        {"task_id": "HumanEval_23_strlen"},
        {"task_id": "Python/12"},
        {"task_id": "CPP/0"},
        {"source": "openai_humaneval"},
        {"source": "humaneval-x"},
        {"source": "CoderEval4Python"},
        {"source": "QuixBugs"},
        {"repository": "jkoppel/QuixBugs"},
        {"repo": "psf/black"},
        {"repository": "https://github.com/psf/requests.git"},
        {"package": "urllib3"},
        {"project": "spaCy"},
        {"package": "youtube_dl"},
        {"package": "Youtube.DL"},
        {"package": "requests[security]==2.31"},
        {"url": "https://github.com/psf/requests#readme"},
        {"url": "git+https://github.com/psf/black.git@24.1"},
        {"path": "site-packages\\pydantic\\main.py"},
        {"source": "Human  Eval"},
        {"source": "bugs-in-py"},
        {"dataset": "openai/HumanEval"},
    ],
)
def test_a_row_that_names_a_forbidden_origin_is_refused(row: dict[str, object]) -> None:
    assert refusal(row)


@pytest.mark.parametrize(
    "code",
    [
        "def has_close_elements(numbers, threshold):\n    return False",
        "function hasCloseElements(numbers, threshold) {\n}",
        "func HasCloseElements(numbers []float64, threshold float64) bool {\n}",
        "bool has_close_elements(vector<float> numbers, float threshold) {\n}",
        "def shunting_yard(tokens):\n    pass",
        "const hasCloseElements = (numbers, threshold) => false",
        "let hasCloseElements = async numbers => false",
        "static hasCloseElements(numbers: number[], threshold: number): boolean {\n}",
        "boolean hasCloseElements(List<Double> numbers, double t) throws Exception {\n}",
        "func (s *Solution) HasCloseElements(numbers []float64) bool {\n}",
        "bool has_close_elements(std::function<bool(int)> f) const {\n}",
        "fun hasCloseElements(numbers: List<Double>): Boolean = false",
        "sub has_close_elements {\n}",
    ],
)
def test_a_function_of_a_forbidden_benchmark_is_refused_in_any_language(code: str) -> None:
    assert refusal({"task_id": "mine/1", "source": "mine", "code": code})


@pytest.mark.parametrize(
    "row",
    [
        {"task_id": "MBPP/17", "source": "mbxp", "code": "def is_prime(n):\n    return n > 1"},
        {"repository": "someone/blackjack"},
        {"source": "bugs in Python"},
        {"code": "function f(a) {\n  return g(hasCloseElements(a), (b) => b)\n}"},
        {"repository": "pallets/flask", "path": "src/flask/app.py"},
        {"prompt": "call has_close_elements(x) to find out", "code": "def f(x):\n    return x"},
    ],
)
def test_other_rows_may_be_used(row: dict[str, object]) -> None:
    assert refusal(row) == ""


def test_the_refusal_names_the_row_and_the_reason() -> None:
    rows = [{"task_id": "MBPP/1"}, {"task_id": "HumanEval/1"}]
    with pytest.raises(ForbiddenRow, match=r"row 2: task_id 'HumanEval/1'"):
        list(refuse(rows))


def test_a_project_is_known_by_name_owner_and_address() -> None:
    assert is_forbidden_project("pandas")
    assert is_forbidden_project("git@github.com:pandas-dev/pandas.git")
    assert not is_forbidden_project("geopandas/geopandas")
