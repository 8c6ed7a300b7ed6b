"""Whatever a stranger sends, the answer is ours: a value or an error of our own, soon.

Bounded by hypothesis' number of examples. `FUZZ_EXAMPLES=20000 make fuzz` looks longer.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import webhook
from bot.hooks import github, gitlab
from bot.hooks.types import Malformed, Unsigned
from judge.diff import DiffError, parse
from judge.snippets import snippets
from worker.agents import agents_of
from worker.commands import command_in
from worker.escape import code_span, plain, prose
from worker.purpose import purpose
from worker.repo_config import RulesError, parse_rules
from worker.suggestions import blocks
from worker.types import Commit

SECRET = "a secret of some length"
BOUNDED = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner),
    max_leaves=12,
)
GITHUB_EVENTS = st.sampled_from(
    [
        "pull_request",
        "issue_comment",
        "pull_request_review_comment",
        "check_run",
        "check_suite",
        "merge_group",
        "installation",
        "ping",
        "push",
        "pull_request_review_thread",
        "\x00",
    ]
)
KEYS = st.sampled_from(
    [
        "action",
        "number",
        "pull_request",
        "repository",
        "installation",
        "comment",
        "head",
        "base",
        "sha",
        "id",
        "full_name",
        "body",
        "user",
        "login",
        "object_kind",
        "object_attributes",
        "project",
        "path_with_namespace",
        "iid",
        "last_commit",
        "merge_request",
        "changes",
        "note",
    ]
)
LIKELY = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.sampled_from(["opened", "synchronize"]),
    lambda inner: st.dictionaries(KEYS, inner, max_size=8) | st.lists(inner, max_size=3),
    max_leaves=30,
)
DIFF_LINES = st.sampled_from(
    [
        "diff --git a/x.py b/x.py\n",
        "--- a/x.py\n",
        "+++ b/x.py\n",
        "--- /dev/null\n",
        "new file mode 100644\n",
        "rename from x.py\n",
        "Binary files a/x and b/x differ\n",
        "@@ -1,2 +1,3 @@\n",
        "@@ -0,0 +1 @@\n",
        "@@ -1 +1,99999999999 @@ def f():\n",
        "+def f():\n",
        "-old\n",
        " same\n",
        "\\ No newline at end of file\n",
        "\r\n",
        "\u2028\n",
        "From: a@b\n",
    ]
)


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app = Flask(__name__)
    desk = webhook.Desk({"github": SECRET, "gitlab": SECRET}, lambda job: 1, lambda review_id: None)
    app.register_blueprint(webhook.routes(desk))
    return app.test_client()


@BOUNDED
@given(body=st.binary(max_size=400), event=GITHUB_EVENTS, signature=st.text(max_size=80))
def test_no_unsigned_bytes_are_taken(body: bytes, event: str, signature: str) -> None:
    headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": signature}
    with pytest.raises(Unsigned):
        github.verify(headers, body, SECRET)
    with pytest.raises(Unsigned):
        gitlab.verify({"X-Gitlab-Token": signature, "X-Gitlab-Event": event}, body, SECRET)


@BOUNDED
@given(value=JSON | LIKELY, event=GITHUB_EVENTS, hook=st.sampled_from([github, gitlab]))
def test_any_signed_json_is_a_job_ignored_or_malformed(
    value: object, event: str, hook: object
) -> None:
    parse_it: Callable[[Mapping[str, str], bytes], object] = hook.parse
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "d1",
        "X-Gitlab-Event": "Merge Request Hook",
        "Content-Type": "application/json",
    }
    try:
        parse_it(headers, json.dumps(value).encode("utf-8", "surrogatepass"))
    except Malformed as refusal:
        assert "\n" not in str(refusal)


@BOUNDED
@given(body=st.binary(max_size=300), event=GITHUB_EVENTS)
def test_the_receiver_answers_no_signed_bytes_with_a_fault(
    client: FlaskClient, body: bytes, event: str
) -> None:
    for content in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        headers = {
            "X-GitHub-Event": event.replace("\0", ""),
            "X-GitHub-Delivery": "d1",
            "X-Hub-Signature-256": signed(body),
            "Content-Type": content,
        }
        answer = client.post("/webhooks/github", data=body, headers=headers)
        assert 200 <= answer.status_code < 500


def test_a_bomb_is_read_as_the_few_bytes_that_it_is(client: FlaskClient) -> None:
    bomb = gzip.compress(b"[" * 20_000_000)
    headers = {
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": "bomb",
        "X-Hub-Signature-256": signed(bomb),
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    assert client.post("/webhooks/github", data=bomb, headers=headers).status_code == 400


@BOUNDED
@given(lines=st.lists(DIFF_LINES, max_size=25), noise=st.text(max_size=40))
def test_any_diff_is_read_or_refused(lines: list[str], noise: str) -> None:
    for text in ("".join(lines), "".join(lines) + noise, noise + "".join(lines)):
        try:
            files = parse(text)
        except DiffError as refusal:
            assert len(str(refusal)) < 2000
            continue
        for file in files:
            for one in snippets(file, None):
                assert 1 <= one.start_line <= one.end_line


@BOUNDED
@given(text=st.text(max_size=300))
def test_any_rules_are_read_or_refused(text: str) -> None:
    for rules in (text, f"threshold = {text}", f'ignore = ["{text}"]', f"[[paths]]\n{text}"):
        try:
            parse_rules(rules)
        except RulesError as refusal:
            assert str(refusal)


@BOUNDED
@given(text=st.text(max_size=400))
def test_any_remark_is_read(text: str) -> None:
    command_in(text)
    command_in(f"/gavel {text}")
    blocks(f"```suggestion\n{text}\n```")


@BOUNDED
@given(text=st.text(max_size=300))
def test_no_text_of_a_change_keeps_its_control_characters(text: str) -> None:
    for shown in (plain(text), prose(text), code_span(text)):
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)


@pytest.mark.parametrize(
    "text",
    [
        "```" * 20_000,
        "/gavel " * 9_000,
        "> " * 30_000,
        "@@ -1 +1 @@" * 5_000,
        "diff --git " + "a/" * 30_000,
        "![" * 30_000,
        "[" * 60_000,
        "[](" * 20_000,
        "\n" * 60_000,
        " \n" * 30_000,
    ],
    ids=[
        "fences",
        "commands",
        "quotes",
        "hunks",
        "path",
        "images",
        "links",
        "empty links",
        "lines",
        "blank lines",
    ],
)
def test_no_pattern_takes_more_than_linear_time(text: str) -> None:
    """Not timed: a pattern that backtracks over these would never end."""
    command_in(text)
    blocks(text)
    prose(text)
    purpose(text, text)
    agents_of([Commit("a1", text, text)])
    try:
        parse(text)
    except DiffError:
        return
