"""Complaint 14, half of 15: code goes to the forge and nowhere else, whatever we are called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.demo.github_double import GitHubDouble
from tests.described import outside
from tests.fakes import FixedJudge
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth
from worker.jobs import ChangeRef
from worker.review import review_in_process

BASE, HEAD = "b" * 40, "1" * 40
CODE = "def f(x):\n    return x - 1\n"
DIFF = (
    "diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n"
    "@@ -0,0 +1,2 @@\n+def f(x):\n+    return x - 1\n"
)
CHANGE = ChangeRef("github", "octo/hello", 7, HEAD)
_listening: list[list[object]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _listening:
        _listening[-1].append(arguments[1])


@contextmanager
def connections() -> Iterator[list[object]]:
    """Every address to which this process opens a connection."""
    if not getattr(sys, "_gavel_hears", False):
        sys.addaudithook(_hear)
        sys._gavel_hears = True
    heard: list[object] = []
    _listening.append(heard)
    yield heard
    _listening.remove(heard)


@contextmanager
def staged(login: str) -> Iterator[tuple[GitHubDouble, GitHubForge, str]]:
    double = GitHubDouble(token="t", login=login)
    files = {HEAD: {"a.py": CODE}}
    double.add_change(
        repo="octo/hello", number=7, head_sha=HEAD, base_sha=BASE, diff=DIFF, files=files
    )
    url = double.start()
    with client(token_auth("t"), url=url, seconds_between_writes=0) as built:
        yield double, GitHubForge(GitHubApi(built)), url
    double.stop()
    assert outside(double) == []


def test_a_review_speaks_to_the_configured_forge_and_to_nobody_else() -> None:
    with staged("gavel[bot]") as (double, forge, url), connections() as heard:
        review_in_process(CHANGE, forge=forge, judge=FixedJudge(0.05))
    port = int(url.rpartition(":")[2])
    assert double.reviews and {tuple(one) for one in heard} == {("127.0.0.1", port)}


def test_we_know_our_own_words_under_whatever_name_the_forge_gives_us() -> None:
    with staged("acme-code-judge[bot]") as (double, forge, _):
        for _ in range(2):
            review_in_process(CHANGE, forge=forge, judge=FixedJudge(0.05))
        (ours,) = forge.comments(CHANGE)
    assert len(double.reviews) == 1 and ours.path == "a.py"
