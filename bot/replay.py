"""Decide what a saved delivery is: headers and raw body, from the bytes of a file. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.problems import WrongUse

EVENT = "X-GitHub-Event"
DELIVERY = "X-GitHub-Delivery"
CONTENT = "Content-Type"


@dataclass(frozen=True, slots=True)
class Saved:
    """A delivery as it arrived."""

    headers: Mapping[str, str]
    body: bytes


def saved(content: bytes, *, event: str, delivery: str) -> Saved:
    """The delivery in a file. Raises WrongUse where its headers are not known.

    content   an object with `headers` and `body` (or `payload`), the body as text or as the
              object that it held; or the raw body alone
    event     replaces the event's header; needed for a raw body
    delivery  replaces the delivery's id; needed for a raw body
    """
    headers, body = _parts(content)
    given = {name: value for name, value in ((EVENT, event), (DELIVERY, delivery)) if value}
    replaced = {name.lower() for name in given}
    kept = {name: value for name, value in headers.items() if name.lower() not in replaced}
    named = {name.lower() for name in (*kept, *given)}
    for name, option in ((EVENT, "--event pull_request"), (DELIVERY, "--delivery ID")):
        if name.lower() not in named:
            raise WrongUse(f"the saved delivery has no header {name}: give it with {option}")
    return Saved({**kept, **given}, body)


def _parts(content: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a file with both, else no headers and the whole as the body."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return {}, content
    if not isinstance(value, dict) or not isinstance(value.get("headers"), dict):
        return {}, content
    headers = {str(name): _one(inner) for name, inner in value["headers"].items()}
    body = value["body"] if "body" in value else value.get("payload")
    if isinstance(body, str):
        return headers, body.encode("utf-8", "surrogatepass")
    if isinstance(body, dict):
        # Told as an object, the body is JSON again, whatever it was sent as.
        others = {name: text for name, text in headers.items() if name.lower() != CONTENT.lower()}
        return {**others, CONTENT: "application/json"}, json.dumps(body).encode("ascii")
    raise WrongUse("the saved delivery has headers but no `body`, as a text or an object")


def _one(value: object) -> str:
    """A header's value, where proxies and recorders may keep a list of them."""
    return str(value[0]) if isinstance(value, list) and value else str(value)
