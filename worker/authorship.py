"""Acts: asks the forge which code of a change coding agents wrote."""

from __future__ import annotations

from collections.abc import Sequence

from judge.diff import DiffError, FileDiff, parse
from judge.types import Snippet
from worker.agents import NOBODY, Authorship, added_by, agents_of, by_agents, wrote
from worker.forges.base import Forge
from worker.jobs import ChangeRef
from worker.repo_config import Agents
from worker.types import Commit

MAX_LISTED = 250  # commits: GitHub lists no more, and what is not listed may be anybody's
MAX_READ = 30  # commits of agents whose diffs are read; beyond them, all code counts as theirs


def authorship(
    change: ChangeRef, snippets: Sequence[Snippet], *, rules: Agents, forge: Forge
) -> Authorship:
    """What of `snippets` agents wrote; the forge is asked only where the rules make it matter.

    Diffs are read only where people wrote commits too. One that cannot be read, or too many of
    them: then all code counts as theirs, since that is the stricter reading.
    """
    if rules.threshold is None or not snippets:
        return NOBODY
    commits = forge.commits(change)
    theirs = by_agents(commits, more=rules.names)
    names = agents_of(theirs, more=rules.names)
    is_too_much = len(theirs) > MAX_READ or len(commits) >= MAX_LISTED
    if len(theirs) == len(commits) or is_too_much:
        return Authorship(names)
    files = [_files(change, one, forge) for one in theirs]
    read = [one for listed in files if listed is not None for one in listed]
    if None in files:
        return Authorship(names)
    return Authorship(names, wrote(snippets, added_by(read)))


def _files(change: ChangeRef, commit: Commit, forge: Forge) -> Sequence[FileDiff] | None:
    text = forge.commit_diff(change, commit.sha)
    try:
        return None if text is None else parse(text)
    except DiffError:
        return None
