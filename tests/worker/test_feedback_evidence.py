from __future__ import annotations

import pytest

from worker.feedback import RIGHT, WRONG, Label, Signal
from worker.feedback_evidence import Votes, ballot, holds, steady
from worker.gate import standing, tally
from worker.repo_config import Gate, Rules

POSTED = {f"{n:016x}" for n in range(500)}


def votes(author: str, numbers: range, value: int, *, is_own: bool = False) -> list[Label]:
    return [Label(f"{n:016x}", author, value, 1.0, Signal.ACCEPTED, is_own) for n in numbers]


def is_precise(cast: Votes) -> bool:
    return cast.total >= 20 and cast.right / cast.total >= 0.7


def is_poor(cast: Votes) -> bool:
    return cast.total >= 20 and cast.right / cast.total < 0.5


def test_agreement_counts_for_a_comment_and_disagreement_against_it() -> None:
    cast = ballot(votes("ada", range(3), WRONG) + votes("bob", range(2), RIGHT), POSTED)
    assert cast.without() == Votes(right=3, wrong=2, people=2)


def test_the_author_of_the_change_has_no_vote() -> None:
    assert ballot(votes("ada", range(9), RIGHT, is_own=True), POSTED).without().total == 0


def test_code_without_a_comment_is_no_vote() -> None:
    assert ballot(votes("ada", range(1000, 1009), WRONG), POSTED).without().total == 0


def test_history_votes_and_is_nobody() -> None:
    assert ballot(votes("", range(4), WRONG), POSTED).without() == Votes(4, 0, 0)


def honest(value: int) -> list[Label]:
    return [one for n in range(6) for one in votes(f"p{n}", range(n * 10, n * 10 + 10), value)]


def test_a_rule_that_most_people_support_holds() -> None:
    assert holds(is_precise, ballot(honest(WRONG), POSTED))


def test_three_loud_people_do_not_bring_a_promotion_about() -> None:
    bought = [one for n in range(3) for one in votes(f"m{n}", range(400), WRONG)]
    cast = ballot(honest(RIGHT) + bought, POSTED)
    assert is_precise(cast.without())
    assert not holds(is_precise, cast)


def test_three_loud_people_do_not_bring_a_demotion_about() -> None:
    spite = [one for n in range(3) for one in votes(f"m{n}", range(400), RIGHT)]
    cast = ballot(honest(WRONG) + spite, POSTED)
    assert is_poor(cast.without())
    assert not holds(is_poor, cast)


def test_three_people_alone_move_nothing() -> None:
    few = [one for n in range(3) for one in votes(f"m{n}", range(100), WRONG)]
    assert not holds(is_precise, ballot(few, POSTED))


BLOCK = Rules(gate=Gate.BLOCK)


def team(value: int, *, people: int = 8, each: int = 30) -> list[Label]:
    return [
        one for n in range(people) for one in votes(f"p{n}", range(n * each, (n + 1) * each), value)
    ]


def test_a_team_that_confirms_comments_earns_the_gate_that_it_wants() -> None:
    assert steady(BLOCK, team(WRONG)).gate is Gate.BLOCK


def test_a_team_that_refutes_comments_silences_the_gate() -> None:
    assert steady(BLOCK, team(RIGHT)).gate is Gate.SHADOW


@pytest.mark.parametrize("value", [WRONG, RIGHT])
def test_three_people_do_not_move_the_gate_whatever_they_say(value: int) -> None:
    bought = [one for n in range(3) for one in votes(f"m{n}", range(400), value)]
    assert steady(BLOCK, bought).gate is steady(BLOCK, []).gate
    assert standing(BLOCK, tally(bought)).gate is not steady(BLOCK, []).gate


def test_three_people_against_a_team_do_not_move_its_gate() -> None:
    spite = [one for n in range(3) for one in votes(f"m{n}", range(240), RIGHT)]
    assert steady(BLOCK, team(WRONG) + spite).gate is not Gate.SHADOW


def test_history_and_authors_have_no_part_in_the_gate() -> None:
    own = votes("ada", range(400), WRONG, is_own=True)
    assert steady(BLOCK, [*own, *votes("", range(400), WRONG)]).tally.judged == 0
