from __future__ import annotations

import random

import pytest

from judge.rank_tournament import FIELD, all_pairs, tournament


def better(one: int, other: int) -> float:
    """The candidate of the lower number is the better one."""
    return 1.0 if one < other else 0.0


def test_all_pairs_order_everybody_and_cost_all_pairs() -> None:
    found = all_pairs(10, better)
    assert found.order == tuple(range(10))
    assert found.comparisons == 45


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 20, 50, 100])
def test_a_tournament_costs_less_than_all_pairs_and_ranks_everybody_once(count: int) -> None:
    merits = [float(-one) for one in range(count)]
    found = tournament(merits, better)
    assert sorted(found.order) == list(range(count))
    assert found.order[0] == 0
    assert found.comparisons <= min(count * (count - 1) / 2, FIELD + 6)


def test_the_comparisons_can_overturn_the_cheap_order_among_the_best() -> None:
    merits = [0.1] * 92 + [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    best = 98  # seeded seventh
    found = tournament(merits, lambda one, other: 0.5 + 0.5 * ((one == best) - (other == best)))
    assert found.order[0] == best


def test_a_larger_field_finds_a_best_that_the_cheap_order_hides() -> None:
    source = random.Random(1)
    merits = [source.random() for _ in range(50)]
    merits[0] = sorted(merits)[30]
    assert tournament(merits, better).order[0] != 0
    assert tournament(merits, better, field=50).order[0] == 0
