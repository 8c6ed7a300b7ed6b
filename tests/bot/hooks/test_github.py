"""GitHub's deliveries: what is refused, what is ignored, and what becomes a job."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.hooks import github
from bot.hooks.types import Malformed, Unsigned
from worker.jobs import ChangeRef, Ignored, ReviewJob

PAYLOADS = Path(__file__).parents[2] / "payloads" / "github"
SECRET = "It's a Secret to Everybody"
SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"


def headers(event: str = "pull_request", **more: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        **more,
    }


def opened(**changed: object) -> dict[str, object]:
    return {
        "action": "opened",
        "pull_request": {"number": 2, "head": {"sha": SHA}},
        "repository": {"full_name": "octo/hello"},
        **changed,
    }


def parse(payload: object) -> ReviewJob | Ignored:
    return github.parse(headers(), json.dumps(payload).encode())


def test_the_signature_of_githubs_own_example_is_accepted() -> None:
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    github.verify({"X-Hub-Signature-256": given}, b"Hello, World!", SECRET)


def test_header_names_of_any_case_are_understood() -> None:
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    github.verify({"x-hub-signature-256": given}, b"Hello, World!", SECRET)


def test_a_tampered_body_is_refused() -> None:
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    with pytest.raises(Unsigned):
        github.verify({"X-Hub-Signature-256": given}, b"Hello, World! ", SECRET)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
        "sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
        "sha256=ÿ" + "7" * 63,
    ],
)
def test_any_other_signature_is_refused(given: str) -> None:
    with pytest.raises(Unsigned):
        github.verify({"X-Hub-Signature-256": given}, b"Hello, World!", SECRET)


def test_the_old_signature_header_alone_is_refused() -> None:
    digest = hmac.new(SECRET.encode(), b"{}", hashlib.sha1).hexdigest()
    with pytest.raises(Unsigned, match="X-Hub-Signature-256 is missing"):
        github.verify({"X-Hub-Signature": f"sha1={digest}"}, b"{}", SECRET)


def test_an_empty_secret_verifies_nothing() -> None:
    digest = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    with pytest.raises(ValueError, match="empty"):
        github.verify({"X-Hub-Signature-256": f"sha256={digest}"}, b"{}", "")


@pytest.mark.parametrize(
    ("file", "event", "number", "installation"),
    [
        ("pull_request.opened.json", "pull_request.opened", 2, None),
        ("pull_request.opened.app.json", "pull_request.opened", 2, 5),
        ("pull_request.synchronize.json", "pull_request.synchronize", 2, 5),
        ("pull_request.reopened.json", "pull_request.reopened", 2, 5),
        ("pull_request.ready_for_review.json", "pull_request.ready_for_review", 2, None),
    ],
)
def test_githubs_own_payloads_become_jobs(
    file: str, event: str, number: int, installation: int | None
) -> None:
    body = (PAYLOADS / file).read_bytes()
    job = github.parse(headers(), body)
    assert isinstance(job, ReviewJob)
    assert (job.event, job.change.number) == (event, number)
    assert job.change.repo == json.loads(body)["repository"]["full_name"]
    assert job.change.head_sha == json.loads(body)["pull_request"]["head"]["sha"]
    sent_by = json.loads(body).get("installation", {}).get("id")
    assert job.installation_id == sent_by
    assert (job.installation_id is None) == (installation is None)


def test_a_job_names_the_change_at_its_head_and_the_delivery() -> None:
    assert parse(opened(installation={"id": 7})) == ReviewJob(
        change=ChangeRef("github", "octo/hello", 2, SHA),
        delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
        event="pull_request.opened",
        installation_id=7,
    )


def test_a_form_encoded_delivery_means_the_same_as_a_json_one() -> None:
    text = json.dumps(opened(title="50% + ü & = 日本"), ensure_ascii=False)
    form = headers(**{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    body = urlencode({"payload": text}).encode()
    assert github.parse(form, body) == parse(opened())


@pytest.mark.parametrize("body", [b"", b"other=1", b"payload=%ff", b"payload=%7B", b"\xff"])
def test_a_form_without_a_readable_payload_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        github.parse(headers(**{"Content-Type": "application/x-www-form-urlencoded"}), body)


def test_a_sha_256_head_is_understood() -> None:
    job = parse(opened(pull_request={"number": 1, "head": {"sha": "A" * 64}}))
    assert isinstance(job, ReviewJob)
    assert job.change.head_sha == "a" * 64


def test_fields_that_are_not_used_may_be_anything() -> None:
    assert parse(opened(sender=[None, {"login": 5}], number="two")) == parse(opened())


def test_surrogate_pairs_are_characters_like_any_other() -> None:
    assert github.parse(headers(), json.dumps(opened(title="\U0001f600")).encode()) == parse(
        opened()
    )


def test_a_ping_is_ignored_with_a_friendly_reason() -> None:
    answer = github.parse(headers("ping"), (PAYLOADS / "ping.json").read_bytes())
    assert answer == Ignored("ping: the webhook is connected")


def test_a_closed_change_asks_for_nothing() -> None:
    answer = github.parse(headers(), (PAYLOADS / "pull_request.closed.json").read_bytes())
    assert answer == Ignored("the pull request is closed: nobody waits for a review")


@pytest.mark.parametrize("event", ["star", "an_event_of_next_year", "\x1b[31m"])
def test_an_unknown_event_is_ignored_and_named_in_print(event: str) -> None:
    answer = github.parse(headers(event), b"{}")
    assert isinstance(answer, Ignored)
    assert repr(event) in answer.reason
    assert answer.reason.isprintable()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        '{"action": "opened"}'.encode("utf-16"),
        b'{"n": NaN}',
        b'{"n": -Infinity}',
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"title": "\\ud800"}',
        b'{"\\uDFFF": 1}',
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
@pytest.mark.parametrize("event", ["pull_request", "ping", "star"])
def test_a_body_that_is_no_sound_json_object_is_malformed(body: bytes, event: str) -> None:
    with pytest.raises(Malformed):
        github.parse(headers(event), body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action", None),
        ("action", 5),
        ("pull_request", None),
        ("pull_request", []),
        ("pull_request", {"number": 2}),
        ("pull_request", {"number": 2, "head": {"sha": None}}),
        ("pull_request", {"number": 2, "head": {"sha": SHA + "\n"}}),
        ("pull_request", {"number": 2, "head": {"sha": SHA[:39]}}),
        ("pull_request", {"number": 2, "head": {"sha": "g" * 40}}),
        ("pull_request", {"number": 0, "head": {"sha": SHA}}),
        ("pull_request", {"number": -1, "head": {"sha": SHA}}),
        ("pull_request", {"number": True, "head": {"sha": SHA}}),
        ("pull_request", {"number": 1.0, "head": {"sha": SHA}}),
        ("pull_request", {"number": "1", "head": {"sha": SHA}}),
        ("pull_request", {"number": 10**30, "head": {"sha": SHA}}),
        ("repository", None),
        ("repository", {"full_name": None}),
        ("repository", {"full_name": "hello"}),
        ("repository", {"full_name": "a/b/c"}),
        ("repository", {"full_name": "octo/.."}),
        ("repository", {"full_name": "../hello"}),
        ("repository", {"full_name": "octo/hello\n"}),
        ("repository", {"full_name": "octo/hel lo"}),
        ("repository", {"full_name": "octo/" + "x" * 101}),
        ("installation", 5),
        ("installation", {"id": "5"}),
        ("installation", {"id": 0}),
        ("installation", {"id": 2**63}),
    ],
)
def test_a_field_that_github_would_not_send_is_malformed(field: str, value: object) -> None:
    with pytest.raises(Malformed):
        parse(opened(**{field: value}))


@pytest.mark.parametrize("given", ["", " ", "a b", "x" * 201, "ü"])
def test_a_delivery_without_a_usable_id_is_malformed(given: str) -> None:
    with pytest.raises(Malformed, match="X-GitHub-Delivery"):
        github.parse(headers(**{"X-GitHub-Delivery": given}), json.dumps(opened()).encode())


def test_a_delivery_without_an_event_is_malformed() -> None:
    with pytest.raises(Malformed, match="X-GitHub-Event"):
        github.parse({}, b"{}")
