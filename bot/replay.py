"""Decide what a saved delivery is: headers and raw body, from the bytes of a file. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.problems import WrongUse

CONTENT = "Content-Type"


@dataclass(frozen=True, slots=True)
class Names:
    """The headers in which a forge tells event and delivery, and whether it cannot do without."""

    event: str
    delivery: str
    is_required: bool


# GitLab's body names its event, and where there is no id, the hash of the body is one.
NAMES: Mapping[str, Names] = {
    "github": Names("X-GitHub-Event", "X-GitHub-Delivery", is_required=True),
    "gitlab": Names("X-Gitlab-Event", "webhook-id", is_required=False),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """A delivery as it arrived."""

    headers: Mapping[str, str]
    body: bytes


def saved(content: bytes, *, event: str, delivery: str, forge: str = "github") -> Saved:
    """The delivery in a file. Raises WrongUse where its headers are not known.

    content   an object with `headers` and `body` (or `payload`), the body as text or as the
              object that it held; or the raw body alone
    event     replaces the event's header; GitHub's raw bodies need it
    delivery  replaces the delivery's id; GitHub's raw bodies need it
    """
    names, (headers, body) = NAMES[forge], _parts(content)
    both = ((names.event, event), (names.delivery, delivery))
    given = {name: value for name, value in both if value}
    replaced = {name.lower() for name in given}
    kept = {name: value for name, value in headers.items() if name.lower() not in replaced}
    named = {name.lower() for name in (*kept, *given)}
    options = ((names.event, "--event pull_request"), (names.delivery, "--delivery ID"))
    for name, option in options:
        if names.is_required and name.lower() not in named:
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
