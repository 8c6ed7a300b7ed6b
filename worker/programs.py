"""Decide who on GitLab is a program. No I/O.

GitHub says of everybody whether they are one; GitLab's events and notes do not.
"""

from __future__ import annotations

import re

# Names that GitLab gives to the users of project and group tokens and of service accounts, its
# own assistant's, and that of users who were deleted.
# docs.gitlab.com/user/project/settings/project_access_tokens, /user/profile/service_accounts
GITLAB = re.compile(r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?|service_account_.+|GitLabDuo|ghost")


def is_program(username: str) -> bool:
    """Whether GitLab gave this name to a program.

    >>> is_program("project_3_bot_0a1b"), is_program("robot")
    (True, False)
    """
    return GITLAB.fullmatch(username) is not None
