"""The values that reviewing takes and gives. Decides nothing and does no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from judge.types import Snippet, Verdict

if TYPE_CHECKING:
    from worker.gate import Standing


class Conclusion(Enum):
    """How a review ends, in our words; each forge adapter has one table to its own."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISED = "advised"  # findings, but the gate does not block
    NOT_JUDGED = "not_judged"  # nothing could be judged: never shown as a pass


class State(Enum):
    """Where a review row stands."""

    QUEUED = "queued"
    PREPARED = "prepared"
    SCORED = "scored"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not judged, and why, in one short clause.

    is_code  it holds code that somebody wrote and that a judge should have read
    """

    path: str
    reason: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A suggestion of somebody else that scores clearly higher than the code that it replaces.

    start_line, end_line  1-based, new side: where the suggestion stands
    code  the whole snippet as it would then read, "" where that is not told
    """

    author: str
    start_line: int
    end_line: int
    p_correct: float
    code: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A snippet and what the judge says of it.

    threshold  P(correct) below which it is a finding, None: the one of its assessment
    fix        what somebody suggests instead, where it scores clearly higher
    """

    snippet: Snippet
    verdict: Verdict
    threshold: float | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be said about a change, before any words.

    findings    snippets to comment on, worst first, at most the limit
    judged      every judged snippet, worst first
    hidden      findings left out by the limit, >= 0
    skipped     files that were not judged
    conclusion  how the review ends
    threshold   P(correct) below which a snippet is a finding
    requires_judgement  the repository wants NOT_JUDGED to ask for a person
    is_silent   the gate records verdicts and shows none of them
    standing    where the gate stands on this repository, None where nobody asked
    rules_problem  why older rules are used, one sentence; "" where they are the newest
    agents      names of agents that wrote commits of the change, where that matters
    carried     verdicts that come from an earlier head, >= 0
    dismissed   findings that people said to ignore, >= 0
    locale      language of the words, such as "en"
    """

    findings: tuple[Judged, ...]
    judged: tuple[Judged, ...]
    hidden: int
    skipped: tuple[Skipped, ...]
    conclusion: Conclusion
    threshold: float
    requires_judgement: bool = False
    is_silent: bool = False
    standing: Standing | None = None
    rules_problem: str = ""
    agents: tuple[str, ...] = ()
    carried: int = 0
    dismissed: int = 0
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Comment:
    """A review comment, ours to post or already posted.

    start_line, end_line   1-based, new side, inside the diff
    body                   Markdown, all untrusted text escaped
    fingerprint            hash of path and code text, hidden in the body
    id                     the forge's id, "" while it is not posted
    is_resolved            the forge shows its thread as resolved
    closed_by              login of the person who resolved it, "" where none did
    closed_words           the last words of a person in its thread, plain, "" where there are none
    """

    path: str
    start_line: int
    end_line: int
    body: str
    fingerprint: str
    id: str = ""
    is_resolved: bool = False
    closed_by: str = ""
    closed_words: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A finding as a check shows it beside the code. Plain text, no Markdown."""

    path: str
    start_line: int
    end_line: int
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that one review says, ready to publish.

    comments   to post now; those that already stand are not in it
    resolve    ids of our comments whose code is gone
    title      one plain line for the check
    summary    Markdown for the check and the review's body
    requires_judgement  NOT_JUDGED is to be shown as asking for a person
    fingerprints  of every snippet in the change, judged or abstained: what still stands
    """

    comments: tuple[Comment, ...]
    resolve: tuple[str, ...]
    annotations: tuple[Annotation, ...]
    conclusion: Conclusion
    title: str
    summary: str
    requires_judgement: bool = False
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """Ids that the forge gave to what was posted; "" where nothing was."""

    review_id: str
    check_id: str
    comment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a forge says of a change now.

    head_sha  the newest head, which may be newer than the one under review
    base_sha  tip of the base branch
    is_open   neither merged nor closed
    """

    head_sha: str
    base_sha: str
    title: str
    body: str
    author: str
    is_open: bool
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a change.

    author   name, login and address of who wrote it, in one line, as far as the forge says
    message  the whole message with its trailers
    at       when it was committed, None where that is not told
    """

    sha: str
    author: str
    message: str
    at: datetime | None = None
