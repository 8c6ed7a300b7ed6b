from __future__ import annotations

from worker.patience import (
    LONGEST_RETRY_S,
    LONGEST_SEND_AGAIN_S,
    LONGEST_UNTIL_PLACE_S,
    Patience,
)

PATIENCE = Patience(lease_s=60, send_again_s=20)


def test_a_worker_speaks_three_times_in_a_lease() -> None:
    assert PATIENCE.beat_s == 20


def test_sending_again_slows_down() -> None:
    assert [PATIENCE.until_sent_again_s(sends) for sends in range(4)] == [20, 40, 80, 160]
    assert PATIENCE.until_sent_again_s(10_000) == LONGEST_SEND_AGAIN_S


def test_a_forges_own_delay_is_kept() -> None:
    assert PATIENCE.until_retry_s(0, asked_s=3600) == 3600


def test_without_one_the_delay_doubles_up_to_a_bound() -> None:
    assert [PATIENCE.until_retry_s(n, asked_s=0) for n in range(3)] == [2, 4, 8]
    assert PATIENCE.until_retry_s(10_000, asked_s=1) == LONGEST_RETRY_S


def test_the_default_patience_with_a_forge_lasts_about_a_day() -> None:
    total_s = sum(PATIENCE.until_retry_s(n, asked_s=1) for n in range(PATIENCE.max_postponed))
    assert 18 * 3600 < total_s < 30 * 3600


def test_a_crowd_that_waits_for_a_place_looks_no_more_often_than_a_few() -> None:
    assert [PATIENCE.until_place(waiting, at_once=8) for waiting in (1, 8, 80)] == [2, 2, 20]
    assert PATIENCE.until_place(100_000, at_once=8) == LONGEST_UNTIL_PLACE_S
