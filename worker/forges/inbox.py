"""The port through which we ask a forge what it told us while nobody listened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from worker.jobs import ChangeRef


@dataclass(frozen=True, slots=True)
class Known:
    """A repository that has sent deliveries before.

    installation_id  GitHub App installation through which it did, or None
    """

    repo: str
    installation_id: int | None


@dataclass(frozen=True, slots=True)
class OpenChange:
    """An open change at its present head, as the forge lists it."""

    change: ChangeRef
    installation_id: int | None


class Inbox(Protocol):
    """What can be asked of a forge. Every method raises `Unavailable` or `Forbidden`."""

    @property
    def forge(self) -> str:
        """The forge's name."""
        ...

    def ask_again(self, *, since: datetime) -> int:
        """Have the forge repeat the deliveries that failed since then; how many it was asked for.

        A repeated delivery keeps its id, so one that came through after all changes nothing.
        """
        ...

    def open_changes(self, known: Sequence[Known], *, since: datetime) -> Iterator[OpenChange]:
        """Open changes, drafts left out, that were touched since then, in `known` repositories."""
        ...
