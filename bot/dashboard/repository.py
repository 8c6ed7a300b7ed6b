"""Acts: the page of a repository: precision, reliability, coverage, gate, time, what was learnt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bot.dashboard import figures
from bot.dashboard.figures import Week
from bot.dashboard.web import Board, must, signed_in, viewer
from worker.context import rules_that_hold
from worker.feedback import RIGHT, WRONG, Label, bounded, labels, weights_of
from worker.feedback_evidence import steady
from worker.gate import Standing, Tally
from worker.store import feedback, gates, learning, pages
from worker.store.feedback import Feedback
from worker.store.learning import Seen

MOST_REVIEWS = 500  # newest ones of a repository that its figures are made of
MOST_SIGNALS = 1_000  # the same of what people and history said


@dataclass(frozen=True, slots=True)
class Taught:
    """What one person taught a repository.

    weight  as bounded; counts for the gate only where the change was not theirs
    """

    name: str
    confirmed: int
    refuted: int
    own: int
    weight: float


def add_repository(blueprint: Blueprint, board: Board) -> None:
    """Add the page of a repository."""

    @blueprint.get("/repositories/<forge>/<path:repo>")
    @signed_in
    def repository(forge: str, repo: str) -> ResponseReturnValue:
        must(viewer().may_see(forge, repo))
        lines = pages.review_lines(
            board.engine, before=None, limit=MOST_REVIEWS, forge=forge, repo=repo
        )
        must(bool(lines))
        newest = feedback.page(
            board.engine, before=None, limit=MOST_SIGNALS, forge=forge, repo=repo
        )
        kept = newest[::-1]
        counted = [one.given for one in kept if not one.undone_by]
        known = labels(counted)
        seen = learning.seen(
            board.engine, {one.fingerprint for one in known}, forge=forge, repo=repo
        )
        votes = [
            (one.received_at, label)
            for one in kept
            if not one.undone_by and (label := _vote(one.given)) is not None
        ]
        weeks = figures.weeks(lines, votes, now=board.clock())
        taught = learning.of_repo(board.engine, forge=forge, repo=repo)
        return render_template(
            "repository.html",
            forge=forge,
            repo=repo,
            lines=lines[:8],
            sampled=len(lines),
            weeks=weeks,
            tally=_total(weeks),
            taught=taught,
            people=_people(known),
            standing=_standing(board, forge, repo, known),
            ceiling=gates.ceiling(board.engine, forge=forge, repo=repo),
            may_gate=viewer().may_gate(forge, repo),
            may_judge=viewer().may_judge(forge, repo),
            undone=sum(bool(one.undone_by) for one in kept),
            spent=_spent(weeks),
            price=board.settings.price_per_hour,
            quality=_qualities(known, seen),
            reliability=_reliability(known, seen),
        )


def _reliability(
    known: Sequence[Label], seen: Sequence[Seen]
) -> tuple[str, list[figures.Bin]] | None:
    """The judge that met most of the labelled code, and its bins; None without any."""
    right = figures.majority(known)
    pairs: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for one in seen:
        if _in(one, right):
            pairs[one.model].append((one.p, right[one.fingerprint]))
    model = max(sorted(pairs), key=lambda name: len(pairs[name]), default=None)
    return None if model is None else (model, figures.reliability(pairs[model]))


def _standing(board: Board, forge: str, repo: str, known: Sequence[Label]) -> Standing:
    newest = pages.newest_rules(board.engine, forge=forge, repo=repo)
    rules = rules_that_hold(newest, last_good=None).rules
    return steady(gates.lowered(board.engine, rules, forge=forge, repo=repo), known)


def _people(known: Sequence[Label]) -> list[Taught]:
    """Who taught what, whoever taught most first; history comes as a name of its own."""
    weights = weights_of(bounded(known))
    found = []
    for name in {one.author for one in known}:
        own = [one for one in known if one.author == name]
        found.append(
            Taught(
                name,
                confirmed=sum(one.label == WRONG for one in own),
                refuted=sum(one.label == RIGHT for one in own),
                own=sum(one.is_own for one in own),
                weight=weights.get(name, sum(one.weight for one in own)),
            )
        )
    return sorted(found, key=lambda one: (-one.weight, one.name))


def _qualities(known: Sequence[Label], seen: Sequence[Seen]) -> list[tuple[str, figures.Quality]]:
    """Every judge that met labelled code here, with how well it did on it."""
    right = figures.majority(known)
    return [
        (
            model,
            figures.quality(
                [
                    (one.p, right[one.fingerprint])
                    for one in seen
                    if one.model == model and _in(one, right)
                ]
            ),
        )
        for model in sorted({one.model for one in seen})
    ]


def _vote(given: Feedback) -> int | None:
    """What a person's signal about a comment says of the code; None where it is no vote."""
    found = labels([given])
    return found[0].label if found and given.author and not given.is_own else None


def _total(weeks: Sequence[Week]) -> Tally:
    return Tally(
        confirmed=sum(one.tally.confirmed for one in weeks),
        refuted=sum(one.tally.refuted for one in weeks),
    )


def _spent(weeks: Sequence[Week]) -> float:
    return sum(sum(one.seconds) for one in weeks)


def _in(one: Seen, right: dict[str, int]) -> bool:
    return one.fingerprint in right
