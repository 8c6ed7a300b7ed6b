"""Act as the endpoints of GitHub's REST API that a review bot calls, over a `State`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import flask
from werkzeug.exceptions import HTTPException

from bot.demo import github_double_posts as posts
from bot.demo import github_double_rules as rules
from bot.demo.github_double_shapes import Json
from bot.demo.github_double_state import (
    Change,
    CheckRun,
    Comment,
    IssueComment,
    Review,
    State,
    Status,
)

Item = TypeVar("Item")
DOCS = "https://docs.github.com/rest"


def add_routes(app: flask.Flask, state: State, *, login: str) -> None:
    """Serve `state` from `app`; whoever is let in writes as `login`."""
    app.register_error_handler(HTTPException, _as_json)
    app.register_error_handler(rules.UnprocessableError, _unprocessable)
    _add_pull(app, state, login)
    _add_checks(app, state, login)
    _add_issue(app, state, login)


def answer(status: int, message: str, **more: object) -> flask.Response:
    """A failure as GitHub words it."""
    body = {"message": message, "documentation_url": DOCS, "status": str(status), **more}
    response = flask.jsonify(body)
    response.status_code = status
    return response


def _as_json(error: HTTPException) -> flask.Response:
    return answer(error.code or 500, error.description or "")


def _unprocessable(error: rules.UnprocessableError) -> flask.Response:
    return answer(422, "Unprocessable Entity", errors=list(error.errors))


def base_url() -> str:
    """The URL under which the present request came in, without a slash at its end."""
    return flask.request.host_url.rstrip("/")


def sent() -> Json:
    """The JSON object in the present request's body; 400 when it is none."""
    body = flask.request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        flask.abort(400, "Problems parsing JSON")
    return body


def paged(items: Sequence[Item]) -> Sequence[Item]:
    """The page of `items` that the present request asks for."""
    size = min(max(flask.request.args.get("per_page", 30, int), 1), 100)
    page = max(flask.request.args.get("page", 1, int), 1)
    return items[(page - 1) * size : page * size]


def change_of(state: State, repo: str, number: int) -> Change:
    """The change, or 404."""
    found = state.changes.get((repo, number))
    return found if found is not None else flask.abort(404, "Not Found")


def _known_commit(state: State, repo: str, sha: str) -> None:
    if not state.has_commit(repo, sha):
        raise rules.UnprocessableError(f"No commit found for SHA: {sha}")


