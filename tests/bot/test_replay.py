from __future__ import annotations

import json

import pytest

from bot.problems import WrongUse
from bot.replay import saved

HEADERS = {"x-github-event": "pull_request", "X-GitHub-Delivery": "d-1", "content-type": "form"}


def test_headers_and_the_raw_body_are_taken_as_they_were() -> None:
    content = json.dumps({"headers": HEADERS, "body": '{"a":  1}'}).encode()
    found = saved(content, event="", delivery="")
    assert (dict(found.headers), found.body) == (HEADERS, b'{"a":  1}')


@pytest.mark.parametrize("name", ["body", "payload"])
def test_a_body_told_as_an_object_is_json_again(name: str) -> None:
    content = json.dumps({"headers": HEADERS, name: {"a": "é"}}).encode()
    found = saved(content, event="", delivery="")
    assert json.loads(found.body) == {"a": "é"}
    assert found.headers["Content-Type"] == "application/json"
    assert "content-type" not in found.headers


def test_a_raw_body_needs_its_event_and_delivery() -> None:
    with pytest.raises(WrongUse, match="no header X-GitHub-Event: give it with --event"):
        saved(b"{}", event="", delivery="d")
    with pytest.raises(WrongUse, match="no header X-GitHub-Delivery"):
        saved(b"{}", event="push", delivery="")
    found = saved(b"payload=%7B%7D", event="push", delivery="d")
    assert found.body == b"payload=%7B%7D"
    assert found.headers == {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d"}


def test_options_replace_the_saved_headers_whatever_their_case() -> None:
    content = json.dumps({"headers": HEADERS, "body": ""}).encode()
    found = saved(content, event="ping", delivery="d-2")
    assert found.headers["X-GitHub-Event"] == "ping"
    assert found.headers["X-GitHub-Delivery"] == "d-2"
    assert "x-github-event" not in found.headers


def test_headers_kept_as_lists_are_understood() -> None:
    headers = {"X-GitHub-Event": ["ping"], "X-GitHub-Delivery": ["d"]}
    content = json.dumps({"headers": headers, "body": "{}"}).encode()
    assert saved(content, event="", delivery="").headers["X-GitHub-Event"] == "ping"


def test_headers_without_a_body_are_told() -> None:
    with pytest.raises(WrongUse, match="headers but no `body`"):
        saved(json.dumps({"headers": HEADERS}).encode(), event="", delivery="")


def test_a_body_of_gitlab_needs_no_headers_and_takes_another_id() -> None:
    assert saved(b"{}", event="", delivery="", forge="gitlab").headers == {}
    kept = json.dumps({"headers": {"Webhook-Id": "d-1"}, "body": "{}"}).encode()
    again = saved(kept, event="", delivery="d-2", forge="gitlab")
    assert again.headers == {"webhook-id": "d-2"}
