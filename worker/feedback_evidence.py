"""Decide what labels say of posted comments, so that no three people decide it alone. No I/O.

A vote is one person's last word on one posted comment; votes by the author of the change are
none. A rule about votes is asked once as they stand and once without each group of `SUSPECTS`
people: only what holds every time is acted on. Whoever is in the group, their votes alone then
never bring a change about, since it has to hold without them too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import combinations

from worker.feedback import WRONG, Label
from worker.gate import ORDER, Standing, Tally, standing
from worker.repo_config import Rules

SUSPECTS = 3
# Groups are tried among those who voted most: with fewer votes nobody outweighs them.
TRIED_PEOPLE = 24

Rule = Callable[["Votes"], bool]


@dataclass(frozen=True, slots=True)
class Votes:
    """How many votes say that a posted comment was right, and how many that it was wrong.

    people  who voted; history is nobody
    """

    right: int
    wrong: int
    people: int

    @property
    def total(self) -> int:
        """Votes of either kind."""
        return self.right + self.wrong


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes of each person; "" is history."""

    right: Counter[str]
    wrong: Counter[str]

    def without(self, left_out: Collection[str] = ()) -> Votes:
        """The votes of all but some people."""
        kept = (self.right.keys() | self.wrong.keys()) - set(left_out)
        return Votes(
            right=sum(self.right[one] for one in kept),
            wrong=sum(self.wrong[one] for one in kept),
            people=len(kept - {""}),
        )

    def people(self) -> list[str]:
        """Who voted, whoever voted most first."""
        said = self.right + self.wrong
        return [one for one, _ in said.most_common() if one]


def ballot(labels: Iterable[Label], posted: Collection[str] | None = None) -> Ballot:
    """The votes on the comments whose fingerprints are in `posted`; None takes every one."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for one in labels:
        if not one.is_own and (posted is None or one.fingerprint in posted):
            (right if one.label == WRONG else wrong)[one.author] += 1
    return Ballot(right, wrong)


def holds(rule: Rule, cast: Ballot, *, suspects: int = SUSPECTS) -> bool:
    """Whether `rule` holds for all votes, and for those without any `suspects` people."""
    if not rule(cast.without()):
        return False
    people = cast.people()[:TRIED_PEOPLE]
    groups = combinations(people, min(suspects, len(people)))
    return all(rule(cast.without(group)) for group in groups)


def steady(rules: Rules, labels: Iterable[Label]) -> Standing:
    """Where the gate stands when no `SUSPECTS` people alone may have brought it there.

    The rung moves away from the one of a repository that nobody has spoken about only as far as
    it does without any three people. History and authors of changes have no vote.
    """
    cast = ballot(one for one in labels if one.author)
    stands = standing(rules, _tally(cast.without()))
    start = ORDER.index(standing(rules, Tally()).gate)
    people = cast.people()[:TRIED_PEOPLE]
    groups = combinations(people, min(SUSPECTS, len(people)))
    rungs = [ORDER.index(standing(rules, _tally(cast.without(group))).gate) for group in groups]
    rungs.append(ORDER.index(stands.gate))
    if min(rungs) >= start:
        return replace(stands, gate=ORDER[min(rungs)])
    return replace(stands, gate=ORDER[min(max(rungs), start)])


def _tally(cast: Votes) -> Tally:
    return Tally(confirmed=cast.right, refuted=cast.wrong)
