"""Act as GitHub: a stateful stand-in of its REST API over real HTTP on the loopback address.

For `gavel demo` and for the contract suite of the forges. It asks for a token, checks what
GitHub checks, answers in GitHub's shapes, keeps what it is sent, and fails when told to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import flask

from bot.demo.github_double_apps import add_apps
from bot.demo.github_double_door import ALL, REVIEWS, Keys, add_door, may_write
from bot.demo.github_double_files import add_files
from bot.demo.github_double_routes import add_routes
from bot.demo.github_double_state import (
    Change,
    CheckRun,
    Comment,
    Commit,
    Failure,
    IssueComment,
    Request,
    Review,
    State,
    Status,
)
from bot.demo.github_double_talk import add_talk
from bot.demo.loopback import Loopback, Wsgi


class GitHubDouble:
    """A GitHub of one's own: seed it with changes, start it, point `GAVEL_GITHUB_URL` at it.

    token           lets requests in; nothing else does but tokens of the App below
    login           who writes with that token
    permissions     what the token may write: pull_requests, issues, checks, statuses
    app_id          id of a GitHub App that may ask for installation tokens
    app_public_key  PEM text of the App's public key, which checks its JWTs
    token_life_s    how long a token of one of the App's installations lives
    """

    def __init__(
        self,
        *,
        token: str,
        login: str = "gavel[bot]",
        permissions: Collection[str] = ALL,
        app_id: str = "",
        app_public_key: str = "",
        token_life_s: float = 3600.0,
    ) -> None:
        self._state = State()
        granted = frozenset(permissions)
        self._keys = Keys(login, {token: granted}, granted, app_id, app_public_key, token_life_s)
        self._lock = threading.RLock()
        self._loopback = Loopback("github")

    def add_change(
        self,
        *,
        repo: str,
        number: int,
        head_sha: str,
        base_sha: str,
        diff: str,
        title: str = "A change",
        body: str = "",
        author: str = "octocat",
        files: Mapping[str, Mapping[str, str | bytes]] | None = None,
        is_draft: bool = False,
        head_ref: str = "change",
        commits: Sequence[Commit] = (),
    ) -> None:
        """Open a pull request. `files` holds contents by commit and then by path."""
        change = Change(
            repo,
            number,
            title,
            body,
            author,
            base_sha,
            head_sha,
            {head_sha: diff},
            is_draft=is_draft,
            head_ref=head_ref,
            commits=tuple(commits),
        )
        with self._lock:
            self._state.changes[repo, number] = change
            self._add_files(repo, files or {})

    def push(
        self,
        *,
        repo: str,
        number: int,
        head_sha: str,
        diff: str,
        files: Mapping[str, Mapping[str, str | bytes]] | None = None,
    ) -> None:
        """Move a pull request to a new head."""
        with self._lock:
            change = self._state.changes[repo, number]
            change.head_sha = head_sha
            change.diffs[head_sha] = diff
            self._add_files(repo, files or {})

    def close(self, *, repo: str, number: int) -> None:
        """Close a pull request."""
        with self._lock:
            self._state.changes[repo, number].is_open = False

    def add_commit(self, *, repo: str, sha: str) -> None:
        """Put a commit there that belongs to no pull request, such as a merge group's head."""
        with self._lock:
            self._state.commits.add((repo, sha))

    def land(self, *, repo: str, commit: Commit, diff: str, branch: str = "main") -> None:
        """Put a commit onto a branch."""
        with self._lock:
            self._state.landed.setdefault((repo, branch), []).append(commit)
            self._state.commit_diffs[repo, commit.sha] = diff

    def add_commit_diff(self, *, repo: str, sha: str, diff: str) -> None:
        """Say what one commit changes."""
        with self._lock:
            self._state.commit_diffs[repo, sha] = diff

    def let_write(self, login: str) -> None:
        """Let somebody push to every repository."""
        with self._lock:
            self._state.writers.add(login)

    def fail_next(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        body: str = '{"message": "told to fail"}',
        is_late: bool = False,
    ) -> None:
        """Answer the next `times` requests with `status`; see `Failure`."""
        with self._lock:
            failure = Failure(status, times, method, path, dict(headers or {}), body, is_late)
            self._state.failures.append(failure)

    def post_review(self, review: Review) -> None:
        """Put a review there that somebody else wrote."""
        with self._lock:
            self._state.reviews.append(review)

    def close_thread(self, comment_id: int, *, by: str, saying: str = "") -> None:
        """Let a person close a thread, after a last word in it or without."""
        with self._lock:
            for at, review in enumerate(self._state.reviews):
                first = [one for one in review.comments if one.id == comment_id]
                if first and saying:
                    said = replace(
                        first[0],
                        id=self._state.next_id(),
                        author=by,
                        body=saying,
                        in_reply_to=comment_id,
                    )
                    kept = (*review.comments, said)
                    self._state.reviews[at] = replace(review, comments=kept)
            self._state.resolved.add(comment_id)
            self._state.closers[comment_id] = by

    @property
    def reviews(self) -> Sequence[Review]:
        """Reviews in the order in which they came, with their comments."""
        with self._lock:
            return tuple(self._state.reviews)

    @property
    def threads(self) -> Mapping[Comment, bool]:
        """The first comment of every thread, and whether the thread is closed."""
        with self._lock:
            comments = [c for one in self._state.reviews for c in one.comments]
            first = [one for one in comments if one.in_reply_to is None]
            return {one: one.id in self._state.resolved for one in first}

    @property
    def tokens(self) -> Sequence[Mapping[str, object]]:
        """Every token that the App was given for an installation, as it was answered."""
        with self._lock:
            return tuple(self._keys.issued)

    @property
    def check_runs(self) -> Sequence[CheckRun]:
        """Check runs in the order in which they were created, as they stand now."""
        with self._lock:
            return tuple(self._state.check_runs)

    @property
    def statuses(self) -> Sequence[Status]:
        """Commit statuses in the order in which they came."""
        with self._lock:
            return tuple(self._state.statuses)

    @property
    def issue_comments(self) -> Sequence[IssueComment]:
        """Comments outside of reviews, as they stand now."""
        with self._lock:
            return tuple(self._state.issue_comments)

    @property
    def requests(self) -> Sequence[Request]:
        """Every request, those that were refused included, in order."""
        with self._lock:
            return tuple(self._state.requests)

    def start(self, *, port: int = 0) -> str:
        """Listen on 127.0.0.1, port 0 for any free one; gives the base URL of the API."""
        return self._loopback.start(self._one_by_one(), port=port)

    def stop(self) -> None:
        """Stop listening; harmless when repeated."""
        self._loopback.stop()

    def _add_files(self, repo: str, files: Mapping[str, Mapping[str, str | bytes]]) -> None:
        for sha, texts in files.items():
            for path, text in texts.items():
                data = text.encode() if isinstance(text, str) else text
                self._state.files[repo, sha, path] = data

    def _one_by_one(self) -> Wsgi:
        wsgi = self._app().wsgi_app

        def serve(environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
            with self._lock:
                return list(wsgi(environ, start))  # type: ignore[arg-type]

        return serve

    def _app(self) -> flask.Flask:
        app, keys = flask.Flask("github_double", static_folder=None), self._keys
        add_door(app, self._state, keys)
        add_apps(app, keys)
        add_files(app, self._state)
        add_routes(app, self._state, login=keys.login)
        add_talk(app, self._state, login=keys.login, may_resolve=lambda: may_write(keys, REVIEWS))
        return app
