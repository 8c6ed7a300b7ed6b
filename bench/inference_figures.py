"""What the measurements of bench/inference.py amount to. Decides: numbers in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.encode import Encoded


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of the rows of a set.

    plain  every row with its task and the question, as plain transformers reads it
    once   each task once and each row's code once: what at least has to be read
    code   each row's code: what is held against the whole vocabulary
    """

    plain: int
    once: int
    code: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One way on one set of rows.

    seconds   from the first row's text to the last verdict, weights loaded before
    cpu_s     processor seconds of the process meanwhile
    peak_mb   largest resident memory of the process, weights included
    own_mb    resident memory at the end that is no page of a file, such as the mapped weights
    absent    why it was not measured, or ""
    """

    way: str
    set: str
    candidates: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    own_mb: float = 0.0
    absent: str = ""


def tokens_of(rows: Sequence[Encoded]) -> Tokens:
    """What a set of rows costs, with and without reading a task again for each of its rows."""
    return Tokens(
        plain=sum(len(row) for row in rows),
        once=sum(len(prefix) for prefix in {row.prefix for row in rows})
        + sum(len(row.code) for row in rows),
        code=sum(len(row.code) for row in rows),
    )


def vocabulary_share(config: Mapping[str, int]) -> float:
    """Operations of the vocabulary's matrix for one token, in those of all layers."""
    return 2 * config["hidden_size"] * config["vocab_size"] / operations_per_token(config)


def operations_per_token(config: Mapping[str, int]) -> int:
    """Floating-point operations of all layers' matrices for one token, two for each weight.

    Without embeddings, vocabulary and attention's own products. `config` is a model's config.json
    with hidden_size, intermediate_size, num_hidden_layers, num_attention_heads and
    num_key_value_heads.
    """
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    head = config.get("head_dim") or hidden // config["num_attention_heads"]
    queries, keys = head * config["num_attention_heads"], head * config["num_key_value_heads"]
    attention = hidden * (queries + 2 * keys) + queries * hidden
    return 2 * config["num_hidden_layers"] * (attention + 3 * hidden * inner)


def rates(
    one: Measured, tokens: Tokens, *, limit_tokens_per_s: float, vocabulary: float = 0.0
) -> dict[str, float]:
    """The figures of one way on one set.

    share_of_limit  tokens that had to be read, a second, over the limit of the hardware: for this
                    project each token once, for the others every token that they read
    share_of_rate   the same with the product with the vocabulary, which this project makes for
                    each token of code: `vocabulary` is its cost in passes of a token
    """
    if one.absent:
        return {}
    is_own = one.way == "gavel"
    needed = tokens.once if is_own else tokens.plain
    multiplied = needed + (tokens.code * vocabulary if is_own else 0)
    return {
        "candidates_per_s": one.candidates / one.seconds,
        "tokens_per_s": tokens.plain / one.seconds,
        "cpu_s_per_1000": 1000 * one.cpu_s / one.candidates,
        "peak_mb": one.peak_mb,
        "own_mb": one.own_mb,
        "share_of_limit": needed / one.seconds / limit_tokens_per_s,
        "share_of_rate": multiplied / one.seconds / limit_tokens_per_s,
    }


def times_faster(figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """How many times as many candidates a second this project judges as the other ways.

    figures  way -> its `rates`; ways that were not measured are left out
    """
    speeds = {way: rate["candidates_per_s"] for way, rate in figures.items() if rate}
    own = speeds.get("gavel")
    plain = [speeds[way] for way in ("batches", "one by one") if way in speeds]
    compared = {}
    if own and plain:
        compared["the better of plain transformers"] = own / max(plain)
    if own and "llama.cpp" in speeds:
        compared["llama.cpp"] = own / speeds["llama.cpp"]
    return compared


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """k of the power law seconds = c * size**k that fits `points` best, or None for too few.

    Least squares on logarithms. 1 is linear growth.

    >>> round(exponent([(1, 3), (10, 30), (100, 300)]), 6)
    1.0
    """
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points if seconds > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread
