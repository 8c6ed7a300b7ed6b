"""A simulated team: 1,000 changes, one label in ten wrong, one rater in twenty malicious."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import pytest

from judge.evaluate.metrics import expected_calibration_error
from judge.shrink import NOTHING, Adjustment
from worker.feedback import RIGHT, WRONG, Feedback, Label, Signal, labels, learn
from worker.feedback_evidence import Rule, Votes, ballot, holds

CHANGES, RATERS, MALICIOUS, WRONG_LABELS, THRESHOLD = 1_000, 20, 1, 0.1, 0.3
SEED = 20_261_124


@dataclass(frozen=True)
class Code:
    """A snippet of the simulated repository: what the judge says, and how it is."""

    fingerprint: str
    p: float
    is_right: bool


def changes(chance: random.Random, first: int, count: int) -> list[Code]:
    """Code of a repository that is likelier right than the judge's training data."""
    made = []
    for number in range(first, first + count):
        z = chance.gauss(0, 1.6)
        is_right = chance.random() < 1 / (1 + math.exp(-(0.8 * z + 1.0)))
        made.append(Code(f"{number:016x}", 1 / (1 + math.exp(-z)), is_right))
    return made


def verdict(code: Code, rater: int, malicious: set[int], chance: random.Random) -> bool:
    """Whether a rater calls the code right: the malicious one lies, one label in ten is wrong."""
    is_lie = rater in malicious or chance.random() < WRONG_LABELS
    return code.is_right != is_lie


def given(code: list[Code], malicious: set[int], chance: random.Random) -> list[Feedback]:
    """People speak on comments; history speaks on some of the other code, later."""
    signals = []
    for one in code:
        rater = chance.randrange(RATERS)
        is_posted = one.p < THRESHOLD
        if not is_posted and chance.random() < 0.5:
            continue
        says_right = verdict(one, rater, malicious if is_posted else set(), chance)
        words = (Signal.ACCEPTED, Signal.IGNORED) if is_posted else (Signal.FIXED, Signal.KEPT)
        author = f"rater{rater}" if is_posted else ""
        name = one.fingerprint
        signals.append(Feedback("github", name, "octo/hello", 1, name, words[says_right], author))
    return signals


def ece(code: list[Code], adjustment: Adjustment) -> float:
    p = np.array([adjustment.probability(one.p) for one in code])
    return expected_calibration_error(p, np.array([int(one.is_right) for one in code]))


def precision(code: list[Code], adjustment: Adjustment) -> float:
    """Share of posted comments whose code is wrong."""
    posted = [one for one in code if adjustment.probability(one.p) < THRESHOLD]
    return sum(not one.is_right for one in posted) / len(posted)


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_after_feedback_probabilities_mean_what_they_say_and_comments_are_righter(
    seed: int,
) -> None:
    chance = random.Random(seed)
    code = changes(chance, 0, CHANGES)
    later = changes(chance, CHANGES, 4_000)
    p_of = {one.fingerprint: one.p for one in code}
    learnt = learn(labels(given(code, set(range(MALICIOUS)), chance)), p_of)
    assert learnt is not None
    assert ece(later, learnt.adjustment) <= 0.7 * ece(later, NOTHING)
    assert precision(later, learnt.adjustment) > precision(later, NOTHING)


def earns_block(cast: Votes) -> bool:
    return cast.people >= 5 and cast.total >= 50 and cast.right / cast.total >= 0.8


def loses_block(cast: Votes) -> bool:
    return cast.people >= 5 and cast.total >= 50 and cast.right / cast.total < 0.5


def votes_of(author: str, posted: list[str], value: int) -> list[Label]:
    return [Label(name, author, value, 1.0, Signal.ACCEPTED, is_own=False) for name in posted]


@pytest.mark.parametrize(("rule", "value"), [(earns_block, WRONG), (loses_block, RIGHT)])
def test_no_malicious_group_of_three_moves_a_gate(rule: Rule, value: int) -> None:
    chance = random.Random(SEED)
    code = changes(chance, 0, CHANGES)
    posted = [one.fingerprint for one in code if one.p < THRESHOLD]
    honest = list(labels(given(code, set(), chance)))
    assert not rule(ballot(honest, posted).without())
    bought = [vote for n in range(3) for vote in votes_of(f"m{n}", posted, value)]
    cast = ballot(honest + bought, posted)
    assert rule(cast.without())  # a plain count would be moved
    assert not holds(rule, cast)
