"""What the front door hands to the reviewer. Standard library only; decides nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

KEY = re.compile(r"([a-z]+):([^#\s]+)#([1-9][0-9]{0,9})@([0-9a-f]{40}|[0-9a-f]{64})")
NAME_LETTERS = 200  # of a person that are kept; GitLab's names have at most 255
GROUP = "group:"


@dataclass(frozen=True, slots=True)
class ChangeRef:
    """A change at one head, on one forge.

    forge     "github", "gitlab" or "memory"
    repo      full name, such as "octo/hello"
    number    the change's number in its repository, >= 1
    head_sha  commit that is judged
    """

    forge: str
    repo: str
    number: int
    head_sha: str

    @property
    def key(self) -> str:
        """Unique name of a review: one review per head."""
        return f"{self.forge}:{self.repo}#{self.number}@{self.head_sha}"

    @classmethod
    def of_key(cls, key: str) -> ChangeRef | None:
        """The change, or the group, of which `key` is the key; None where it is none."""
        found = KEY.fullmatch(key.removeprefix(GROUP))
        kind = GroupRef if key.startswith(GROUP) else ChangeRef
        return kind(found[1], found[2], int(found[3]), found[4]) if found else None


@dataclass(frozen=True, slots=True)
class GroupRef(ChangeRef):
    """A group of changes in a merge queue, at its head: the number is that of its last change."""

    @property
    def key(self) -> str:
        """Unique name of the check on the group's head."""
        return GROUP + f"{self.forge}:{self.repo}#{self.number}@{self.head_sha}"


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """A request to review `change`, as a delivery or a person made it.

    delivery_id      the forge's id of the delivery, unique per forge; redeliveries keep it
    event            the forge's event and action, such as "pull_request.opened"
    installation_id  GitHub App installation that sent it, or None
    is_again         a head that has its review already is to be judged once more
    """

    change: ChangeRef
    delivery_id: str
    event: str
    installation_id: int | None = None
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class GroupJob:
    """A merge queue waits for our check on the head of a group of changes."""

    change: GroupRef
    delivery_id: str
    event: str
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """Words that a person or another bot wrote on a change.

    change      its `head_sha` is "" where the forge does not say which head was looked at
    id          the forge's id of the comment
    thread      id of the thread that an answer belongs to; "" under the change, on no line
    author      login of who wrote it
    is_bot      the forge says that a program wrote it
    body        Markdown, as written: data, never to be shown unescaped
    path        file that it is about, "" where it is on no line
    start_line, end_line  1-based, new side, as the change stands now; 0 where on no line
    """

    change: ChangeRef
    id: str
    thread: str
    author: str
    is_bot: bool
    body: str
    path: str = ""
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class RemarkJob:
    """A remark that asks for an answer: a command, or code that somebody suggests."""

    remark: Remark
    delivery_id: str
    event: str
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class OpinionJob:
    """What somebody did with a comment of ours, without words.

    fingerprint  of the comment, from its hidden last line (`worker.marks`)
    signal       a value of `worker.store.feedback.Signal`, such as "resolved"
    source       where it comes from: "thread", "reaction"
    author       login of who did it, "" where the forge does not say
    is_own       whoever did it wrote the change
    reason       the words that they gave for it, plain, or ""
    """

    change: ChangeRef
    delivery_id: str
    event: str
    fingerprint: str
    signal: str
    source: str
    author: str = ""
    is_own: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A genuine delivery that asks for nothing, and why, in one sentence."""

    reason: str


Job = ReviewJob | RemarkJob | OpinionJob | GroupJob
