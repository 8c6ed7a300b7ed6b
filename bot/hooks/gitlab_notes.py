"""Decide what a note on a GitLab merge request, or an emoji on one, asks for. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from bot.hooks import fields
from bot.hooks.fields import (
    LARGEST_ID,
    LARGEST_NUMBER,
    SHA,
    inner,
    inner_or_empty,
    shown,
    text,
    whole,
)
from bot.hooks.gitlab_projects import FORGE, project
from bot.hooks.types import Malformed
from bot.hooks.words import asks
from worker.jobs import NAME_LETTERS, ChangeRef, Ignored, OpinionJob, Remark, RemarkJob
from worker.marks import fingerprint_in, is_ours
from worker.programs import is_program

SIGNALS: Mapping[str, str] = {"thumbsup": "agreed", "thumbsdown": "disagreed"}
MERGE_REQUEST = "MergeRequest"
Delivery = Mapping[str, object]


def note(delivery: Delivery, identity: str) -> RemarkJob | Ignored:
    """A remark on a merge request that is a command or holds code."""
    attributes = inner(delivery, "object_attributes")
    kind = text(attributes, "noteable_type")
    if kind != MERGE_REQUEST:
        return Ignored(f"a note on a {shown(kind)} asks for no review")
    body = text(attributes, "note")
    if attributes.get("system") is True:
        return Ignored("a note that GitLab wrote itself")
    if is_ours(body):
        return Ignored("our own note")
    author = _short(text(inner(delivery, "user"), "username"))
    if not asks(body, is_bot=is_program(author)):
        return Ignored("a note without a command and without code that is suggested")
    action = fields.text_or_empty(attributes, "action") or "create"
    remark = _remark(delivery, attributes, author=author, body=body)
    return RemarkJob(remark, identity, f"note.{action}")


def emoji(delivery: Delivery, identity: str) -> OpinionJob | Ignored:
    """An opinion on a comment of ours."""
    attributes = inner(delivery, "object_attributes")
    name, action = text(attributes, "name"), text(attributes, "action")
    signal = SIGNALS.get(name, "")
    if action != "award" or not signal:
        return Ignored(f"the emoji {shown(name)}, {shown(action)}, is no opinion")
    author = _short(fields.text_or_empty(inner_or_empty(delivery, "user"), "username"))
    if is_program(author):
        return Ignored("a program gave the emoji: that is nobody's opinion")
    on = inner_or_empty(delivery, "note")
    fingerprint = fingerprint_in(fields.text_or_empty(on, "note"))
    if not fingerprint or on.get("noteable_type") != MERGE_REQUEST:
        return Ignored("an emoji on something that is no review comment of ours")
    return OpinionJob(
        change=_change(delivery),
        delivery_id=identity,
        event=f"emoji.{action}",
        fingerprint=fingerprint,
        signal=signal,
        source="reaction",
        author=author,
        is_own=_has_same_id(delivery),
    )


def _has_same_id(delivery: Delivery) -> bool:
    """Whether who gave the emoji also wrote the change."""
    author, person = inner(delivery, "merge_request"), inner_or_empty(delivery, "user")
    return author.get("author_id") is not None and author.get("author_id") == person.get("id")


def _remark(delivery: Delivery, attributes: Delivery, *, author: str, body: str) -> Remark:
    position = inner_or_empty(attributes, "position")
    end = _line(position.get("new_line"))
    edge = inner_or_empty(inner_or_empty(position, "line_range"), "start")
    start = _line(edge.get("new_line")) or end
    is_thread = attributes.get("type") in {"DiffNote", "DiscussionNote"}
    return Remark(
        change=_change(delivery),
        id=str(whole(attributes, "id", largest=LARGEST_ID)),
        thread=fields.text_or_empty(attributes, "discussion_id") if is_thread else "",
        author=author,
        is_bot=is_program(author),
        body=body,
        path=fields.text_or_empty(position, "new_path") if end else "",
        start_line=min(start, end),
        end_line=end,
    )


def _change(delivery: Delivery) -> ChangeRef:
    """The merge request at the head that the delivery names, or "" where it names none."""
    of = inner(delivery, "merge_request")
    head = fields.text_or_empty(inner_or_empty(of, "last_commit"), "id")
    return ChangeRef(
        forge=FORGE,
        repo=project(delivery),
        number=whole(of, "iid", largest=LARGEST_NUMBER),
        head_sha=head.lower() if SHA.fullmatch(head) else "",
    )


def _short(username: str) -> str:
    """A name that a column holds: a refusal of the database would count against the hook."""
    if len(username) > NAME_LETTERS:
        raise Malformed(f"a username has more than {NAME_LETTERS} letters")
    return username


def _line(value: object) -> int:
    is_line = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_line and isinstance(value, int) else 0
