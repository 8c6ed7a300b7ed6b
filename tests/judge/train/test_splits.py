from __future__ import annotations

from collections import Counter

from judge.train.splits import Split, split_of

FIRST_TWELVE = [
    "train",
    "test",
    "train",
    "train",
    "train",
    "train",
    "validation",
    "train",
    "train",
    "train",
    "train",
    "train",
]


def test_a_task_is_in_one_split_in_every_language() -> None:
    for number in range(1, 200):
        names = ("MBPP", "MBJP", "MBJSP", "MBCPP", "MBGP", "MBTSP")
        ids = [f"{name}/{number}" for name in names] + [f"mbpp_{number}_some_name"]
        assert len({split_of(one) for one in ids}) == 1


def test_about_eight_tasks_in_ten_are_for_training() -> None:
    counts = Counter(split_of(f"MBPP/{number}") for number in range(1, 975))
    assert 730 <= counts[Split.TRAIN] <= 830
    assert counts[Split.VALIDATION] >= 70
    assert counts[Split.TEST] >= 70


def test_the_splits_never_change() -> None:
    # Changing them would turn rows that were trained on into rows that are tested on.
    found = [split_of(f"MBPP/{number}").value for number in range(1, 13)]
    assert found == FIRST_TWELVE
