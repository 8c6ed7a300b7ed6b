"""A language model of the default's architecture, small enough to build in a test."""

from __future__ import annotations

import pytest

from judge.model import Backbone

VOCABULARY = 130


class Letters:
    """A tokenizer of one token per ASCII character."""

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        return [min(ord(letter), VOCABULARY - 1) for letter in text]


@pytest.fixture(scope="session")
def tiny() -> Backbone:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=8192,
    )
    return Backbone(Qwen2ForCausalLM(config).eval(), Letters(), yes=ord("Y"), no=ord("N"))
