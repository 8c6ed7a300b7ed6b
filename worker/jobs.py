"""What the front door hands to the reviewer. Standard library only; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """A request to review `change`, as a delivery or a person made it.

    delivery_id      the forge's id of the delivery, unique per forge; redeliveries keep it
    event            the forge's event and action, such as "pull_request.opened"
    installation_id  GitHub App installation that sent it, or None
    """

    change: ChangeRef
    delivery_id: str
    event: str
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A genuine delivery that asks for nothing, and why, in one sentence."""

    reason: str
