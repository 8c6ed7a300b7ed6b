from __future__ import annotations

from datetime import UTC, datetime, timedelta

from worker.turns import INSTALLATION_GAP_S, REPOSITORY_GAP_S, set_back, turn_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_first_of_a_repository_has_its_turn_at_once() -> None:
    assert turn_of(NOW, repository=None, installation=0) == NOW


def test_each_waiting_review_of_a_repository_sets_the_next_one_back() -> None:
    turn = NOW
    for n in range(1, 4):
        turn = turn_of(NOW, repository=turn, installation=0)
        assert turn == NOW + timedelta(seconds=n * REPOSITORY_GAP_S)


def test_a_repository_whose_turns_are_long_past_has_its_turn_at_once() -> None:
    assert turn_of(NOW, repository=NOW - timedelta(days=1), installation=0) == NOW


def test_an_installation_with_much_waiting_work_stands_behind_one_with_none() -> None:
    behind = turn_of(NOW, repository=None, installation=500)
    assert behind == NOW + timedelta(seconds=500 * INSTALLATION_GAP_S)
    assert turn_of(NOW + timedelta(seconds=60), repository=None, installation=0) < behind


def test_a_large_change_lets_small_ones_go_first() -> None:
    large = set_back(NOW, 64)
    small = set_back(NOW + timedelta(seconds=30), 3)
    assert small < large
