"""Decide how far candidates agree by what they give on the same inputs. No I/O.

Right answers give the same, wrong ones are wrong in ways of their own. The idea is that of MBR-exec
(arXiv:2204.11454) and of CodeT (arXiv:2207.10397); `judge.agreement` does the same with text.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from judge.execute import Reply

FAILED = ""  # what an error counts as: like nothing, not even another error


def output_agreement(replies: Sequence[Sequence[Reply]]) -> list[float]:
    """The mean share of the other candidates that give the same, in [0, 1]; 0 where it is alone.

    replies  of each candidate, to the same calls

    An error agrees with nothing. Calls on which no candidate gives a value tell nothing and are
    left out. The cost grows with the number of replies, not with that of pairs.
    """
    keys = [[_key(reply) for reply in of_one] for of_one in replies]
    columns = [column for column in zip(*keys, strict=True) if any(column)]
    counts = [Counter(column) for column in columns]
    others = max(1, len(keys) - 1)
    return [
        sum(count[key] - 1 for count, key in zip(counts, of_one, strict=True) if key)
        / (others * max(1, len(columns)))
        for of_one in ([column[place] for column in columns] for place in range(len(keys)))
    ]


def by_tests(passes: Sequence[Sequence[bool]]) -> list[float]:
    """The score of each candidate by tests that may be wrong themselves; higher is better.

    passes  whether each candidate passes each test

    Candidates that pass the same tests back each other: their score is the number of those tests
    times the root of the number of these candidates, as in CodeT.
    """
    profiles = [tuple(of_one) for of_one in passes]
    sizes = Counter(profiles)
    return [sum(profile) * math.sqrt(sizes[profile]) for profile in profiles]


def _key(reply: Reply) -> str:
    """What two replies have in common exactly where they are the same value; floats to nine."""
    return FAILED if reply.error else _text(reply.value)


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return repr(value)
    if isinstance(value, int | float):
        return f"{value:.9g}" if abs(value) < 1e15 else repr(value)
    if isinstance(value, dict):
        inner = sorted(f"{_text(key)}:{_text(one)}" for key, one in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list | tuple):
        return type(value).__name__ + "(" + ",".join(map(_text, value)) + ")"
    if isinstance(value, set | frozenset):
        return "set(" + ",".join(sorted(map(_text, value))) + ")"
    return repr(value)
