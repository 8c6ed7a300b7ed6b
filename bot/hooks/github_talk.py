"""Decide which words, suggestions and closed threads of a pull request concern us. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from bot.hooks import fields
from bot.hooks.fields import LARGEST_ID, LARGEST_NUMBER, inner, inner_or_empty, shown, text, whole
from bot.hooks.github_sender import FORGE, Fields, Sent, who
from bot.hooks.words import asks
from worker.closing import meant
from worker.jobs import ChangeRef, Ignored, OpinionJob, Remark, RemarkJob
from worker.marks import fingerprint_in, is_ours

SIGNALS = {"resolved": "resolved", "unresolved": "reopened"}
LARGEST_LINE = 2**31 - 1


def issue_comment(sent: Sent) -> RemarkJob | Ignored:
    """A command under a pull request."""
    if sent.action != "created":
        return Ignored(f"the action {shown(sent.action)} of issue_comment asks for nothing")
    issue, comment = inner(sent.delivery, "issue"), inner(sent.delivery, "comment")
    if not inner_or_empty(issue, "pull_request"):
        return Ignored("a comment on an issue, not on a pull request")
    number = whole(issue, "number", largest=LARGEST_NUMBER)
    return _remark(sent, ChangeRef(FORGE, sent.repo, number, ""), comment)


def review_comment(sent: Sent) -> RemarkJob | Ignored:
    """A command or code on lines of a pull request."""
    if sent.action not in {"created", "edited"}:
        return Ignored(f"the action {shown(sent.action)} of a review comment asks for nothing")
    comment = inner(sent.delivery, "comment")
    thread = _id(comment, "in_reply_to_id") or _id(comment, "id")
    return _remark(sent, sent.pull(), comment, thread=thread)


def review(sent: Sent) -> RemarkJob | Ignored:
    """A command or code in the words of a submitted review; its comments come by themselves."""
    if sent.action != "submitted":
        return Ignored(f"the action {shown(sent.action)} of a review asks for nothing")
    return _remark(sent, sent.pull(), inner(sent.delivery, "review"), kind="review-")


def thread(sent: Sent) -> OpinionJob | Ignored:
    """An opinion on a comment of ours whose thread a person closed or opened."""
    signal = SIGNALS.get(sent.action)
    if signal is None:
        return Ignored(f"the action {shown(sent.action)} of a thread says nothing")
    author, is_bot = sent.sender
    if is_bot:
        return Ignored("a program closed or opened the thread: that is nobody's opinion")
    listed = inner(sent.delivery, "thread").get("comments")
    comments = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    fingerprint = fingerprint_in(fields.text_or_empty(comments[0], "body")) if comments else ""
    if not fingerprint:
        return Ignored("a thread that is none of ours")
    reason = ""
    if signal == "resolved":
        told, reason = meant(_last_words(comments[1:]))
        signal = told.value
    return OpinionJob(
        change=sent.pull(),
        delivery_id=sent.id,
        event=sent.name,
        fingerprint=fingerprint,
        signal=signal,
        source="thread",
        author=author,
        is_own=bool(author) and author == who(inner(sent.delivery, "pull_request"), "user")[0],
        reason=reason,
    )


def _last_words(replies: Sequence[Fields]) -> str:
    """What a person said last in a thread; a program's words are nobody's reason."""
    said = (
        fields.text_or_empty(one, "body") for one in reversed(replies) if not who(one, "user")[1]
    )
    return next((body for body in said if body and not is_ours(body)), "")


def _remark(
    sent: Sent, change: ChangeRef, comment: Fields, *, thread: str = "", kind: str = ""
) -> RemarkJob | Ignored:
    body = fields.text_or_empty(comment, "body")
    author, is_bot = who(comment, "user")
    if is_ours(body):
        return Ignored("our own words")
    if not asks(body, is_bot=is_bot):
        return Ignored("words without a command and without code that is suggested")
    start, end = _lines(comment)
    remark = Remark(
        change=change,
        id=f"{kind}{whole(comment, 'id', largest=LARGEST_ID)}",
        thread=thread,
        author=author or "ghost",
        is_bot=is_bot,
        body=body,
        path=text(comment, "path") if end else "",
        start_line=start,
        end_line=end,
    )
    return RemarkJob(remark, sent.id, sent.name, sent.installation_id)


def _lines(comment: Fields) -> tuple[int, int]:
    """First and last line on the new side, 0 where the words stand on none."""
    if comment.get("line") is None or comment.get("side") == "LEFT":
        return 0, 0
    end = whole(comment, "line", largest=LARGEST_LINE)
    if comment.get("start_line") is None or comment.get("start_side") == "LEFT":
        return end, end
    return min(whole(comment, "start_line", largest=LARGEST_LINE), end), end


def _id(comment: Fields, key: str) -> str:
    return "" if comment.get(key) is None else str(whole(comment, key, largest=LARGEST_ID))
