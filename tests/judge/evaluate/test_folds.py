import pytest

from judge.evaluate.folds import fold_of, folds

TASKS = [f"task {n % 10}" for n in range(50)]


def test_rows_of_one_task_are_in_one_fold() -> None:
    parts = fold_of(TASKS, 5)
    assert all(len({parts[i] for i in range(50) if TASKS[i] == task}) == 1 for task in TASKS)


def test_every_row_is_judged_once_and_never_by_rows_of_its_own_task() -> None:
    judged = []
    for train, test in folds(TASKS, 3):
        assert not {TASKS[row] for row in train} & {TASKS[row] for row in test}
        judged += test.tolist()
    assert sorted(judged) == list(range(50))


def test_fewer_tasks_than_folds_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tasks cannot be cut into 3 folds"):
        fold_of(["a", "b", "a"], 3)
