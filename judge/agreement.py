"""How much the candidates of one task have in common. Decides; no I/O.

Right answers are alike, wrong ones are wrong in ways of their own: what most candidates say is
likelier right. The idea is that of consensus decoding (minimum Bayes risk) with n-grams of tokens
in place of outputs, since no candidate is run.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

SIZES = (1, 2, 3)  # of the n-grams, in tokens
_TOKEN = re.compile(r"\w+|[^\w\s]")


def agreement(codes: Sequence[str]) -> list[float]:
    """The mean cosine of each candidate with the others, in [0, 1]; 0 where it is alone.

    The cost grows with the text, not with the number of pairs.
    """
    vectors = [_unit(_counts(code)) for code in codes]
    total: Counter[tuple[str, ...]] = Counter()
    for vector in vectors:
        total.update(vector)
    others = max(1, len(codes) - 1)
    return [
        max(0.0, sum(weight * (total[gram] - weight) for gram, weight in vector.items())) / others
        for vector in vectors
    ]


def _counts(code: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(code)
    return Counter(
        tuple(tokens[start : start + size])
        for size in SIZES
        for start in range(len(tokens) - size + 1)
    )


def _unit(counts: Counter[tuple[str, ...]]) -> dict[tuple[str, ...], float]:
    weights = {gram: 1.0 + math.log(count) for gram, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()}
