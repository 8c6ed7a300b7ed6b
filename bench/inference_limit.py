"""How fast this machine multiplies matrices of a model's shapes. Acts: keeps the processor busy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch
from inference_figures import operations_per_token

ROWS = 512  # tokens at once: more multiply no faster
COPIES = 4  # of each matrix, so that no cache holds them all
ROUNDS = 5


def tokens_per_s(config: Mapping[str, int]) -> dict[str, float]:
    """Tokens a second that the matrices of a model's layers allow, by precision.

    The best of several rounds: what else the machine does can only make a round slower. A
    precision that this build of torch does not multiply in is left out.
    """
    found = {}
    for precision, multiplier in MULTIPLIERS.items():
        try:
            operations_per_s = max(_round(config, multiplier) for _ in range(ROUNDS))
        except (RuntimeError, NotImplementedError):
            continue
        found[precision] = operations_per_s / operations_per_token(config)
    return found


def _round(
    config: Mapping[str, int], multiplier: Callable[[int, int], Callable[[], object]]
) -> float:
    """Operations a second over all matrices of a layer, each multiplied with ROWS tokens."""
    steps = [multiplier(outer, inner) for outer, inner in shapes(config) for _ in range(COPIES)]
    steps[0]()
    before = time.perf_counter()
    for step in steps:
        step()
    seconds = time.perf_counter() - before
    return sum(2 * ROWS * o * i * COPIES for o, i in shapes(config)) / seconds


def shapes(config: Mapping[str, int]) -> list[tuple[int, int]]:
    """(outputs, inputs) of the matrices of a layer, those with one input joined to one."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    head = config.get("head_dim") or hidden // config["num_attention_heads"]
    queries, keys = head * config["num_attention_heads"], head * config["num_key_value_heads"]
    return [
        (queries + 2 * keys, hidden),
        (hidden, queries),
        (2 * inner, hidden),
        (hidden, inner),
    ]


def _floats(dtype: torch.dtype, outer: int, inner: int) -> Callable[[], object]:
    weight = torch.randn(outer, inner).to(dtype)
    x = torch.randn(ROWS, inner).to(dtype)
    return lambda: torch.nn.functional.linear(x, weight)


def _int8(outer: int, inner: int) -> Callable[[], object]:
    """Weights and inputs of a byte; what it costs to make them so is not counted."""
    weight = torch.randint(-127, 128, (inner, outer), dtype=torch.int8)
    x = torch.randint(-127, 128, (ROWS, inner), dtype=torch.int8)
    return lambda: torch._int_mm(x, weight)


MULTIPLIERS: Mapping[str, Callable[[int, int], Callable[[], object]]] = {
    "bf16": lambda outer, inner: _floats(torch.bfloat16, outer, inner),
    "fp32": lambda outer, inner: _floats(torch.float32, outer, inner),
    "int8": _int8,
}
