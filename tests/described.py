"""Acts: holds what the stand-in of GitHub saw against GitHub's own OpenAPI description."""

from __future__ import annotations

import json
from functools import cache

from bot.demo.github_double import GitHubDouble
from tests import npm
from tests.openapi import Description
from worker.forges.github_auth import USER_AGENT


@cache
def description() -> Description | None:
    """GitHub's description, None where npm cannot fetch it."""
    try:
        path = npm.file_of(npm.OPENAPI, "generated/api.github.com.json")
    except npm.NoNpm:
        return None
    return Description(json.loads(path.read_text(encoding="utf-8")))


def outside(double: GitHubDouble) -> list[str]:
    """What is not as described, in sentences: our client's requests, the stand-in's answers.

    Failures that the stand-in was told to give do not count, nor does GraphQL, which has a
    description of its own. Without a description nothing is found; see `description`.
    """
    described = description()
    if described is None:
        return []
    return [
        problem
        for one in double.requests
        if not one.is_told and one.path != "/graphql"
        for problem in described.problems(one, is_ours=one.agent.startswith(USER_AGENT))
    ]
