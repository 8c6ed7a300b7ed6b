"""Decide what is noted of a review besides its verdicts. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from worker.agents import NOBODY, Authorship


@dataclass(frozen=True, slots=True)
class Notes:
    """What a review has to say besides its verdicts.

    rules_problem  why older rules are used, or ""
    author         login of the change's author, "" where it is not known
    agents         what of the change agents wrote, where the rules ask for it
    """

    rules_problem: str = ""
    author: str = ""
    agents: Authorship = NOBODY
