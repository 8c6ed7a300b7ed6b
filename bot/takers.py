"""Act on the jobs that ask for no review: store each, then queue what is to be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.webhook import NotStored
from worker.feedback import Feedback, Signal
from worker.fuse import Send
from worker.jobs import GroupJob, Job, OpinionJob, RemarkJob
from worker.queue import BrokerDown, Stage
from worker.store import asks, groups, learning

Take = Callable[[Job], str]


def takers(engine: Engine, send: Send) -> Mapping[type[Job], Take]:
    """What takes each type of job; each raises NotStored where the database does not.

    send  queues a stage of a row; raises BrokerDown
    """

    def remark(job: Job) -> str:
        assert isinstance(job, RemarkJob)
        ask_id = asks.record(engine, job, now=datetime.now(UTC))
        return _queued(send, "hear", ask_id, f"the words on {_where(job.remark.change.key)}")

    def group(job: Job) -> str:
        assert isinstance(job, GroupJob)
        group_id = groups.record(engine, job, now=datetime.now(UTC))
        return _queued(send, "group", group_id, f"the check of {job.change.key}")

    def opinion(job: Job) -> str:
        assert isinstance(job, OpinionJob)
        given = Feedback(
            forge=job.change.forge,
            delivery_id=job.delivery_id,
            repo=job.change.repo,
            number=job.change.number,
            fingerprint=job.fingerprint,
            signal=Signal(job.signal),
            author=job.author,
            is_own=job.is_own,
            reason=job.reason,
        )
        learning.record(engine, given, now=datetime.now(UTC))
        return f"an opinion on {_where(job.change.key)} is kept"

    return {RemarkJob: _stored(remark), GroupJob: _stored(group), OpinionJob: _stored(opinion)}


def _stored(take: Take) -> Take:
    """`take`, with a database that fails as the receiver knows it."""

    def taken(job: Job) -> str:
        try:
            return take(job)
        except SQLAlchemyError as error:
            raise NotStored("the database does not take it now") from error

    return taken


def _queued(send: Send, stage: Stage, row_id: int, what: str) -> str:
    try:
        send(stage, row_id)
    except BrokerDown:
        return f"{what} is recorded and will be queued later"
    return f"{what} is queued"


def _where(key: str) -> str:
    return key.partition("@")[0]
