"""Acts: records the deliveries that came at the same moment, with the same few statements.

A statement costs a receiver more than a row in it: what `worker.store.deliveries` does for one
delivery, this does for as many as wait. Where two of them are about one change, or where a head is
known already, it leaves them to the way of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Engine,
    String,
    Table,
    bindparam,
    column,
    func,
    insert,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects import postgresql

from worker.jobs import ChangeRef, ReviewJob
from worker.store.deliveries import (
    FIRST_SEND_AGAIN_S,
    UNFINISHED,
    Recorded,
    record_one,
    supersede_others,
    waiting_before,
)
from worker.store.engine import INSERT, names_one_at_a_time, writing
from worker.store.page_tables import review_events
from worker.store.tables import UtcDateTime, deliveries, reviews
from worker.turns import COUNTED, turn_of
from worker.types import State

Rows = Sequence[Mapping[str, object]]
Id = tuple[str, str]  # forge and delivery id
Place = tuple[str, str, int]  # forge, repository and number: a change whatever its head


def record_all(
    engine: Engine,
    jobs: Sequence[ReviewJob],
    *,
    now: datetime,
    send_again_s: float = FIRST_SEND_AGAIN_S,
) -> list[Recorded]:
    """As `deliveries.record` for one after the other, in one transaction: all or none."""
    with writing(engine) as connection:
        names_one_at_a_time(connection, sorted({_place(one.change) for one in jobs}))
        known = _known(connection, jobs)
        alone = _alone([one for one in jobs if _id(one) not in known])
        made = _make(connection, alone, now=now, due_at=now + timedelta(seconds=send_again_s))
        return [
            made.get(_id(one)) or record_one(connection, one, now=now, send_again_s=send_again_s)
            for one in jobs
        ]


def _alone(jobs: Sequence[ReviewJob]) -> list[ReviewJob]:
    """Those that no other job of the round has anything to do with."""
    places = Counter(_place(one.change) for one in jobs)
    ids = Counter(_id(one) for one in jobs)
    return [
        one
        for one in jobs
        if places[_place(one.change)] == 1 and ids[_id(one)] == 1 and not one.is_again
    ]


def _make(
    connection: Connection, jobs: Sequence[ReviewJob], *, now: datetime, due_at: datetime
) -> dict[Id, Recorded]:
    """New reviews by their deliveries, both stored; without those whose head has one."""
    if not jobs:
        return {}
    turns = _turns(connection, jobs, now=now)
    rows = [
        {
            "key": one.change.key,
            "forge": one.change.forge,
            "repo": one.change.repo,
            "number": one.change.number,
            "head_sha": one.change.head_sha,
            "installation_id": one.installation_id,
            "state": State.QUEUED.value,
            "due_at": due_at,
            "turn_at": turn,
            "created_at": now,
            "updated_at": now,
        }
        for one, turn in zip(jobs, turns, strict=True)
    ]
    created = _created(connection, rows)
    ids = {key: review_id for review_id, key in created}
    new = [(one, ids[one.change.key]) for one in jobs if one.change.key in ids]
    if new:
        _supersede(connection, [one for one, _ in new], now=now)
        _write_down(connection, new, now=now)
    return {_id(one): Recorded(review_id, is_new=True) for one, review_id in new}


def _created(connection: Connection, rows: Rows) -> Sequence[tuple[int, str]]:
    """Ids and keys of the rows that were new."""
    if connection.dialect.name == "postgresql":
        found = connection.execute(_CREATE_BY_COLUMN, _columns(rows))
    else:
        found = connection.execute(_CREATE, rows)
    return [(review_id, key) for review_id, key in found]


def _columns(rows: Rows) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _turns(connection: Connection, jobs: Sequence[ReviewJob], *, now: datetime) -> list[datetime]:
    """The turn of each job, as if those before it in the round stood in the queue already."""
    last, count = _waiting(connection, jobs)
    turns = []
    for one in jobs:
        where, whose = (one.change.forge, one.change.repo), one.installation_id
        turn = turn_of(now, repository=last[where], installation=count[whose])
        last[where] = turn
        if whose is not None:
            count[whose] = min(count[whose] + 1, COUNTED)
        turns.append(turn)
    return turns


def _waiting(
    connection: Connection, jobs: Sequence[ReviewJob]
) -> tuple[dict[tuple[str, str], datetime | None], dict[int | None, int]]:
    """The last turn in each repository, and how many wait of each installation."""
    places = {(one.change.forge, one.change.repo): one for one in jobs}
    if connection.dialect.name == "postgresql" and len(places) > 1:
        forges, repos = zip(*places, strict=True)
        owners = list({one.installation_id for one in jobs} - {None})
        turns = connection.execute(_LAST_TURNS, {"forges": [*forges], "repos": [*repos]})
        counts = (
            connection.execute(_COUNTS, {"ids": owners, "most": COUNTED}).all() if owners else []
        )
        known = {(row.forge, row.repo): row.turn_at for row in turns}
        return known, {None: 0, **{row.id: row.waiting for row in counts}}
    last: dict[tuple[str, str], datetime | None] = {}
    count: dict[int | None, int] = {None: 0}
    for one in jobs:
        where, whose = (one.change.forge, one.change.repo), one.installation_id
        if where not in last or whose not in count:
            before = waiting_before(connection, one.change, whose)
            last.setdefault(where, before.last_turn)
            count.setdefault(whose, before.installation)
    return last, count


def _supersede(connection: Connection, jobs: Sequence[ReviewJob], *, now: datetime) -> None:
    """End what goes on for other heads of these changes."""
    found = connection.execute(
        _OTHERS,
        {
            "places": [_place(one.change) for one in jobs],
            "keys": [one.change.key for one in jobs],
        },
    ).all()
    busy = {tuple(row) for row in found}
    for one in jobs:
        if _place(one.change) in busy:
            supersede_others(connection, one.change, now=now)


def _write_down(
    connection: Connection, new: Sequence[tuple[ReviewJob, int]], *, now: datetime
) -> None:
    queued, received = [], []
    for one, of in new:
        queued.append({"review_id": of, "event": State.QUEUED.value, "detail": "", "at": now})
        received.append(
            {
                "forge": one.change.forge,
                "delivery_id": one.delivery_id,
                "event": one.event,
                "review_id": of,
                "received_at": now,
            }
        )
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTE_BY_COLUMN, _columns(queued))
        connection.execute(_RECEIVE_BY_COLUMN, _columns(received))
    else:
        connection.execute(insert(review_events), queued)
        connection.execute(insert(deliveries), received)


def _known(connection: Connection, jobs: Sequence[ReviewJob]) -> set[Id]:
    found = connection.execute(_KNOWN, {"ids": [_id(one) for one in jobs]}).all()
    return {(forge, delivery_id) for forge, delivery_id in found}


def _id(job: ReviewJob) -> Id:
    return job.change.forge, job.delivery_id


def _place(change: ChangeRef) -> Place:
    return change.forge, change.repo, change.number


# Built once: building a statement costs more than running it.
_KNOWN = select(deliveries.c.forge, deliveries.c.delivery_id).where(
    tuple_(deliveries.c.forge, deliveries.c.delivery_id).in_(bindparam("ids", expanding=True))
)
_CREATE = INSERT["sqlite"](reviews).on_conflict_do_nothing().returning(reviews.c.id, reviews.c.key)


def _by_column(table: Table, *names: str) -> postgresql.Insert:
    """Inserts any number of rows by one text, which is prepared once: PostgreSQL takes arrays."""
    # Strings without a length: a cast would cut what is too long, and nobody would notice.
    types = {
        name: String() if isinstance(table.c[name].type, String) else table.c[name].type
        for name in names
    }
    given = func.unnest(
        *(bindparam(name, type_=postgresql.ARRAY(kind)) for name, kind in types.items())
    ).table_valued(*(column(name, kind) for name, kind in types.items()))
    rows = given.render_derived(name="given")
    return postgresql.insert(table).from_select(
        list(names), select(*(rows.c[name] for name in names))
    )


_CREATE_BY_COLUMN = (
    _by_column(
        reviews,
        *("key", "forge", "repo", "number", "head_sha", "installation_id", "state"),
        *("due_at", "turn_at", "created_at", "updated_at"),
    )
    .on_conflict_do_nothing()
    .returning(reviews.c.id, reviews.c.key)
)
_NOTE_BY_COLUMN = _by_column(review_events, "review_id", "event", "detail", "at")
_RECEIVE_BY_COLUMN = _by_column(
    deliveries, "forge", "delivery_id", "event", "review_id", "received_at"
)
_OTHERS = (
    select(reviews.c.forge, reviews.c.repo, reviews.c.number)
    .where(
        tuple_(reviews.c.forge, reviews.c.repo, reviews.c.number).in_(
            bindparam("places", expanding=True)
        ),
        reviews.c.key.not_in(bindparam("keys", expanding=True)),
        reviews.c.state.in_(UNFINISHED),
    )
    .distinct()
)
# One look at an index for each repository and state, however long the queue is.
_LAST_TURNS = text(
    "SELECT asked.forge, asked.repo, greatest("
    "(SELECT turn_at FROM reviews WHERE forge = asked.forge AND repo = asked.repo"
    " AND state = 'queued' ORDER BY turn_at DESC LIMIT 1), "
    "(SELECT turn_at FROM reviews WHERE forge = asked.forge AND repo = asked.repo"
    " AND state = 'prepared' ORDER BY turn_at DESC LIMIT 1)) AS turn_at "
    "FROM unnest(CAST(:forges AS text[]), CAST(:repos AS text[])) AS asked (forge, repo)"
).columns(forge=String, repo=String, turn_at=UtcDateTime)
_COUNTS = text(
    "SELECT asked.id, (SELECT count(*) FROM (SELECT 1 FROM reviews"
    " WHERE installation_id = asked.id AND state IN ('queued', 'prepared')"
    " LIMIT :most) AS found) AS waiting "
    "FROM unnest(CAST(:ids AS bigint[])) AS asked (id)"
)
