"""Decide which project a GitLab delivery is about. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.hooks.fields import inner, matching, text

FORGE = "gitlab"
# Groups within groups, then the project; docs.gitlab.com/user/reserved_names and lib/gitlab/
# path_regex.rb allow letters, digits and three marks, and no name of dots alone.
_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}"
PROJECT = re.compile(rf"(?=.{{1,500}}$){_NAME}(?:/{_NAME}){{1,21}}")


def project(delivery: Mapping[str, object]) -> str:
    """Full path of the project that sent the delivery, such as "group/subgroup/project"."""
    path = text(inner(delivery, "project"), "path_with_namespace")
    return matching(PROJECT, path, "path_with_namespace")
