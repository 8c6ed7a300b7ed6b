"""A change on the stand-in of GitLab, and what a person would see there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gitlab import Gitlab

from tests.doubles.gitlab.call import NEWEST
from tests.doubles.gitlab.described import outside
from tests.doubles.gitlab.server import ALL, GitLabDouble
from tests.doubles.gitlab.state import Discussion, Note
from worker.forges.gitlab import GitLabForge
from worker.forges.gitlab_api import GitLabApi, answered
from worker.forges.gitlab_client import client
from worker.jobs import ChangeRef

TOKEN, USERNAME = "glpat-of-the-test", "project_3_bot_0a1b"
WORDS = {"success": "passes", "failed": "blocks"}
GOING = {"running", "pending"}


class GitLabStage:
    """The forge under test, driving the real python-gitlab client."""

    def __init__(
        self,
        *,
        repo: str,
        number: int,
        base: str,
        head: str,
        diff: str,
        files: Mapping[str, Mapping[str, str | bytes]],
        permissions: Collection[str] = ALL,
        features: Collection[str] = NEWEST,
    ) -> None:
        self.repo, self.number, self.head = repo, number, head
        self.double = GitLabDouble(
            token=TOKEN, username=USERNAME, permissions=permissions, features=features
        )
        self.seeded = self.double.add_change(
            repo=repo,
            number=number,
            title="Double it",
            body="Adds double().",
            author="octocat",
            base_sha=base,
            head_sha=head,
            diff=diff,
            files=files,
        )
        self.url = self.double.start()
        self.clients: list[Gitlab] = []
        self.forge = self.signed_in(TOKEN)

    def signed_in(self, token: str) -> GitLabForge:
        """A forge with this token."""
        built = client(token, url=self.url, ca_file=None, answered=answered)
        self.clients.append(built)
        return GitLabForge(GitLabApi(built))

    def close(self) -> None:
        for one in self.clients:
            one.session.close()
        self.double.stop()
        assert outside(self.double.state.requests) == []

    def change(self, head_sha: str = "") -> ChangeRef:
        return ChangeRef("gitlab", self.repo, self.number, head_sha or self.head)

    def push(self, head_sha: str, diff: str) -> None:
        self.double.push(repo=self.repo, number=self.number, head_sha=head_sha, diff=diff)

    def threads(self) -> list[Discussion]:
        """Threads that we opened with a review comment."""
        mine = [one for one in self.double.state.discussions if one.notes[0].author == USERNAME]
        return [one for one in mine if "gavel:fp=" in one.notes[0].body]

    def summaries(self) -> list[Note]:
        """Our summaries."""
        notes = [one.notes[0] for one in self.double.state.discussions]
        return [one for one in notes if one.author == USERNAME and "gavel:summary=" in one.body]

    def reviews(self) -> list[str]:
        """What the review says in all its parts: the summary, then every comment."""
        comments = [one.notes[0].body for one in self.threads()]
        return ["\n".join([one.body, *comments]) for one in self.summaries()]

    def inline(self) -> list[tuple[str, int, int]]:
        placed = [one.notes[0].position or {} for one in self.threads()]
        return [_place(one) for one in placed if one.get("position_type") == "text"]

    def check(self, head_sha: str = "") -> str:
        of = [one for one in self.double.state.statuses if one.sha == (head_sha or self.head)]
        if not of:
            return ""
        newest = of[-1]
        if newest.status in GOING:
            return "running"
        is_advice = (newest.description or "").startswith("Advice: ")
        return "neutral" if is_advice else WORDS.get(newest.status, "neutral")

    def checks(self) -> int:
        return len({(one.sha, one.name) for one in self.double.state.statuses})

    def sent(self, method: str, path: str) -> list[dict[str, object]]:
        """Bodies of the accepted requests whose path contains `path`."""
        return [
            dict(one.body)
            for one in self.double.state.requests
            if one.method == method and path in one.path and one.status < 300
        ]


def _place(position: dict[str, object]) -> tuple[str, int, int]:
    end = position.get("new_line")
    span = position.get("line_range") or {}
    start = span["start"]["new_line"] if span else end  # type: ignore[index]
    return str(position["new_path"]), start, end  # type: ignore[return-value]
