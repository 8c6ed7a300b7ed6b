"""Decide what a GitHub delivery asks for: headers and bytes in, a job or a reason out. No I/O."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qs

from bot.hooks.types import Malformed, Unsigned, header
from worker.jobs import ChangeRef, Ignored, ReviewJob

FORGE = "github"
PREFIX = "sha256="
FORM = "application/x-www-form-urlencoded"
# Actions of `pull_request` after which there is new code to judge.
REVIEWED = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})

SHA = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")
REPO = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
DELIVERY = re.compile(r"[!-~]{1,200}")
LARGEST_NUMBER = 2**31 - 1
LARGEST_ID = 2**63 - 1


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


def parse(headers: Mapping[str, str], body: bytes) -> ReviewJob | Ignored:
    """What a verified delivery asks for. Raises Malformed.

    Only the fields that are used are looked at, because GitHub adds others at any time.
    """
    delivery = _object(_payload(headers, body))
    event = header(headers, "X-GitHub-Event")
    if not event:
        raise Malformed("the header X-GitHub-Event is missing")
    if event == "ping":
        return Ignored("ping: the webhook is connected")
    if event != "pull_request":
        return Ignored(f"the event {_shown(event)} asks for no review")
    action = _text(delivery, "action")
    if action not in REVIEWED:
        return Ignored(f"the action {_shown(action)} of pull_request brings no new code")
    identity = delivery_id(headers)
    if not identity:
        raise Malformed("the header X-GitHub-Delivery is missing or no id")
    return ReviewJob(
        change=_change(delivery),
        delivery_id=identity,
        event=f"{event}.{action}",
        installation_id=_installation(delivery),
    )


def _payload(headers: Mapping[str, str], body: bytes) -> str:
    """The JSON text of a delivery of either content type that GitHub offers."""
    kind = header(headers, "Content-Type").partition(";")[0].strip().lower()
    try:
        if kind != FORM:
            return body.decode("utf-8")
        fields = parse_qs(body.decode("ascii"), max_num_fields=8, encoding="utf-8", errors="strict")
        return fields["payload"][0]
    except KeyError:
        raise Malformed("the form has no field `payload`") from None
    except ValueError:
        raise Malformed("the body is not UTF-8 text") from None


def _object(text: str) -> Mapping[str, object]:
    """The JSON object in `text`, refused unless every string in it can be stored."""
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("the body holds half of a surrogate pair") from None
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError:
        raise Malformed("the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON does not know."""
    raise ValueError(name)


def _change(delivery: Mapping[str, object]) -> ChangeRef:
    """The change that a `pull_request` delivery is about, at the head that it names."""
    pull = _inner(delivery, "pull_request")
    return ChangeRef(
        forge=FORGE,
        repo=_matching(REPO, _text(_inner(delivery, "repository"), "full_name"), "full_name"),
        number=_whole(pull, "number", largest=LARGEST_NUMBER),
        head_sha=_matching(SHA, _text(_inner(pull, "head"), "sha"), "head.sha").lower(),
    )


def _installation(delivery: Mapping[str, object]) -> int | None:
    """Id of the App installation that sent the delivery; a repository's own hook has none."""
    if delivery.get("installation") is None:
        return None
    return _whole(_inner(delivery, "installation"), "id", largest=LARGEST_ID)


def _inner(outer: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = outer.get(key)
    if not isinstance(value, dict):
        raise Malformed(f"the field {key} is not an object")
    return value


def _text(outer: Mapping[str, object], key: str) -> str:
    value = outer.get(key)
    if not isinstance(value, str):
        raise Malformed(f"the field {key} is not a string")
    return value


def _whole(outer: Mapping[str, object], key: str, *, largest: int) -> int:
    value = outer.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
        raise Malformed(f"the field {key} is not a whole number from 1 to {largest}")
    return value


def _matching(pattern: re.Pattern[str], value: str, name: str) -> str:
    if not pattern.fullmatch(value):
        raise Malformed(f"{name} is not what GitHub sends there")
    return value


def _shown(word: str) -> str:
    """A word of the delivery, short and printable enough for an answer and a log."""
    return repr(word[:60])
