from __future__ import annotations

import math

import pytest

from judge.past import FIELDS, MOST, PAST_SIGNALS, past_inputs, past_of


def signals(told: object) -> dict[str, float]:
    return dict(zip(PAST_SIGNALS, past_inputs(past_of(told)), strict=True))


def test_only_known_fields_that_are_numbers_are_read() -> None:
    told = {"files": 3, "file_fixes": True, "added": "9", "authors": ["Ada"], "removed": math.nan}
    assert past_of(told) == (("files", 3.0),)


@pytest.mark.parametrize("told", [None, "text", 3, [], {"files": math.inf}])
def test_what_is_no_history_is_an_empty_one(told: object) -> None:
    assert past_of(told) == ()
    assert all(math.isnan(value) for value in past_inputs(()))


def test_a_field_beyond_all_measure_is_cut_and_stays_finite() -> None:
    assert past_of({"files": 10**300}) == (("files", MOST),)
    assert math.isfinite(signals({"files": 1e300})["past_files"])


def test_a_file_without_a_past_has_no_share_of_fixes() -> None:
    assert signals({"file_changes": 0, "file_fixes": 0})["past_share_of_fixes"] == 0.0
    assert signals({"file_changes": 8, "file_fixes": 2})["past_share_of_fixes"] == 0.25
    assert math.isnan(signals({"file_changes": 8})["past_share_of_fixes"])


def test_no_line_yet_counts_as_no_days() -> None:
    assert signals({"newest_line_days": -1.0})["past_newest_line_days"] == 0.0


def test_every_field_has_its_signal() -> None:
    found = signals(dict.fromkeys(FIELDS, 1.0))
    assert len(found) == len(FIELDS) + 1
    assert all(math.isfinite(value) for value in found.values())
