"""Act on the threads of a pull request, which only GraphQL shows: which are closed; close some."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, Field

from worker.forges.base import Forbidden
from worker.forges.github_answers import User
from worker.forges.github_api import MAX_PAGES, GitHubApi
from worker.jobs import ChangeRef
from worker.types import Comment

THREADS: Final = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes {
          id isResolved resolvedBy { login }
          comments(first: 1) { nodes { databaseId } }
          last: comments(last: 10) { nodes { databaseId body author { login __typename } } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
RESOLVE: Final = """
mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id isResolved } } }
"""


class _First(BaseModel):
    id: int | None = Field(None, alias="databaseId")


class _Firsts(BaseModel):
    nodes: list[_First]


class _Author(BaseModel):
    login: str
    kind: str = Field("User", alias="__typename")


class _Said(BaseModel):
    id: int | None = Field(None, alias="databaseId")
    body: str = ""
    author: _Author | None = None


class _Last(BaseModel):
    nodes: list[_Said] = []


class Thread(BaseModel):
    """A thread, by the comment that opened it."""

    id: str
    is_resolved: bool = Field(alias="isResolved")
    closer: User | None = Field(None, alias="resolvedBy")
    comments: _Firsts
    last: _Last = _Last()

    def told(self, comment: Comment, *, mine: str) -> Comment:
        """`comment`, which opened the thread, with how it stands and who closed it.

        Nobody closed it where we or a program did.
        """
        closer = self.closer.login if self.is_resolved and self.closer else ""
        if not closer or closer in _names(mine) or closer.endswith("[bot]"):
            return replace(comment, is_resolved=self.is_resolved)
        words = next(
            (one.body for one in reversed(self.last.nodes) if self._is_reply(one, mine)), ""
        )
        return replace(comment, is_resolved=True, closed_by=closer, closed_words=words)

    def _is_reply(self, one: _Said, mine: str) -> bool:
        first = self.comments.nodes[0].id if self.comments.nodes else None
        if one.id == first or one.author is None or one.author.kind != "User":
            return False
        return one.author.login not in _names(mine)


class _Page(BaseModel):
    has_next: bool = Field(alias="hasNextPage")
    end: str | None = Field(None, alias="endCursor")


class _Threads(BaseModel):
    nodes: list[Thread]
    page: _Page = Field(alias="pageInfo")


class _Pull(BaseModel):
    threads: _Threads = Field(alias="reviewThreads")


class _Repository(BaseModel):
    pull: _Pull = Field(alias="pullRequest")


class _Found(BaseModel):
    repository: _Repository


class _FoundAnswer(BaseModel):
    data: _Found


class _Resolved(BaseModel):
    data: dict[str, object]


class Threads:
    """Threads by the id of their first comment. Where GraphQL is refused, none is known."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    def by_comment(self, change: ChangeRef) -> Mapping[str, Thread]:
        """Every thread of the change."""
        try:
            return self._all(change)
        except Forbidden:
            return {}

    def resolve(self, change: ChangeRef, comment_ids: Collection[str]) -> None:
        """Close the threads that these comments opened, where they are open and we may."""
        if not comment_ids:
            return
        for comment_id, thread in self.by_comment(change).items():
            if comment_id in comment_ids and not thread.is_resolved:
                try:
                    self._api.graphql(RESOLVE, _Resolved, is_write=True, id=thread.id)
                except Forbidden:  # a thread left open is no reason to lose the review
                    return

    def _all(self, change: ChangeRef) -> Mapping[str, Thread]:
        owner, _, name = change.repo.partition("/")
        found: dict[str, Thread] = {}
        after: str | None = None
        for _ in range(MAX_PAGES):
            answer = self._api.graphql(
                THREADS, _FoundAnswer, owner=owner, name=name, number=change.number, after=after
            )
            threads = answer.data.repository.pull.threads
            for thread in threads.nodes:
                if thread.comments.nodes and thread.comments.nodes[0].id is not None:
                    found[str(thread.comments.nodes[0].id)] = thread
            after = threads.page.end
            if not threads.page.has_next:
                break
        return found


def _names(mine: str) -> frozenset[str]:
    """How GraphQL may call us: it leaves out what tells an App's name from a person's."""
    return frozenset({mine, mine.removesuffix("[bot]")})
