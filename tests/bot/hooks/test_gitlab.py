"""GitLab's deliveries: what is refused, what is ignored, and what becomes a job."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from bot.hooks import gitlab
from bot.hooks.types import Malformed, Unsigned
from worker.jobs import ChangeRef, GroupJob, GroupRef, Ignored, OpinionJob, ReviewJob

PAYLOADS = Path(__file__).parents[2] / "payloads" / "gitlab"
SIGNING_TOKEN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HEAD = "5c1f0e3ab2d94c6f8e7a1b0d3c5e7f9a1b3d5f70"
CHANGE = ChangeRef("gitlab", "tools/parsers/toml", 17, HEAD)
HEADERS = {"X-Gitlab-Event": "Merge Request Hook", "Idempotency-Key": "f5e5f430-f57b-4e6e"}


def payload(name: str) -> dict[str, object]:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def parse(name: str) -> object:
    return gitlab.parse(HEADERS, (PAYLOADS / f"{name}.json").read_bytes())


def signed(
    body: bytes, *, at: float | None = None, token: str = SIGNING_TOKEN, id: str = "msg_1"
) -> dict[str, str]:
    """Headers of a delivery signed at `at`, now by default; reckoned without the library."""
    when = int(time.time() if at is None else at)
    key = base64.b64decode(token.removeprefix("whsec_"))
    mac = hmac.new(key, f"{id}.{when}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(when),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def test_the_secret_token_is_accepted_under_a_header_of_any_case() -> None:
    gitlab.verify({"X-Gitlab-Token": "hunter2"}, b"{}", "hunter2")
    gitlab.verify({"x-gitlab-token": "hunter2"}, b"{}", "hunter2")


@pytest.mark.parametrize("given", ["", "hunter", "hunter22", "HUNTER2", "hunter2\u00ff", " "])
def test_any_other_token_is_refused(given: str) -> None:
    with pytest.raises(Unsigned):
        gitlab.verify({"X-Gitlab-Token": given}, b"{}", "hunter2")


def test_an_empty_secret_verifies_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        gitlab.verify({"X-Gitlab-Token": ""}, b"{}", "")


def test_the_published_vector_of_standard_webhooks_is_what_we_reckon() -> None:
    """github.com/standard-webhooks/standard-webhooks, spec; the library and we agree on it."""
    body, at, id = b'{"test": 2432232314}', 1614265330, "msg_p5jXN8AQM9LWM0D4loKWxJek"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed(body, at=at, id=id)["webhook-signature"] == expected
    moment = datetime.fromtimestamp(at, tz=UTC)
    assert Webhook(SIGNING_TOKEN).sign(id, moment, body.decode()) == expected


@pytest.mark.parametrize("age_s", [0, 290, -290])
def test_a_signature_of_the_last_five_minutes_is_accepted(age_s: int) -> None:
    gitlab.verify(signed(b"{}", at=time.time() - age_s), b"{}", SIGNING_TOKEN)


@pytest.mark.parametrize("age_s", [310, 86_400, -310])
def test_a_replay_after_five_minutes_is_refused(age_s: int) -> None:
    with pytest.raises(Unsigned, match=r"too (old|new)"):
        gitlab.verify(signed(b"{}", at=time.time() - age_s), b"{}", SIGNING_TOKEN)


def test_one_of_several_signatures_is_enough_as_during_a_rotation() -> None:
    headers = signed(b"{}")
    headers["webhook-signature"] = f"v1,bm9wZQ== v2,x {headers['webhook-signature']}"
    gitlab.verify(headers, b"{}", SIGNING_TOKEN)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(time.time()) - 60)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,\u00ff"},
    ],
    ids=str,
)
def test_a_delivery_signed_otherwise_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(Unsigned):
        gitlab.verify({**signed(b"{}"), **changed}, b"{}", SIGNING_TOKEN)


@pytest.mark.parametrize("body", [b"{} ", b"", b"\xff"])
def test_a_tampered_body_is_refused(body: bytes) -> None:
    with pytest.raises(Unsigned):
        gitlab.verify(signed(b"{}"), body, SIGNING_TOKEN)


def test_with_a_signing_token_the_plain_token_alone_is_not_enough() -> None:
    with pytest.raises(Unsigned, match="webhook-signature is missing"):
        gitlab.verify({"X-Gitlab-Token": SIGNING_TOKEN}, b"{}", SIGNING_TOKEN)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"webhook-id": "a", "Idempotency-Key": "b"}, "a"),
        ({"Idempotency-Key": "b", "X-Gitlab-Event-UUID": "c"}, "b"),
        ({"x-gitlab-event-uuid": "c"}, "c"),
        ({"Idempotency-Key": "no id\n", "X-Gitlab-Event-UUID": "c"}, "c"),
        ({}, ""),
    ],
)
def test_the_best_id_of_a_delivery_is_taken(headers: dict[str, str], expected: str) -> None:
    assert gitlab.delivery_id(headers) == expected


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("merge_request.open", "merge_request.open"),
        ("merge_request.reopen", "merge_request.reopen"),
        ("merge_request.update.pushed", "merge_request.update"),
        ("merge_request.update.ready", "merge_request.update"),
    ],
)
def test_a_merge_request_with_new_code_becomes_a_job(name: str, event: str) -> None:
    assert parse(name) == ReviewJob(CHANGE, "f5e5f430-f57b-4e6e", event)


def test_a_new_target_branch_asks_for_the_same_head_again() -> None:
    job = parse("merge_request.update.retargeted")
    assert job == ReviewJob(CHANGE, "f5e5f430-f57b-4e6e", "merge_request.update", is_again=True)


@pytest.mark.parametrize(
    "name",
    ["update.labels", "update.draft", "approved", "close", "merge"],
)
def test_a_merge_request_without_new_code_asks_for_nothing(name: str) -> None:
    answer = parse(f"merge_request.{name}")
    assert isinstance(answer, Ignored) and "brings no new code" in answer.reason


@pytest.mark.parametrize(
    "name",
    ["note.words", "note.system", "note.ours", "note.commit", "note.issue", "note.snippet",
     "emoji.revoked", "emoji.other", "emoji.on_words", "emoji.on_issue", "pipeline", "push"],
)  # fmt: skip
def test_what_asks_for_nothing_is_ignored_with_a_reason(name: str) -> None:
    answer = parse(name)
    assert isinstance(answer, Ignored) and "cannot be read" not in answer.reason


@pytest.mark.parametrize(("name", "signal"), [("thumbsup", "agreed"), ("thumbsdown", "disagreed")])
def test_a_thumb_on_our_comment_is_an_opinion(name: str, signal: str) -> None:
    assert parse(f"emoji.{name}") == OpinionJob(
        change=CHANGE,
        delivery_id="f5e5f430-f57b-4e6e",
        event="emoji.award",
        fingerprint="0123456789abcdef",
        signal=signal,
        source="reaction",
        author="bob",
    )


def pipeline(**changed: object) -> object:
    delivery = payload("pipeline")
    delivery["object_attributes"].update(changed)
    return gitlab.parse(HEADERS, json.dumps(delivery).encode())


@pytest.mark.parametrize("status", ["created", "pending", "running"])
def test_a_pipeline_that_begins_waits_for_our_status_whichever_its_commit(status: str) -> None:
    group = GroupRef("gitlab", "tools/parsers/toml", 17, "9" * 40)
    job = pipeline(status=status, sha="9" * 40)
    assert job == GroupJob(group, "pipeline-31", "pipeline.begun")


def test_a_pipeline_of_a_fork_or_of_no_merge_request_is_ignored() -> None:
    for name, value in (("project", {"id": 31, "path_with_namespace": "ada/toml"}),
                        ("merge_request", None)):  # fmt: skip
        delivery = payload("pipeline") | {name: value}
        delivery["object_attributes"]["status"] = "running"
        answer = gitlab.parse(HEADERS, json.dumps(delivery).encode())
        assert isinstance(answer, Ignored) and "cannot be read" not in answer.reason


@pytest.mark.parametrize(
    "kind",
    ["tag_push", "issue", "work_item", "wiki_page", "build", "deployment", "feature_flag",
     "release", "milestone", "access_token", "vulnerability", "of_next_year", "\x1b[31m", ""],
)  # fmt: skip
def test_every_other_event_is_ignored_and_named_in_print(kind: str) -> None:
    answer = gitlab.parse(HEADERS, json.dumps({"object_kind": kind}).encode())
    assert isinstance(answer, Ignored)
    assert repr(kind or "Merge Request Hook") in answer.reason and answer.reason.isprintable()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"n": NaN}', b'{"t": "\\ud800"}', b"[" * 200_000],
)
def test_a_body_that_is_no_sound_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        gitlab.parse(HEADERS, body)


@pytest.mark.parametrize("kind", ["merge_request", "note", "emoji", "pipeline"])
@pytest.mark.parametrize("inside", [None, 5, [], {}, {"action": 5}, {"action": "open"}])
def test_an_object_that_lacks_a_field_is_ignored_so_that_the_hook_lives(
    kind: str, inside: object
) -> None:
    body = json.dumps({"object_kind": kind, "object_attributes": inside}).encode()
    answer = gitlab.parse(HEADERS, body)
    assert isinstance(answer, Ignored) and "cannot be read" in answer.reason


@pytest.mark.parametrize(
    "path",
    ["toml", "../toml", "tools/..", "tools/../toml", "a//b", "/a/b", "a/b/", "-a/b", "a/b\n",
     "a b/c", "a/" + "x" * 256, "/".join(["x"] * 23)],
)  # fmt: skip
def test_a_project_that_gitlab_would_not_send_is_not_looked_for(path: str) -> None:
    delivery = payload("merge_request.open")
    delivery["project"] = {"path_with_namespace": path}
    answer = gitlab.parse(HEADERS, json.dumps(delivery).encode())
    assert isinstance(answer, Ignored) and "path_with_namespace" in answer.reason


@pytest.mark.parametrize("path", ["a/b", "tools/parsers/toml", "_x/.y", "a.b/c-d_e", "a/..b"])
def test_groups_may_be_nested_and_named_as_gitlab_allows(path: str) -> None:
    delivery = payload("merge_request.open")
    delivery["project"] = {"path_with_namespace": path}
    job = gitlab.parse(HEADERS, json.dumps(delivery).encode())
    assert isinstance(job, ReviewJob) and job.change.repo == path


def test_without_any_id_the_bytes_are_one() -> None:
    body = (PAYLOADS / "merge_request.open.json").read_bytes()
    first, again = gitlab.parse({}, body), gitlab.parse({}, body)
    other = gitlab.parse({}, body + b" ")
    assert isinstance(first, ReviewJob) and isinstance(other, ReviewJob)
    assert first == again and first.delivery_id != other.delivery_id
