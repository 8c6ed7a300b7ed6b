from __future__ import annotations

import pytest

from bot.dashboard.access import Role, Viewer, github_role, gitlab_role

ADA = Viewer("ada", "github", {"octo/read": Role.READ, "octo/write": Role.WRITE})


def test_a_person_sees_what_the_forge_lets_them_read_and_nothing_else() -> None:
    assert ADA.may_see("github", "octo/read")
    assert not ADA.may_see("github", "octo/secret")
    assert not ADA.may_see("gitlab", "octo/read")


def test_rights_grow_with_the_role() -> None:
    assert not ADA.may_judge("github", "octo/read")
    assert ADA.may_judge("github", "octo/write")
    assert not ADA.may_gate("github", "octo/write")


def test_a_local_admin_may_do_everything() -> None:
    assert Viewer("root", is_admin=True).may_gate("gitlab", "any/thing")


@pytest.mark.parametrize(
    ("permissions", "role"),
    [
        ({"admin": True}, Role.ADMIN),
        ({"maintain": True, "push": True}, Role.ADMIN),
        ({"push": True, "pull": True}, Role.WRITE),
        ({"triage": True, "pull": True}, Role.READ),
        ({}, Role.NOTHING),
    ],
)
def test_permissions_of_github_become_roles(permissions: dict[str, object], role: Role) -> None:
    assert github_role(permissions) is role


@pytest.mark.parametrize(
    ("level", "role"),
    [(50, Role.ADMIN), (40, Role.ADMIN), (30, Role.WRITE), (20, Role.READ), (10, Role.NOTHING)],
)
def test_levels_of_gitlab_become_roles(level: int, role: Role) -> None:
    assert gitlab_role(level) is role
