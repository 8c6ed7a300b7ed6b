"""Decide what a GitHub delivery asks for: headers and bytes in, a job or a reason out. No I/O."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from bot.hooks import fields, github_checks, github_pulls, github_talk
from bot.hooks.fields import DELIVERY, shown
from bot.hooks.github_sender import FORGE, Sent
from bot.hooks.types import Malformed, Unsigned, header
from worker.jobs import Ignored, Job

PREFIX = "sha256="
FORM = "application/x-www-form-urlencoded"

__all__ = ["FORGE", "HANDLERS", "delivery_id", "parse", "verify"]


def verify(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Raise Unsigned unless X-Hub-Signature-256 is the HMAC-SHA256 of the raw body.

    docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    """
    if not secret:
        raise ValueError("the webhook secret is empty: nothing can be verified with it")
    given = header(headers, "X-Hub-Signature-256")
    if not given:
        raise Unsigned("the header X-Hub-Signature-256 is missing: set a secret for the webhook")
    expected = PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Unsigned("the signature does not match: the secrets of both sides differ")


def delivery_id(headers: Mapping[str, str]) -> str:
    """The id that GitHub gave the delivery and keeps when it is delivered again, or ""."""
    given = header(headers, "X-GitHub-Delivery")
    return given if DELIVERY.fullmatch(given) else ""


def parse(headers: Mapping[str, str], body: bytes) -> Job | Ignored:
    """What a verified delivery asks for. Raises Malformed.

    Only the fields that are used are looked at, because GitHub adds others at any time. New
    events and new actions appear at any time too, and are ignored with a reason.
    """
    delivery = fields.object_in(_payload(headers, body))
    event = header(headers, "X-GitHub-Event")
    if not event:
        raise Malformed("the header X-GitHub-Event is missing")
    handle = HANDLERS.get(event)
    if handle is None:
        return Ignored(f"the event {shown(event)} asks for no review")
    asked = handle(Sent(event, delivery, delivery_id(headers)))
    if not isinstance(asked, Ignored) and not asked.delivery_id:
        raise Malformed("the header X-GitHub-Delivery is missing or no id")
    return asked


def _payload(headers: Mapping[str, str], body: bytes) -> bytes:
    """The JSON of a delivery of either content type that GitHub offers."""
    kind = header(headers, "Content-Type").partition(";")[0].strip().lower()
    if kind != FORM:
        return body
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=8, encoding="utf-8", errors="strict")
        return form["payload"][0].encode("utf-8")
    except KeyError:
        raise Malformed("the form has no field `payload`") from None
    except ValueError:
        raise Malformed("the body is not UTF-8 text") from None


def _ping(sent: Sent) -> Ignored:
    return Ignored("ping: the webhook is connected")


def _installation(sent: Sent) -> Ignored:
    return Ignored(f"the App's installation is {shown(sent.action)}: reviews follow pull requests")


HANDLERS: Mapping[str, Callable[[Sent], Job | Ignored]] = {
    "check_run": github_checks.check_run,
    "check_suite": github_checks.check_suite,
    "installation": _installation,
    "installation_repositories": _installation,
    "issue_comment": github_talk.issue_comment,
    "merge_group": github_checks.merge_group,
    "ping": _ping,
    "pull_request": github_pulls.pull_request,
    "pull_request_review": github_talk.review,
    "pull_request_review_comment": github_talk.review_comment,
    "pull_request_review_thread": github_talk.thread,
}
