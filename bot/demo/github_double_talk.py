"""Act as the endpoints of GitHub on which people talk: single comments, answers, threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flask

from bot.demo import github_double_posts as posts
from bot.demo import github_double_rules as rules
from bot.demo.github_double_changes import pull_commit
from bot.demo.github_double_routes import base_url, change_of, paged, sent
from bot.demo.github_double_shapes import Json, user
from bot.demo.github_double_state import Change, Comment, Review, State

THREADS_PER_PAGE = 100  # docs.github.com/graphql, resource limitations
REPO = "/repos/<owner>/<name>"
PULL = f"{REPO}/pulls/<int:number>"


def add_talk(
    app: flask.Flask, state: State, *, login: str, may_resolve: Callable[[], bool]
) -> None:
    """Serve the conversation in `state` from `app`; whoever is let in writes as `login`."""
    _add_comments(app, state, login)
    _add_people(app, state)

    @app.post("/graphql")
    def graphql() -> Json:
        body = sent()
        query, given = str(body.get("query")), body.get("variables")
        variables = given if isinstance(given, dict) else {}
        if "viewer" in query:
            return {"data": {"viewer": {"login": login}}}
        if "resolveReviewThread" in query:
            return _resolve(state, str(variables.get("id"))) if may_resolve() else _refusal()
        if "reviewThreads" in query:
            return {"data": {"repository": {"pullRequest": _threads(state, variables)}}}
        return {"data": None, "errors": [{"type": "UNKNOWN", "message": "not in the stand-in"}]}


def _add_comments(app: flask.Flask, state: State, login: str) -> None:
    def keep(change: Change, comment: Comment) -> tuple[Json, int]:
        """GitHub wraps a single comment in a review of its own."""
        review = Review(
            comment.review_id,
            change.repo,
            change.number,
            comment.commit_id,
            "COMMENT",
            "",
            login,
            (comment,),
        )
        state.reviews.append(review)
        return posts.comment(base_url(), comment, head_sha=change.head_sha), 201

    @app.post(f"{PULL}/comments")
    def create_comment(owner: str, name: str, number: int) -> tuple[Json, int]:
        change, body = change_of(state, f"{owner}/{name}", number), sent()
        rules.check_single_comment(body, change.diffs)
        start = body.get("start_line")
        is_line = body.get("subject_type", "line") == "line"
        comment = Comment(
            id=state.next_id(),
            review_id=state.next_id(),
            repo=change.repo,
            number=number,
            commit_id=str(body["commit_id"]),
            path=str(body["path"]),
            body=str(body["body"]),
            author=login,
            line=int(str(body["line"])) if is_line else 0,
            side=str(body.get("side", "RIGHT")),
            start_line=None if start is None else int(str(start)),
            start_side=None if start is None else str(body.get("start_side", "RIGHT")),
        )
        return keep(change, comment)

    @app.post(f"{PULL}/comments/<int:comment_id>/replies")
    def reply(owner: str, name: str, number: int, comment_id: int) -> tuple[Json, int]:
        change, body = change_of(state, f"{owner}/{name}", number), sent()
        rules.check_issue_comment(body)
        first = next((c for c in state.comments_of(change) if c.id == comment_id), None)
        if first is None or first.in_reply_to is not None:
            flask.abort(404, "Not Found")
        said = replace(
            first,
            id=state.next_id(),
            review_id=state.next_id(),
            body=str(body["body"]),
            author=login,
            in_reply_to=first.id,
        )
        return keep(change, said)

    @app.patch(f"{REPO}/pulls/comments/<int:comment_id>")
    def edit(owner: str, name: str, comment_id: int) -> Json:
        body = sent()
        rules.check_issue_comment(body)
        for change in state.changes.values():
            for found in state.comments_of(change):
                if found.id == comment_id and change.repo == f"{owner}/{name}":
                    edited = replace(found, body=str(body["body"]))
                    state.replace_comment(edited)
                    return posts.comment(base_url(), edited, head_sha=change.head_sha)
        return flask.abort(404, "Not Found")


def _add_people(app: flask.Flask, state: State) -> None:
    @app.get(f"{REPO}/collaborators/<login>/permission")
    def permission(owner: str, name: str, login: str) -> Json:
        word = "write" if login in state.writers else "read"
        person = {
            **user(base_url(), login),
            "role_name": word,
            "permissions": {
                right: word == "write" or right == "pull" for right in ("pull", "triage", "push")
            }
            | {"maintain": False, "admin": False},
        }
        return {"permission": word, "role_name": word, "user": person}

    @app.get(f"{PULL}/commits")
    def commits(owner: str, name: str, number: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        listed = paged(change.commits[: rules.MAX_COMMITS])
        return flask.jsonify([pull_commit(base_url(), change.repo, one) for one in listed])

    @app.get(f"{REPO}/commits")
    def landed(owner: str, name: str) -> flask.Response:
        asked = flask.request.args
        on_branch = state.landed.get((f"{owner}/{name}", asked.get("sha", "main")), [])
        newer = [one for one in reversed(on_branch) if one.at >= asked.get("since", "")]
        return flask.jsonify(
            [pull_commit(base_url(), f"{owner}/{name}", one) for one in paged(newer)]
        )

    @app.get(f"{REPO}/commits/<sha>")
    def commit_diff(owner: str, name: str, sha: str) -> flask.Response:
        diff = state.commit_diffs.get((f"{owner}/{name}", sha))
        if diff is None or "diff" not in flask.request.headers.get("Accept", ""):
            flask.abort(404, "Not Found")
        return flask.Response(diff, content_type="application/vnd.github.v3.diff; charset=utf-8")


def _threads(state: State, variables: Json) -> Json:
    repo = f"{variables.get('owner')}/{variables.get('name')}"
    change = change_of(state, repo, int(str(variables.get("number"))))
    first = [one for one in state.comments_of(change) if one.in_reply_to is None]
    after = int(str(variables.get("after") or 0))
    shown = first[after : after + THREADS_PER_PAGE]
    end = after + len(shown)
    nodes = [
        {
            "id": f"PRRT_{one.id}",
            "isResolved": one.id in state.resolved,
            "resolvedBy": {"login": state.closers[one.id]} if one.id in state.closers else None,
            "comments": {"nodes": [{"databaseId": one.id}]},
            "last": {"nodes": [_said(each) for each in _of_thread(state, change, one.id)[-10:]]},
        }
        for one in shown
    ]
    info = {"hasNextPage": end < len(first), "endCursor": str(end)}
    return {"reviewThreads": {"nodes": nodes, "pageInfo": info}}


def _of_thread(state: State, change: Change, first: int) -> list[Comment]:
    return [one for one in state.comments_of(change) if first in {one.id, one.in_reply_to}]


def _said(one: Comment) -> Json:
    kind = "Bot" if one.author.endswith("[bot]") else "User"
    author = {"login": one.author.removesuffix("[bot]"), "__typename": kind}
    return {"databaseId": one.id, "body": one.body, "author": author}


def _resolve(state: State, thread: str) -> Json:
    comment_id = int(thread.removeprefix("PRRT_"))
    state.resolved.add(comment_id)
    shown = {"id": thread, "isResolved": True}
    return {"data": {"resolveReviewThread": {"thread": shown}}}


def _refusal() -> Json:
    error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
    return {"data": {"resolveReviewThread": None}, "errors": [error]}
