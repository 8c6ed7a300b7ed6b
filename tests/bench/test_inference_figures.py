"""What bench/inference.py makes of its measurements, and the rows that it measures on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from judge.encode import Encoded

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from inference_figures import (  # noqa: E402
    Measured,
    Tokens,
    exponent,
    operations_per_token,
    rates,
    times_faster,
    tokens_of,
    vocabulary_share,
)
from inference_rows import evenly, load  # noqa: E402

QWEN_0_5B = {
    "hidden_size": 896,
    "intermediate_size": 4864,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
}


def test_a_shared_task_counts_once_and_its_codes_each() -> None:
    task, other, tail = (1, 2, 3), (4, 5), (9, 9)
    rows = [Encoded(task, (6,), tail), Encoded(task, (7, 8), tail), Encoded(other, (6,), tail)]
    assert tokens_of(rows) == Tokens(
        plain=3 + 1 + 2 + 3 + 2 + 2 + 2 + 1 + 2, once=3 + 1 + 2 + 2 + 1, code=1 + 2 + 1
    )


def test_the_default_model_costs_the_operations_of_its_matrices() -> None:
    attention = 896 * (896 + 128 + 128) + 896 * 896
    assert operations_per_token(QWEN_0_5B) == 2 * 24 * (attention + 3 * 896 * 4864)
    assert operations_per_token(QWEN_0_5B) == pytest.approx(0.716e9, rel=0.001)


def test_the_vocabulary_costs_more_than_a_third_of_the_layers() -> None:
    share = vocabulary_share(QWEN_0_5B | {"vocab_size": 151_936})
    assert share == pytest.approx(0.38, abs=0.005)


def test_the_rates_of_a_way() -> None:
    found = rates(
        Measured("gavel", "tasks", 80, seconds=20.0, cpu_s=36.0, peak_mb=1500.0, own_mb=400.0),
        Tokens(plain=18_000, once=8_000, code=5_000),
        limit_tokens_per_s=500.0,
        vocabulary=0.4,
    )
    assert found == {
        "candidates_per_s": 4.0,
        "tokens_per_s": 900.0,
        "cpu_s_per_1000": 450.0,
        "peak_mb": 1500.0,
        "own_mb": 400.0,
        "share_of_limit": 0.8,
        "share_of_rate": 1.0,
    }


def test_what_reads_every_token_again_is_held_to_the_limit_with_every_token() -> None:
    plain = Measured("one by one", "tasks", candidates=80, seconds=40.0, cpu_s=1.0, peak_mb=1.0)
    tokens = Tokens(plain=18_000, once=8_000, code=5_000)
    found = rates(plain, tokens, limit_tokens_per_s=500.0, vocabulary=0.4)
    assert found["share_of_limit"] == found["share_of_rate"] == 0.9


def test_what_was_not_measured_has_no_rates_and_is_not_compared() -> None:
    absent = Measured("llama.cpp", "tasks", absent="llama-cpp-python is not installed")
    assert rates(absent, Tokens(1, 1), limit_tokens_per_s=1.0) == {}
    speeds = {way: {"candidates_per_s": s} for way, s in (("gavel", 6.0), ("one by one", 2.0))}
    assert times_faster({**speeds, "llama.cpp": {}}) == {"the better of plain transformers": 3.0}
    assert times_faster({"one by one": {"candidates_per_s": 2.0}}) == {}


def test_the_better_of_the_plain_ways_is_the_measure() -> None:
    speeds = {"gavel": 6.0, "batches": 1.5, "one by one": 2.0, "llama.cpp": 1.0}
    compared = times_faster({way: {"candidates_per_s": s} for way, s in speeds.items()})
    assert compared == {"the better of plain transformers": 3.0, "llama.cpp": 6.0}


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(power: float) -> None:
    points = [(size, 0.3 * size**power) for size in (1, 3, 10, 30, 100)]
    assert exponent(points) == pytest.approx(power)


@pytest.mark.parametrize("points", [[], [(10, 1.0)], [(10, 1.0), (10, 2.0)]])
def test_too_few_points_have_no_exponent(points: list[tuple[float, float]]) -> None:
    assert exponent(points) is None


def test_rows_are_spread_from_the_first_to_the_last() -> None:
    assert evenly(list(range(100)), 5) == [0, 25, 50, 74, 99]
    with pytest.raises(ValueError, match="only 2 of 3"):
        evenly([1, 2], 3)


def test_the_committed_rows_are_ten_answers_a_task_and_eighty_functions() -> None:
    rows = load(BENCH / "inference_rows.jsonl.gz")
    tasks = [row for row in rows if row.set == "tasks"]
    assert len({row.id for row in rows}) == len(rows) == 160
    assert {row.task_id: sum(one.task_id == row.task_id for one in tasks) for row in tasks} == (
        dict.fromkeys(sorted({row.task_id for row in tasks}), 10)
    )
    assert all(row.code.strip() and row.prompt and row.license == "Apache-2.0" for row in rows)
