"""Decide who sent a GitHub delivery and what it is about, whichever event it is. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.hooks import fields
from bot.hooks.fields import LARGEST_ID, LARGEST_NUMBER, SHA, inner, matching, text, whole
from worker.jobs import ChangeRef

FORGE = "github"
REPO = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery: its event, its JSON object, and the id that GitHub gave it, or ""."""

    event: str
    delivery: Fields
    id: str

    @property
    def action(self) -> str:
        """What happened, such as "opened"."""
        return text(self.delivery, "action")

    @property
    def name(self) -> str:
        """Event and action, as a job names them."""
        return f"{self.event}.{self.action}"

    @property
    def repo(self) -> str:
        """Full name of the repository."""
        return matching(REPO, text(inner(self.delivery, "repository"), "full_name"), "full_name")

    @property
    def installation_id(self) -> int | None:
        """The App's installation that sent it; a repository's own hook has none."""
        if self.delivery.get("installation") is None:
            return None
        return whole(inner(self.delivery, "installation"), "id", largest=LARGEST_ID)

    @property
    def sender(self) -> tuple[str, bool]:
        """Login of who caused it, "" where it is not told, and whether that is a program."""
        return who(self.delivery, "sender")

    def pull(self, key: str = "pull_request") -> ChangeRef:
        """The pull request under `key`, at the head that the delivery names."""
        return self.change(inner(self.delivery, key))

    def change(self, pull: Fields) -> ChangeRef:
        """The change that is `pull`, as GitHub writes one."""
        return ChangeRef(
            forge=FORGE,
            repo=self.repo,
            number=whole(pull, "number", largest=LARGEST_NUMBER),
            head_sha=commit(inner(pull, "head"), "sha"),
        )


def commit(outer: Fields, key: str) -> str:
    """The commit under `key`, in small letters."""
    return matching(SHA, text(outer, key), key).lower()


def who(outer: Fields, key: str) -> tuple[str, bool]:
    """Login of somebody, "" where it is not told, and whether that is a program."""
    person = fields.inner_or_empty(outer, key)
    return fields.text_or_empty(person, "login"), person.get("type") == "Bot"
