"""Act as the endpoints of GitHub that show files: contents, branches, and what a change does."""

from __future__ import annotations

import re

import flask

from bot.demo import github_double_rules as rules
from bot.demo import github_double_shapes as shapes
from bot.demo.github_double_changes import changed_file, comparison, ref
from bot.demo.github_double_routes import base_url, change_of, paged
from bot.demo.github_double_shapes import Json
from bot.demo.github_double_state import State

REPO = "/repos/<owner>/<name>"
PULL = f"{REPO}/pulls/<int:number>"
SECTION = re.compile(r"^(?=diff --git )", re.MULTILINE)


def add_files(app: flask.Flask, state: State) -> None:
    """Serve the files of `state` from `app`."""

    @app.get(REPO)
    def repository(owner: str, name: str) -> Json:
        if not state.has_repo(f"{owner}/{name}"):
            flask.abort(404, "Not Found")
        return shapes.repository(base_url(), f"{owner}/{name}")

    @app.get(f"{REPO}/contents/<path:path>")
    def contents(owner: str, name: str, path: str) -> flask.Response:
        repo, sha = f"{owner}/{name}", flask.request.args.get("ref", "")
        data = state.files.get((repo, sha, path))
        if data is not None:
            return flask.jsonify(shapes.content(base_url(), repo, sha, path, data))
        inside = [at for r, s, at in state.files if (r, s) == (repo, sha)]
        names = [at for at in inside if at.startswith(f"{path}/")]
        if not names:
            flask.abort(404, "Not Found")
        return flask.jsonify(shapes.folder(base_url(), repo, sha, names))

    @app.get(f"{REPO}/git/ref/heads/<path:branch>")
    def branch(owner: str, name: str, branch: str) -> Json:
        repo = f"{owner}/{name}"
        bases = [
            c.base_sha for c in state.changes.values() if (c.repo, c.base_ref) == (repo, branch)
        ]
        return ref(base_url(), repo, branch, bases[-1]) if bases else flask.abort(404, "Not Found")

    @app.get(PULL)
    def pull(owner: str, name: str, number: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        if "diff" not in flask.request.headers.get("Accept", ""):
            return flask.jsonify(shapes.pull(base_url(), change))
        diff = change.diffs[change.head_sha]
        if rules.is_too_large(diff):
            flask.abort(406, "Sorry, the diff exceeded the maximum number of lines (20000)")
        return flask.Response(diff, content_type="application/vnd.github.v3.diff; charset=utf-8")

    @app.get(f"{PULL}/files")
    def files(owner: str, name: str, number: int) -> flask.Response:
        change = change_of(state, f"{owner}/{name}", number)
        sections = SECTION.split(change.diffs[change.head_sha])[1:]
        listed = paged(sections[: rules.MAX_FILES])
        return flask.jsonify([changed_file(base_url(), change, one) for one in listed])

    @app.get(f"{REPO}/compare/<path:basehead>")
    def compare(owner: str, name: str, basehead: str) -> Json:
        base, _, head = basehead.partition("...")
        repo = f"{owner}/{name}"
        if not (state.has_commit(repo, base) and state.has_commit(repo, head)):
            flask.abort(404, "Not Found")
        return comparison(base_url(), repo, base, head)
