from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine, insert

from judge.types import Verdict
from worker.feedback import Feedback, Signal
from worker.jobs import ChangeRef
from worker.store import feedback, learning
from worker.store.deliveries import want
from worker.store.engine import writing
from worker.store.tables import snippets

REPO = {"forge": "github", "repo": "octo/hello"}


@pytest.fixture
def judged(engine: Engine, now: datetime) -> list[str]:
    """Fingerprints of sixty snippets to which the judge gave 0.2."""
    names = [f"{n:016x}" for n in range(60)]
    with writing(engine) as connection:
        change = ChangeRef("github", "octo/hello", 7, "h" * 40)
        review_id = want(connection, change, installation_id=None, now=now).review_id
        connection.execute(
            insert(snippets), [row(review_id, at, name) for at, name in enumerate(names)]
        )
    return names


def row(review_id: int, position: int, fingerprint: str) -> dict[str, object]:
    return {
        "review_id": review_id,
        "position": position,
        "path": "a.py",
        "language": "python",
        "start_line": 1,
        "end_line": 2,
        "code": "x",
        "kind": "function",
        "name": "f",
        "prompt": "",
        "changed_lines": (1,),
        "diff": "",
        "fingerprint": fingerprint,
        "p_correct": 0.2,
        "logit": -1.0,
        "model": "small",
        "abstained": False,
        "verdict_reason": "",
    }


def ignored(number: int, fingerprint: str) -> Feedback:
    author = f"p{number % 5}"
    return Feedback(
        delivery_id=f"d{number}",
        number=7,
        fingerprint=fingerprint,
        signal=Signal.IGNORED,
        author=author,
        **REPO,
    )


def teach(engine: Engine, names: list[str], now: datetime) -> None:
    for number, name in enumerate(names):
        feedback.record(engine, ignored(number, name), now=now)
    learning.relearn(engine, **REPO, now=now)


def test_verdicts_of_a_repository_that_taught_nothing_stay_as_they_are(engine: Engine) -> None:
    verdict = Verdict(0.2, -1.0, "small")
    assert learning.adjusted(engine, [verdict], **REPO) == [verdict]


def test_what_a_repository_taught_bends_its_verdicts_and_keeps_the_global_ones(
    engine: Engine, judged: list[str], now: datetime
) -> None:
    teach(engine, judged, now)
    [found] = learning.adjusted(engine, [Verdict(0.2, -1.0, "small")], **REPO)
    assert found.p_correct > 0.3
    assert found.p_global == 0.2


def test_other_repositories_judges_and_abstentions_are_left_alone(
    engine: Engine, judged: list[str], now: datetime
) -> None:
    teach(engine, judged, now)
    verdict = Verdict(0.2, -1.0, "small")
    others = [Verdict(0.2, -1.0, "large"), Verdict(0.2, -1.0, "small", abstained=True)]
    assert learning.adjusted(engine, [verdict], forge="github", repo="octo/other") == [verdict]
    assert learning.adjusted(engine, others, **REPO) == others


def test_the_last_label_that_was_missing_is_learnt_from_at_once(
    engine: Engine, judged: list[str], now: datetime
) -> None:
    for number, name in enumerate(judged[:14]):
        assert learning.record(engine, ignored(number, name), now=now)
    assert learning.of_repo(engine, **REPO) == []
    learning.record(engine, ignored(14, judged[14]), now=now)
    [taught] = learning.of_repo(engine, **REPO)
    assert (taught.model, taught.learnt.labels, taught.learnt.people) == ("small", 15, 5)


def test_what_was_taken_back_is_unlearnt(engine: Engine, judged: list[str], now: datetime) -> None:
    teach(engine, judged[:15], now)
    [newest] = feedback.page(engine, before=None, limit=1)
    assert feedback.set_undone(engine, newest.id, by="root", now=now)
    assert learning.relearn(engine, **REPO, now=now) == []
    assert feedback.set_undone(engine, newest.id, by="root", now=now, is_undone=False)
    assert len(learning.relearn(engine, **REPO, now=now)) == 1


def test_learning_again_reads_the_global_probability_and_not_the_bent_one(
    engine: Engine, judged: list[str], now: datetime
) -> None:
    teach(engine, judged, now)
    first = learning.of_repo(engine, **REPO)
    with writing(engine) as connection:
        connection.execute(snippets.update().values(p_correct=0.9, p_global=0.2))
    learning.relearn(engine, **REPO, now=now)
    assert learning.of_repo(engine, **REPO) == first