def _add_pull(app: flask.Flask, state: State, login: str) -> None:
    @app.get("/repos/<owner>/<name>/pulls/<int:number>/reviews")
    def reviews(owner: str, name: str, number: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        return flask.jsonify([posts.review(base_url(), one) for one in paged(_of(change))])

    def _of(change: Change) -> list[Review]:
        where = (change.repo, change.number)
        return [one for one in state.reviews if (one.repo, one.number) == where]

    @app.post("/repos/<owner>/<name>/pulls/<int:number>/reviews")
    def create_review(owner: str, name: str, number: int) -> Json:
        change, body = change_of(state, f"{owner}/{name}", number), sent()
        rules.check_review(body, change.diffs)
        posted = _review(state, change, body, login)
        state.reviews.append(posted)
        return posts.review(base_url(), posted)

    @app.get("/repos/<owner>/<name>/pulls/<int:number>/comments")
    def comments(owner: str, name: str, number: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        posted = state.comments_of(change)
        head = change.head_sha
        return flask.jsonify(
            [posts.comment(base_url(), one, head_sha=head) for one in paged(posted)]
        )

    @app.get("/repos/<owner>/<name>/pulls/<int:number>/reviews/<int:review_id>/comments")
    def review_comments(owner: str, name: str, number: int, review_id: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        posted = [c for one in _of(change) if one.id == review_id for c in one.comments]
        return flask.jsonify([posts.legacy_comment(base_url(), one) for one in paged(posted)])


def _review(state: State, change: Change, body: Json, login: str) -> Review:
    review = Review(
        id=state.next_id(),
        repo=change.repo,
        number=change.number,
        commit_id=str(body["commit_id"]),
        event=str(body["event"]),
        body=str(body.get("body") or ""),
        author=login,
    )
    rows = body.get("comments")
    sent_comments = rows if isinstance(rows, list) else []
    return replace(review, comments=tuple(_comment(state, review, row) for row in sent_comments))


def _comment(state: State, review: Review, row: Json) -> Comment:
    start = row.get("start_line")
    return Comment(
        id=state.next_id(),
        review_id=review.id,
        repo=review.repo,
        number=review.number,
        commit_id=review.commit_id,
        path=str(row["path"]),
        body=str(row["body"]),
        author=review.author,
        line=int(str(row["line"])),
        side=str(row.get("side", "RIGHT")),
        start_line=None if start is None else int(str(start)),
        start_side=None if start is None else str(row.get("start_side", "RIGHT")),
    )


def _add_checks(app: flask.Flask, state: State, login: str) -> None:
    @app.get("/repos/<owner>/<name>/commits/<sha>/check-runs")
    def check_runs(owner: str, name: str, sha: str) -> Json:
        wanted = flask.request.args.get("check_name")
        found = [
            run
            for run in state.check_runs
            if (run.repo, run.head_sha) == (f"{owner}/{name}", sha) and wanted in {None, run.name}
        ]
        shown = [posts.check_run(base_url(), run) for run in paged(found)]
        return {"total_count": len(found), "check_runs": shown}

    @app.post("/repos/<owner>/<name>/check-runs")
    def create_check_run(owner: str, name: str) -> tuple[Json, int]:
        body, repo = sent(), f"{owner}/{name}"
        rules.check_run(body, is_new=True)
        _known_commit(state, repo, str(body["head_sha"]))
        run = CheckRun(state.next_id(), repo, str(body["name"]), str(body["head_sha"]))
        state.check_runs.append(_updated(run, body))
        return posts.check_run(base_url(), run), 201

    @app.patch("/repos/<owner>/<name>/check-runs/<int:run_id>")
    def update_check_run(owner: str, name: str, run_id: int) -> Json:
        body = sent()
        rules.check_run(body, is_new=False)
        found = [run for run in state.check_runs if run.id == run_id]
        if not found:
            flask.abort(404, "Not Found")
        return posts.check_run(base_url(), _updated(found[0], body))

    @app.get("/repos/<owner>/<name>/commits/<sha>/statuses")
    def statuses(owner: str, name: str, sha: str) -> flask.Response:
        where = (f"{owner}/{name}", sha)
        found = [one for one in reversed(state.statuses) if (one.repo, one.sha) == where]
        return flask.jsonify([posts.status(base_url(), one, login) for one in paged(found)])

    @app.post("/repos/<owner>/<name>/statuses/<sha>")
    def create_status(owner: str, name: str, sha: str) -> tuple[Json, int]:
        body, repo = sent(), f"{owner}/{name}"
        rules.check_status(body)
        _known_commit(state, repo, sha)
        context, words = str(body.get("context", "default")), str(body.get("description") or "")
        posted = Status(state.next_id(), repo, sha, str(body["state"]), context, words)
        state.statuses.append(posted)
        return posts.status(base_url(), posted, login), 201


def _updated(run: CheckRun, body: Json) -> CheckRun:
    run.external_id = str(body.get("external_id", run.external_id))
    run.status = "completed" if "conclusion" in body else str(body.get("status", run.status))
    if "conclusion" in body:
        run.conclusion = str(body["conclusion"])
    output = body.get("output")
    if isinstance(output, dict):
        run.title, run.summary = output.get("title"), output.get("summary")
        run.annotations.extend(output.get("annotations") or [])
    run.actions = list(rules.mappings(body, "actions")) or run.actions
    return run


def _add_issue(app: flask.Flask, state: State, login: str) -> None:
    @app.get("/repos/<owner>/<name>/issues/<int:number>/comments")
    def issue_comments(owner: str, name: str, number: int) -> flask.Response:
        where = (f"{owner}/{name}", number)
        found = [one for one in state.issue_comments if (one.repo, one.number) == where]
        return flask.jsonify([posts.issue_comment(base_url(), one) for one in paged(found)])

    @app.post("/repos/<owner>/<name>/issues/<int:number>/comments")
    def create_issue_comment(owner: str, name: str, number: int) -> tuple[Json, int]:
        body = sent()
        rules.check_issue_comment(body)
        change_of(state, f"{owner}/{name}", number)
        posted = IssueComment(state.next_id(), f"{owner}/{name}", number, str(body["body"]), login)
        state.issue_comments.append(posted)
        return posts.issue_comment(base_url(), posted), 201

    @app.patch("/repos/<owner>/<name>/issues/comments/<int:comment_id>")
    def update_issue_comment(owner: str, name: str, comment_id: int) -> Json:
        body = sent()
        rules.check_issue_comment(body)
        found = [one for one in state.issue_comments if one.id == comment_id]
        if not found:
            flask.abort(404, "Not Found")
        found[0].body = str(body["body"])
        return posts.issue_comment(base_url(), found[0])
