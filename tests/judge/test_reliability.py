from __future__ import annotations

import pytest

from judge.reliability import Bin, Reliability, as_text, binned, parse


def test_bins_hold_the_mean_of_what_was_stated_and_seen() -> None:
    assert binned([0.0, 0.05, 0.55, 1.0], [0, 1, 1, 1], bins=2) == (
        Bin(0.025, 0.5, 2),
        Bin(0.775, 1.0, 2),
    )
    assert binned([], []) == ()


def test_rows_and_labels_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        binned([0.1], [])


def test_the_text_is_read_back() -> None:
    told = Reliability("1a2b3c4d", "rows", (Bin(0.1, 0.2, 3), Bin(0.9, 0.8, 4)))
    assert parse(as_text(told)) == told
    assert told.n == 7


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bins": 7}', '{"bins": [{"n": "x"}]}'])
def test_what_is_no_such_text_is_nothing(text: str) -> None:
    assert parse(text) is None
