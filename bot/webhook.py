"""Take deliveries: check, read, record, send, answer. Acts through what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from bot import counts
from bot.body import Crowded, Reader
from bot.hooks import github, gitlab
from bot.hooks.types import Hook, Malformed, Unsigned
from worker import tracing
from worker.jobs import Ignored, Job, ReviewJob

HOOKS: Mapping[str, Hook] = {github.FORGE: github, gitlab.FORGE: gitlab}

log = structlog.get_logger("gavel.receiver")


class NotStored(Exception):
    """A delivery could not be recorded: its sender has to deliver it again."""


class NotSent(Exception):
    """A recorded review could not be queued now; the sweep will do it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the receiver works with.

    secrets  webhook secret by forge; a forge without one is unknown here
    record   stores a job and returns its review's id, committed; raises NotStored
    send     queues a review by id; raises NotSent
    takers   stores and queues a job that asks for no review, by the job's type, and says in a
             clause what becomes of it; raises NotStored. Without one such a job is ignored
    reader   reads the bodies of requests
    """

    secrets: Mapping[str, str]
    record: Callable[[ReviewJob], int]
    send: Callable[[int], None]
    takers: Mapping[type[Job], Callable[[Job], str]] = field(default_factory=dict)
    reader: Reader = field(default_factory=Reader)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: an HTTP status, a word, and a sentence.

    change     key of the change that it is about, for the log, or ""
    review_id  the review that it is for, or None; the lines of the workers name it, too
    """

    code: int
    status: str
    reason: str
    change: str = ""
    review_id: int | None = None

    def response(self) -> ResponseReturnValue:
        """As Flask wants it."""
        return {"status": self.status, "reason": self.reason}, self.code


def routes(desk: Desk) -> Blueprint:
    """The route that every forge posts to."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post("/webhooks/<forge>")
    def deliver(forge: str) -> ResponseReturnValue:
        if forge not in HOOKS or forge not in desk.secrets:
            expected = ", ".join(sorted(HOOKS.keys() & desk.secrets.keys()))
            return Answer(404, "refused", f"unknown forge: expected {expected}").response()
        started = time.perf_counter()
        headers = dict(request.headers)
        answer = _answer(forge, headers, desk)
        log.info(
            "delivery",
            forge=forge,
            delivery_id=HOOKS[forge].delivery_id(headers),
            change=answer.change,
            review_id=answer.review_id,
            answer=answer.code,
            reason=answer.reason,
        )
        counts.answered(forge, answer.code, time.perf_counter() - started)
        return answer.response()

    return blueprint


def _answer(forge: str, headers: Mapping[str, str], desk: Desk) -> Answer:
    """Read the body, and handle the delivery while it is held."""
    try:
        with desk.reader.reading(request) as body:
            if body is None:
                return Answer(413, "refused", "the body is larger than any delivery may be")
            with tracing.span("delivery", forge=forge):
                return answer_to(forge, headers, body, desk)
    except Crowded as refusal:
        return Answer(429, "refused", str(refusal))


def answer_to(forge: str, headers: Mapping[str, str], body: bytes, desk: Desk) -> Answer:
    """Handle one delivery of a known forge. Nothing is parsed before its signature is right."""
    hook = HOOKS[forge]
    try:
        hook.verify(headers, body, desk.secrets[forge])
        asked = hook.parse(headers, body)
    except Unsigned as refusal:
        return Answer(401, "refused", str(refusal))
    except Malformed as refusal:
        return Answer(400, "refused", str(refusal))
    if isinstance(asked, Ignored):
        return Answer(202, "ignored", asked.reason)
    return _accept(asked, desk) if isinstance(asked, ReviewJob) else _hand_on(asked, desk)


def _hand_on(job: Job, desk: Desk) -> Answer:
    """Let whoever takes jobs of this type have it."""
    take = desk.takers.get(type(job))
    if take is None:
        return Answer(202, "ignored", f"{job.event} asks for nothing that is done here")
    try:
        return Answer(202, "accepted", take(job))
    except NotStored as failure:
        return Answer(503, "failed", f"{failure}; deliver it again later")


def _accept(job: ReviewJob, desk: Desk) -> Answer:
    """Record a job, then send it. Once it is recorded, nothing can make the answer a refusal."""
    change = job.change.key
    try:
        review_id = desk.record(job)
    except NotStored as failure:
        return Answer(503, "failed", f"{failure}; deliver it again later", change)
    try:
        desk.send(review_id)
    except NotSent:
        later = f"{change} is recorded and will be queued later"
        return Answer(202, "accepted", later, change, review_id)
    return Answer(202, "accepted", f"{change} is queued", change, review_id)
