from __future__ import annotations

from judge.train.inputs import variants

CALLS = [([[3, 1, 2], "abc"], {}), ([[], ""], {"limit": 2.5})]


def shape(value: object) -> type:
    return type(value)


def test_the_same_calls_and_seed_give_the_same_inputs() -> None:
    assert variants(CALLS, count=40, seed=3) == variants(CALLS, count=40, seed=3)
    assert variants(CALLS, count=40, seed=3) != variants(CALLS, count=40, seed=4)


def test_inputs_keep_the_types_of_the_tests() -> None:
    for args, kwargs in variants(CALLS, count=40, seed=1):
        assert [type(arg) for arg in args] == [list, str]
        assert all(type(item) is int for item in args[0])  # type: ignore[attr-defined]
        assert all(type(value) is float for value in kwargs.values())


def test_inputs_are_distinct_and_none_of_them_is_a_test() -> None:
    found = variants(CALLS, count=40, seed=1)
    assert len({repr(call) for call in found}) == len(found) == 40
    assert not any(call in CALLS for call in found)


def test_the_tests_own_inputs_are_left_as_they_were() -> None:
    calls = [([{"a": [1, 2]}, {1, 2}, (1, "x")], {})]
    variants(calls, count=50, seed=0)
    assert calls == [([{"a": [1, 2]}, {1, 2}, (1, "x")], {})]


def test_a_function_without_arguments_has_no_other_inputs() -> None:
    assert variants([([], {})], count=10, seed=0) == []
    assert variants([], count=10, seed=0) == []
