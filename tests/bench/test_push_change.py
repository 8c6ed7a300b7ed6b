"""The pull requests that bench/push.py opens are what it says they are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from inference_rows import load
from push import changed
from push_change import Push, functions, push_of, spread

from worker.repo_config import DEFAULT_RULES
from worker.review import choose


def codes() -> list[str]:
    return functions([row for row in load() if row.set == "functions"])


def fingerprints(push: Push) -> list[str]:
    chosen = choose(push.diff, read=push.files.get, rules=DEFAULT_RULES)
    return [one.fingerprint for one in chosen.snippets]


def test_every_function_of_a_push_is_one_snippet() -> None:
    lot = spread(codes(), size=20, of=2, number=0)
    assert len(set(fingerprints(push_of(lot)))) == 20


def test_a_later_push_changes_one_of_them() -> None:
    lot = spread(codes(), size=20, of=2, number=1)
    before = push_of(lot)
    lot[10] = changed(lot[10])
    after = push_of(lot)
    assert before.sha != after.sha
    assert len(set(fingerprints(after)) - set(fingerprints(before))) == 1


def test_lots_share_no_function_and_too_many_are_refused() -> None:
    first, second = (set(spread(codes(), size=20, of=2, number=n)) for n in (0, 1))
    assert not first & second
    with pytest.raises(ValueError, match="3 lots of 40 need more"):
        spread(codes()[:60], size=40, of=3, number=0)
