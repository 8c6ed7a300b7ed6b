"""Decides whose turn it is: a row with an earlier turn is begun first. No clock and no I/O.

A turn is a moment, and only the order of turns matters: a free worker never waits for one. The
waiting reviews of a repository set the turn of its next one back, and so, less, do those of an
installation: a hundred changes of one repository do not stand before one change of another, nor
a thousand repositories of one owner before the only one of another. Each slice of a large change
sets back the next one. A turn is a bounded time after its delivery, so that everybody's comes.
Fair queueing by start tags: Goyal, Vin and Cheng, SIGCOMM 1996.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

REPOSITORY_GAP_S = 30.0
INSTALLATION_GAP_S = 3.0
COUNTED = 1000  # of an installation's waiting reviews; more make no difference
SNIPPET_S = 1.0  # about what one snippet takes; it need not be exact to be fair
SLICE = 64  # snippets that are judged before anybody else may have the device


@dataclass(frozen=True, slots=True)
class Turns:
    """How work is shared.

    per_installation  stages of one installation that may run at once, >= 1
    slice             snippets of one change that are judged in one go, >= 1
    """

    per_installation: int = 8
    slice: int = SLICE


def turn_of(now: datetime, *, repository: datetime | None, installation: int) -> datetime:
    """The turn of a review that is wanted now.

    repository    latest turn of those of its repository that wait, None where none does
    installation  how many of its installation wait, at most COUNTED
    """
    turn = now + timedelta(seconds=INSTALLATION_GAP_S * installation)
    if repository is None:
        return turn
    return max(turn, repository + timedelta(seconds=REPOSITORY_GAP_S))


def set_back(turn: datetime, snippets: int) -> datetime:
    """The turn of a review of which `snippets` are to be judged next."""
    return turn + timedelta(seconds=SNIPPET_S * snippets)
