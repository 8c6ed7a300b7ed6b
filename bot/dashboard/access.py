"""Decide who sees and may do what, from what the forge lets them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Role(IntEnum):
    """What a person may do with one repository, as the forge says."""

    NOTHING = 0
    READ = 1
    WRITE = 2
    ADMIN = 3


# Access levels of GitLab: docs.gitlab.com/api/access_requests/#valid-access-levels
GITLAB_LEVELS: Mapping[Role, int] = {Role.ADMIN: 40, Role.WRITE: 30, Role.READ: 20}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is signed in.

    forge     where they signed in, "" for a local admin
    roles     repository -> role, on that forge
    is_admin  a local admin, who sees and may do everything
    """

    name: str
    forge: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    is_admin: bool = False

    def role(self, forge: str, repo: str) -> Role:
        """What this person may do with a repository."""
        if self.is_admin:
            return Role.ADMIN
        return self.roles.get(repo, Role.NOTHING) if forge == self.forge else Role.NOTHING

    def may_see(self, forge: str, repo: str) -> bool:
        """Whether its pages are shown at all; elsewhere it does not exist for this person."""
        return self.role(forge, repo) >= Role.READ

    def may_judge(self, forge: str, repo: str) -> bool:
        """Whether they may say what a comment was worth, and take signals back."""
        return self.role(forge, repo) >= Role.WRITE

    def may_gate(self, forge: str, repo: str) -> bool:
        """Whether they may hold the gate back or let it go again."""
        return self.role(forge, repo) >= Role.ADMIN

    @property
    def label(self) -> str:
        """Who they are, for the record."""
        return f"{self.name} ({self.forge or 'admin'})"


def github_role(permissions: Mapping[str, object]) -> Role:
    """The role in the `permissions` of a repository that GitHub lists for a user.

    >>> github_role({"admin": False, "push": True, "pull": True})
    <Role.WRITE: 2>
    """
    if permissions.get("admin") or permissions.get("maintain"):
        return Role.ADMIN
    if permissions.get("push"):
        return Role.WRITE
    return Role.READ if permissions.get("pull") else Role.NOTHING


def gitlab_role(level: int) -> Role:
    """The role of an access level of GitLab.

    >>> gitlab_role(30)
    <Role.WRITE: 2>
    """
    return next((role for role, least in GITLAB_LEVELS.items() if level >= least), Role.NOTHING)
