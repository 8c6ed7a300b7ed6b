"""One change, staged on every forge: seeded alike, and read back in the same words."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from bot.demo.github_double import GitHubDouble
from bot.demo.github_double_door import ALL
from tests.contract.gitlab_stage import GitLabStage as StagedGitLab
from tests.described import outside
from worker.forges.base import Forge
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef
from worker.types import Annotation, Comment, Conclusion, Description, Review

REPO, NUMBER, TOKEN = "octo/hello", 7, "a-token-of-the-test"
BASE, HEAD, NEXT = "b" * 40, "1" * 40, "2" * 40
DIFF = """\
diff --git a/app.py b/app.py
--- a/app.py
+++ b/app.py
@@ -1,3 +1,5 @@
 import os
+def double(x):
+    return x + x
 A = 1
 B = 2
@@ -20,3 +22,4 @@ def late():
 C = 3
+D = 4
 E = 5
 F = 6
"""
FILES = {
    BASE: {".gavel.toml": "limit = 3\n"},
    HEAD: {"app.py": "import os\n# café\n", "with space/ünï.py": "x = 1\n"},
}
BLOCKS = {"failure", "action_required", "error"}


def comment(start: int = 2, end: int = 3, *, path: str = "app.py", fp: str = "a" * 16) -> Comment:
    return Comment(path, start, end, f"Words about {fp}.\n\n<!-- gavel:fp={fp} -->", fp)


def review(
    *comments: Comment,
    conclusion: Conclusion = Conclusion.ADVISED,
    title: str = "1 of 1 snippet likely wrong",
    annotations: int = 0,
    requires_judgement: bool = False,
) -> Review:
    return Review(
        comments=comments,
        resolve=(),
        annotations=tuple(Annotation("app.py", 2, 3, f"t{n}", "m") for n in range(annotations)),
        conclusion=conclusion,
        title=title,
        summary="The summary.\n",
        requires_judgement=requires_judgement,
    )


class Words:
    """What tests say on a stage."""

    repo, number, base, head, next, diff = REPO, NUMBER, BASE, HEAD, NEXT, DIFF
    comment = staticmethod(comment)
    review = staticmethod(review)


class Stage(Protocol):
    """A forge with our change on it, and what a person would see there."""

    forge: Forge
    base: str
    head: str
    next: str
    comment: staticmethod
    review: staticmethod

    def change(self, head_sha: str = HEAD) -> ChangeRef: ...
    def push(self, head_sha: str, diff: str) -> None: ...
    def reviews(self) -> list[str]:
        """Words of every posted review."""
        ...

    def inline(self) -> list[tuple[str, int, int]]:
        """Path, first and last line of every inline comment."""
        ...

    def check(self, head_sha: str = HEAD) -> str:
        """ "", "running", "passes", "blocks" or "neutral"."""
        ...

    def checks(self) -> int:
        """How many checks were ever made."""
        ...


class MemoryStage(Words):
    def __init__(self) -> None:
        self.forge = MemoryForge(
            Description(HEAD, BASE, "Double it", "Adds double().", "octocat", True, False),
            DIFF,
            {(sha, path): text for sha, texts in FILES.items() for path, text in texts.items()},
        )

    def change(self, head_sha: str = HEAD) -> ChangeRef:
        return ChangeRef("memory", REPO, NUMBER, head_sha)

    def push(self, head_sha: str, diff: str) -> None:
        self.forge.push(head_sha, diff)

    def reviews(self) -> list[str]:
        spoken = [one for one in self.forge.published if one.comments or "Words" in one.summary]
        return ["\n".join([one.summary, *(c.body for c in one.comments)]) for one in spoken]

    def inline(self) -> list[tuple[str, int, int]]:
        return [(c.path, c.start_line, c.end_line) for c in self.forge.standing]

    def check(self, head_sha: str = HEAD) -> str:
        done = self.forge.concluded.get(head_sha)
        if done is not None:
            words = {Conclusion.PASSED: "passes", Conclusion.FAILED: "blocks"}
            return words.get(done, "neutral")
        running = any(change.head_sha == head_sha for change in self.forge.announced)
        return "running" if running else ""

    def checks(self) -> int:
        return len({*self.forge.concluded, *(c.head_sha for c in self.forge.announced)})


class GitHubStage(Words):
    def __init__(self, *, permissions: frozenset[str] = ALL) -> None:
        self.double = GitHubDouble(token=TOKEN, permissions=permissions)
        self.double.add_change(
            repo=REPO,
            number=NUMBER,
            title="Double it",
            body="Adds double().",
            author="octocat",
            base_sha=BASE,
            head_sha=HEAD,
            diff=DIFF,
            files=FILES,
        )
        self.url = self.double.start()
        self.client = client(token_auth(TOKEN), url=self.url, seconds_between_writes=0)
        self.forge = GitHubForge(GitHubApi(self.client))

    def close(self) -> None:
        self.client.close()
        self.double.stop()
        assert outside(self.double) == []

    def change(self, head_sha: str = HEAD) -> ChangeRef:
        return ChangeRef("github", REPO, NUMBER, head_sha)

    def push(self, head_sha: str, diff: str) -> None:
        self.double.push(repo=REPO, number=NUMBER, head_sha=head_sha, diff=diff)

    def reviews(self) -> list[str]:
        """What a head's review says in all its parts; the summary goes with the last one."""
        parts: dict[str, list[str]] = {}
        for one in self.double.reviews:
            words = [one.body, *(c.body for c in one.comments)]
            parts.setdefault(one.commit_id, []).extend(words)
        told = [one.body for one in self.double.issue_comments]
        said = ["\n".join(words) for words in parts.values()] or ([""] if told else [])
        return [*said[:-1], "\n".join([*said[-1:], *told])] if said else []

    def inline(self) -> list[tuple[str, int, int]]:
        posted = [comment for one in self.double.reviews for comment in one.comments]
        return [(c.path, c.start_line or c.line, c.line) for c in posted if c.line]

    def check(self, head_sha: str = HEAD) -> str:
        runs = [run for run in self.double.check_runs if run.head_sha == head_sha]
        if not runs:
            return ""
        word = runs[-1].conclusion
        if word is None:
            return "running"
        return {"success": "passes"}.get(word, "blocks" if word in BLOCKS else "neutral")

    def checks(self) -> int:
        return len(self.double.check_runs)

    def sent(self, method: str, path: str) -> list[dict[str, object]]:
        """Bodies of the accepted requests whose path contains `path`."""
        return [
            dict(one.body)
            for one in self.double.requests
            if one.method == method and path in one.path and one.status < 300
        ]


class GitLabStage(Words, StagedGitLab):
    def __init__(self, **given) -> None:
        super().__init__(
            repo=REPO, number=NUMBER, base=BASE, head=HEAD, diff=DIFF, files=FILES, **given
        )


@pytest.fixture
def gitlab() -> Iterator[GitLabStage]:
    stage = GitLabStage()
    yield stage
    stage.close()


@pytest.fixture
def github() -> Iterator[GitHubStage]:
    stage = GitHubStage()
    yield stage
    stage.close()


@pytest.fixture(params=["memory", "github", "gitlab"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        yield MemoryStage()
        return
    staged = GitHubStage() if request.param == "github" else GitLabStage()
    yield staged
    staged.close()
