from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from worker.repo_config import Gate, Rules
from worker.store import gates

REPO = {"forge": "github", "repo": "octo/hello"}


def test_without_a_ceiling_the_rules_hold(engine: Engine) -> None:
    assert gates.lowered(engine, Rules(gate=Gate.BLOCK), **REPO).gate is Gate.BLOCK


def test_a_ceiling_lowers_the_gate_of_its_repository_alone(engine: Engine, now: datetime) -> None:
    gates.set_ceiling(engine, Gate.SHADOW, **REPO, by="root", now=now)
    assert gates.lowered(engine, Rules(gate=Gate.BLOCK), **REPO).gate is Gate.SHADOW
    other = gates.lowered(engine, Rules(gate=Gate.BLOCK), forge="github", repo="octo/other")
    assert other.gate is Gate.BLOCK


def test_a_ceiling_never_pushes_the_gate_up(engine: Engine, now: datetime) -> None:
    gates.set_ceiling(engine, Gate.ADVISE, **REPO, by="root", now=now)
    assert gates.lowered(engine, Rules(gate=Gate.OFF), **REPO).gate is Gate.OFF


def test_the_highest_rung_takes_the_ceiling_away(engine: Engine, now: datetime) -> None:
    gates.set_ceiling(engine, Gate.ADVISE, **REPO, by="root", now=now)
    gates.set_ceiling(engine, Gate.BLOCK, **REPO, by="root", now=now)
    assert gates.ceiling(engine, **REPO) is None
