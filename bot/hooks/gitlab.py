"""Decide what a GitLab delivery asks for: headers and bytes in, a job or a reason out.

No I/O; a signature's age is measured against this machine's clock.

GitLab switches a hook off whose deliveries are refused too often, so whatever is genuine and
not handled is answered as ignored: gitlab-org/gitlab, doc/user/project/integrations/webhooks.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from bot.hooks import fields, gitlab_projects
from bot.hooks.fields import DELIVERY, LARGEST_NUMBER, SHA, inner, shown, text, whole
from bot.hooks.gitlab_notes import emoji, note
from bot.hooks.gitlab_projects import project
from bot.hooks.types import Malformed, Unsigned, header
from worker.jobs import ChangeRef, GroupJob, GroupRef, Ignored, Job, ReviewJob

FORGE = gitlab_projects.FORGE
SIGNING_TOKEN = "whsec_"  # noqa: S105  # how a signing token begins, and no secret token should
# The first is signed, the second needs GitLab 17.4, the third is older than both.
IDS = ("webhook-id", "Idempotency-Key", "X-Gitlab-Event-UUID")
REVIEWED = frozenset({"open", "reopen"})
BEGINNING = frozenset({"created", "waiting_for_resource", "preparing", "pending", "running"})

Delivery = Mapping[str, object]


def verify(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Raise Unsigned unless the sender knows `secret`.

    secret  a signing token (`whsec_…`), which signs id, time and raw body, and whose signatures
            are worth five minutes; or a secret token, which comes as it is in X-Gitlab-Token
    """
    if not secret:
        raise ValueError("the webhook secret is empty: nothing can be verified with it")
    if secret.startswith(SIGNING_TOKEN):
        return _verify_signature(headers, body, secret)
    given = header(headers, "X-Gitlab-Token")
    if not given:
        raise Unsigned("the header X-Gitlab-Token is missing: set a secret token for the webhook")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise Unsigned("the secret token does not match: the secrets of both sides differ")
    return None


def _verify_signature(headers: Mapping[str, str], body: bytes, token: str) -> None:
    """Check a signature of github.com/standard-webhooks/standard-webhooks, spec, version 1."""
    if not header(headers, "webhook-signature"):
        raise Unsigned(
            "the header webhook-signature is missing: set the signing token for the webhook"
        )
    try:
        Webhook(token).verify(body, dict(headers), json_parse=False)
    except WebhookVerificationError as error:
        raise Unsigned(f"the signature does not hold: {str(error).lower()}") from None
    except (ValueError, TypeError):  # no base64, no UTF-8, no comma: nothing that GitLab sends
        raise Unsigned("the signature cannot be read") from None


def delivery_id(headers: Mapping[str, str]) -> str:
    """The id that GitLab gave the delivery and keeps when it is sent again, or ""."""
    given = (header(headers, name) for name in IDS)
    return next((one for one in given if DELIVERY.fullmatch(one)), "")


def parse(headers: Mapping[str, str], body: bytes) -> Job | Ignored:
    """What a verified delivery asks for. Raises Malformed where the body is no JSON object.

    An object that lacks a field is ignored with that reason: refusing it would count against
    the hook. Where GitLab sends no id, the body's hash is one, so that the same bytes count once.
    """
    delivery = fields.object_in(body)
    kind = fields.text_or_empty(delivery, "object_kind")
    handle = HANDLERS.get(kind)
    if handle is None:
        name = kind or header(headers, "X-Gitlab-Event")
        return Ignored(f"the event {shown(name)} asks for no review")
    identity = delivery_id(headers) or f"body-{hashlib.sha256(body).hexdigest()}"
    try:
        return handle(delivery, identity)
    except Malformed as problem:
        return Ignored(f"the {kind} event cannot be read: {problem}")


def _merge_request(delivery: Delivery, identity: str) -> Job | Ignored:
    attributes = inner(delivery, "object_attributes")
    action = text(attributes, "action")
    has_new_base = "target_branch" in fields.inner_or_empty(delivery, "changes")
    is_update = action == "update" and (has_new_base or _is_new_code(delivery, attributes))
    if action not in REVIEWED and not is_update:
        return Ignored(f"the action {shown(action)} of merge_request brings no new code")
    change = ChangeRef(
        forge=FORGE,
        repo=project(delivery),
        number=whole(attributes, "iid", largest=LARGEST_NUMBER),
        head_sha=fields.matching(
            SHA, text(inner(attributes, "last_commit"), "id"), "last_commit.id"
        ).lower(),
    )
    is_again = is_update and has_new_base
    return ReviewJob(change, identity, f"merge_request.{action}", is_again=is_again)


def _is_new_code(delivery: Delivery, attributes: Delivery) -> bool:
    """Whether an update moved the head or ended a draft; the rest is metadata."""
    changes = fields.inner_or_empty(delivery, "changes")
    was_draft = fields.inner_or_empty(changes, "draft") or fields.inner_or_empty(
        changes, "work_in_progress"
    )
    is_ready = was_draft.get("previous") is True and was_draft.get("current") is False
    return bool(attributes.get("oldrev")) or is_ready


def _pipeline(delivery: Delivery, identity: str) -> Job | Ignored:
    """A pipeline of a merge request that begins: our status has to be in it, whichever commit
    it runs on, or the merge request would not wait for us. It is answered once."""
    attributes = inner(delivery, "object_attributes")
    of, status = fields.inner_or_empty(delivery, "merge_request"), text(attributes, "status")
    if not of or status not in BEGINNING:
        return Ignored(f"a pipeline that is {shown(status)} asks for nothing")
    if of.get("target_project_id") != inner(delivery, "project").get("id"):
        return Ignored("a pipeline of a fork, whose project has not the merge request")
    number = whole(attributes, "id", largest=fields.LARGEST_ID)
    group = GroupRef(
        forge=FORGE,
        repo=project(delivery),
        number=whole(of, "iid", largest=LARGEST_NUMBER),
        head_sha=fields.matching(SHA, text(attributes, "sha"), "sha").lower(),
    )
    return GroupJob(group, f"pipeline-{number}", "pipeline.begun")


HANDLERS: Mapping[str, Callable[[Delivery, str], Job | Ignored]] = {
    "merge_request": _merge_request,
    "note": note,
    "emoji": emoji,
    "pipeline": _pipeline,
}
