"""Acts: keeps what somebody asked in words, and moves it by one arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, Engine, Row, and_, delete, func, insert, or_, select, update

from judge.types import Verdict
from worker.jobs import ChangeRef, Remark, RemarkJob
from worker.store.candidates import candidate_values
from worker.store.engine import insert_if_new, one_at_a_time, reading, writing
from worker.store.snippets import verdict_values
from worker.store.tables import UNTRIED
from worker.store.talk_tables import asks, candidates
from worker.suggestions import Candidate

FIRST_SEND_AGAIN_S = 20.0


class AskState(Enum):
    """Where an ask stands."""

    RECEIVED = "received"
    READY = "ready"  # its candidates are to be weighed
    WEIGHED = "weighed"
    ANSWERED = "answered"
    DROPPED = "dropped"  # it wants no answer
    FAILED = "failed"


UNFINISHED = (AskState.RECEIVED.value, AskState.READY.value, AskState.WEIGHED.value)


@dataclass(frozen=True, slots=True)
class Ask:
    """A stored ask.

    asked      the command's verb, "judge" for code that was suggested, "" while unread
    attempts   starts of the present stage that never came back
    postponed  times that the forge was unavailable in the present stage
    """

    id: int
    remark: Remark
    delivery_id: str
    installation_id: int | None
    state: AskState
    asked: str
    reason: str
    attempts: int
    postponed: int


def record(engine: Engine, job: RemarkJob, *, now: datetime) -> int:
    """The id of the ask that a delivery brings.

    A known delivery changes nothing, nor does another one of the same words: a remark that two
    hooks deliver at once would else be answered by two workers that do not see each other.
    """
    remark = job.remark
    values = {
        "forge": remark.change.forge,
        "repo": remark.change.repo,
        "number": remark.change.number,
        "head_sha": remark.change.head_sha,
        "installation_id": job.installation_id,
        "delivery_id": job.delivery_id,
        "event": job.event,
        "comment_id": remark.id,
        "thread": remark.thread,
        "author": remark.author,
        "is_bot": remark.is_bot,
        "body": remark.body,
        "path": remark.path,
        "start_line": remark.start_line,
        "end_line": remark.end_line,
        "state": AskState.RECEIVED.value,
        "due_at": now + timedelta(seconds=FIRST_SEND_AGAIN_S),
        "created_at": now,
        "updated_at": now,
    }
    same_words = and_(
        asks.c.repo == remark.change.repo,
        asks.c.number == remark.change.number,
        asks.c.comment_id == remark.id,
        asks.c.body == remark.body,
    )
    known = select(asks.c.id).where(
        asks.c.forge == remark.change.forge,
        or_(asks.c.delivery_id == job.delivery_id, same_words),
    )
    with writing(engine) as connection:
        one_at_a_time(connection, "ask", remark.change.forge, remark.change.repo, remark.id)
        found = connection.execute(known.order_by(asks.c.id).limit(1)).scalar_one_or_none()
        if found is not None:
            return int(found)
        created = insert_if_new(connection, asks, values)
        if created is not None:
            return created
        return int(connection.execute(known.limit(1)).scalar_one())


def begin(
    engine: Engine, ask_id: int, state: AskState, *, now: datetime, lease_s: float
) -> Ask | None:
    """Claim an ask that stands in `state`, as it was before; None where it does not, or is held."""
    until = now + timedelta(seconds=lease_s)
    claim = (
        update(asks)
        .where(
            asks.c.id == ask_id,
            asks.c.state == state.value,
            or_(asks.c.busy_until.is_(None), asks.c.busy_until <= now),
        )
        .values(attempts=asks.c.attempts + 1, busy_until=until, due_at=until, updated_at=now)
        .returning(*asks.columns)
    )
    with writing(engine) as connection:
        row = connection.execute(claim).one_or_none()
        return None if row is None else _stored(row, attempts=row.attempts - 1)


def touch(engine: Engine, ask: Ask, *, until: datetime) -> None:
    """Extend the claim on an ask: its worker is alive."""
    with writing(engine) as connection:
        _changed(connection, ask.id, ask.state, busy_until=until, due_at=until)


def save_ready(
    engine: Engine,
    ask: Ask,
    found: Sequence[Candidate],
    *,
    asked: str,
    now: datetime,
    due_at: datetime,
) -> bool:
    """received → ready, with what is to be weighed; False where it was no longer received."""
    with writing(engine) as connection:
        moved = _move(connection, ask, AskState.READY, asked=asked, now=now, due_at=due_at)
        if moved:
            connection.execute(delete(candidates).where(candidates.c.ask_id == ask.id))
            connection.execute(insert(candidates), candidate_values(found, ask_id=ask.id))
        return moved


def save_weighed(
    engine: Engine,
    ask: Ask,
    verdicts: Sequence[Verdict],
    *,
    now: datetime,
    due_at: datetime,
    reason: str = "",
) -> bool:
    """ready → weighed, with one verdict per candidate in order; False where it was not ready.

    reason  why there are no verdicts
    """
    with writing(engine) as connection:
        if not _move(connection, ask, AskState.WEIGHED, now=now, due_at=due_at, reason=reason):
            return False
        for position, verdict in enumerate(verdicts):
            connection.execute(
                update(candidates)
                .where(candidates.c.ask_id == ask.id, candidates.c.position == position)
                .values(**verdict_values(verdict))
            )
        return True


def end(
    engine: Engine,
    ask: Ask,
    state: AskState,
    *,
    now: datetime,
    reason: str = "",
    answer_id: str = "",
    asked: str = "",
) -> bool:
    """Unfinished → answered, dropped or failed; False where it had ended."""
    return _ended(engine, ask, state, now=now, reason=reason, answer_id=answer_id, asked=asked)


def postpone(engine: Engine, ask: Ask, *, reason: str, not_before: datetime) -> bool:
    """Give a claimed ask back; nobody may begin it before `not_before`."""
    with writing(engine) as connection:
        return _changed(
            connection,
            ask.id,
            ask.state,
            reason=reason,
            attempts=ask.attempts,
            postponed=asks.c.postponed + 1,
            busy_until=not_before,
            due_at=not_before,
        )


def claim_due(
    engine: Engine, *, now: datetime, wait_s: float, limit: int = 200
) -> list[tuple[int, AskState]]:
    """Asks that nobody touched in time, the longest overdue first; each is returned once."""
    with writing(engine) as connection:
        rows = connection.execute(
            select(asks.c.id, asks.c.state)
            .where(asks.c.due_at <= now)
            .order_by(asks.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        later = now + timedelta(seconds=wait_s)
        ids = [row.id for row in rows]
        if ids:
            again = {"due_at": later, "sends": asks.c.sends + 1}
            connection.execute(update(asks).where(asks.c.id.in_(ids)).values(**again))
        return [(row.id, AskState(row.state)) for row in rows]


def get(engine: Engine, ask_id: int) -> Ask | None:
    """The ask with that id, or None."""
    with reading(engine) as connection:
        row = connection.execute(select(asks).where(asks.c.id == ask_id)).one_or_none()
        return None if row is None else _stored(row, attempts=row.attempts)


def bot_answers(engine: Engine, change: ChangeRef) -> int:
    """How many remarks of other bots on a change were answered."""
    with reading(engine) as connection:
        counted = select(func.count()).where(
            asks.c.forge == change.forge,
            asks.c.repo == change.repo,
            asks.c.number == change.number,
            asks.c.is_bot,
            asks.c.state == AskState.ANSWERED.value,
        )
        return int(connection.execute(counted).scalar_one())


def _ended(engine: Engine, ask: Ask, state: AskState, *, now: datetime, **values: str) -> bool:
    kept = {name: value for name, value in values.items() if value}
    with writing(engine) as connection:
        return _move(connection, ask, state, now=now, due_at=None, **kept)


def _move(
    connection: Connection,
    ask: Ask,
    after: AskState,
    *,
    now: datetime,
    due_at: datetime | None,
    **values: object,
) -> bool:
    moved = {"state": after.value, **UNTRIED, "due_at": due_at, "updated_at": now, **values}
    return _changed(connection, ask.id, ask.state, **moved)


def _changed(connection: Connection, ask_id: int, before: AskState, **values: object) -> bool:
    done = connection.execute(
        update(asks).where(asks.c.id == ask_id, asks.c.state == before.value).values(**values)
    )
    return done.rowcount == 1


def _stored(row: Row[*tuple[object, ...]], *, attempts: int) -> Ask:
    remark = Remark(
        change=ChangeRef(row.forge, row.repo, row.number, row.head_sha),
        id=row.comment_id,
        thread=row.thread,
        author=row.author,
        is_bot=row.is_bot,
        body=row.body,
        path=row.path,
        start_line=row.start_line,
        end_line=row.end_line,
    )
    return Ask(
        id=row.id,
        remark=remark,
        delivery_id=row.delivery_id,
        installation_id=row.installation_id,
        state=AskState(row.state),
        asked=row.asked,
        reason=row.reason,
        attempts=attempts,
        postponed=row.postponed,
    )
