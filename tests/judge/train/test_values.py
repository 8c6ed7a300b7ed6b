from __future__ import annotations

import collections
import datetime
import fractions
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.train.values import Once, Opaque, Unreadable, decode, encode, same

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
KEYS = st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_plain_data_comes_back_as_it_was(value: object) -> None:
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        collections.deque([1, 2]),
        fractions.Fraction(1, 3),
        datetime.date(2024, 2, 29),
        datetime.timedelta(days=1, seconds=2),
        range(3, 9, 2),
        "\ud800",
        pytest.param(1 << 20_000, id="huge"),
        int,
        dict,
    ],
)
def test_rarer_values_come_back_too(value: object) -> None:
    assert decode(encode(value)) == value


def test_a_set_keeps_the_order_of_its_literal() -> None:
    assert list(decode(encode({12, 13, 14, 15, 16}))) == list({12, 13, 14, 15, 16})  # type: ignore[call-overload]


def test_views_of_a_dictionary_stay_views_in_their_order() -> None:
    told = {"b": [1], "a": [2]}
    keys, items, values = (decode(encode(v)) for v in (told.keys(), told.items(), told.values()))
    assert [*keys] == ["b", "a"]  # type: ignore[misc]
    assert keys == {"a", "b"}
    assert [*items] == [("b", [1]), ("a", [2])]  # type: ignore[misc]
    assert [*values] == [[1], [2]]  # type: ignore[misc]
    assert values != ([1], [2])  # as in Python: a view of values equals nothing
    assert same(values, decode(encode({1: [1], 2: [2]}.values())))


def test_an_iterator_gives_its_items_once_and_equals_no_list() -> None:
    back = decode(encode(n * n for n in range(3)))
    assert isinstance(back, Once)
    assert back != [0, 1, 4]
    assert same(back, decode(encode(iter([0, 1, 4]))))
    assert (list(back), list(back)) == ([0, 1, 4], [])


def test_an_iterator_without_an_end_does_not_cross() -> None:
    assert isinstance(decode(encode(itertools.count())), Opaque)


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class ListThatLies(list):  # type: ignore[type-arg]
    def __eq__(self, other: object) -> bool:
        return True

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([1, 2, 3])

    __hash__ = None  # type: ignore[assignment]


def test_an_object_that_equals_everything_arrives_as_one_that_equals_nothing() -> None:
    back = decode(encode(AlwaysEqual()))
    assert isinstance(back, Opaque)
    assert back != 5
    assert back != back


def test_a_list_of_a_candidates_own_kind_arrives_with_what_it_holds() -> None:
    assert decode(encode(ListThatLies([7]))) == [7]


@pytest.mark.parametrize(
    "data", [b"", b"[1]", b"{}", b'{"zz": 1}', b'{"l": 5}', b"\xff", b'{"s":[{"l":[]}]}']
)
def test_bytes_that_are_no_value_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data)


def test_a_value_nested_too_deeply_is_refused() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(RecursionError):
        encode(deep)


def test_equality_forgives_rounding_and_nothing_else() -> None:
    assert same([0.1 + 0.2, float("nan")], [0.3, float("nan")])
    assert same({"a": 1.0}, {"a": 1})
    assert not same([1], (1,))
    assert not same(True, 2)
    assert not same([1, 2], [1])
    assert not same({"a": 1}, {"b": 1})
    assert not same(10**400, 1.0)
