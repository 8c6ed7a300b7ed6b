"""The ways that bench/inference.py compares do the same work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import inference_limit
import inference_ways
from inference_figures import operations_per_token
from inference_rows import load

CONFIG = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}


class Letters:
    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        return [min(ord(letter), 129) for letter in text]

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


def test_padding_changes_nothing_that_plain_transformers_says() -> None:
    torch.manual_seed(0)
    network = Qwen2ForCausalLM(Qwen2Config(vocab_size=130, **CONFIG)).eval()
    functions = inference_ways.chosen(load(), "functions", 0)
    rows = sorted(functions, key=lambda row: len(row.code))[:50:10]
    with torch.inference_mode():
        alone = inference_ways._plain(network, Letters(), rows, size=1)
        padded = inference_ways._plain(network, Letters(), rows, size=5)
    assert len(set(alone)) == 5
    assert padded == pytest.approx(alone, abs=1e-4)


def test_the_matrices_that_are_multiplied_are_those_of_a_layer() -> None:
    weights = sum(outer * inner for outer, inner in inference_limit.shapes(CONFIG))
    assert 2 * CONFIG["num_hidden_layers"] * weights == operations_per_token(CONFIG)


def test_every_precision_that_can_be_multiplied_has_a_limit() -> None:
    found = inference_limit.tokens_per_s(CONFIG)
    assert found.keys() >= {"bf16", "fp32"}
    assert all(rate > 0 for rate in found.values())


@pytest.mark.parametrize("precision", inference_limit.MULTIPLIERS)
def test_what_the_limit_is_measured_by_does_multiply(precision: str) -> None:
    product = inference_limit.MULTIPLIERS[precision](64, 32)()
    assert isinstance(product, torch.Tensor)
    assert product.shape == (inference_limit.ROWS, 64)
    assert (product != 0).any(dim=1).all()


def test_a_long_row_has_about_the_tokens_that_it_should() -> None:
    row = inference_ways.long_row(load()[-20:], 3000, Letters())
    assert len(Letters().encode(row.code)) == 3000


def test_many_rows_share_no_task() -> None:
    rows = inference_ways.many(load(), 30)
    assert len({row.prompt for row in rows}) == 30
    assert len({row.code for row in rows}) == 1
