"""Two of the load's bars that need no receiver: scaling of gpu workers, and cost per row. Acts."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

from fleet import Fleet, fleet, sha_of, wait_until
from sqlalchemy import Engine, text

from judge.types import Snippet, SnippetKind
from worker.jobs import ChangeRef, ReviewJob
from worker.queue import make_app, send
from worker.store import arrows, claims, deliveries
from worker.store.engine import open_engine, writing
from worker.store.migrate import upgrade
from worker.types import State

SNIPPET = Snippet("a.py", "python", 1, 2, "def f():\n    return 1\n", SnippetKind.FUNCTION, "f")
SLEEP_S = 0.4
FEW, MANY = 100, 100_000
ROUNDS, WARM_UP = 120, 10


def gpu(scale: float) -> dict[str, object]:
    """Reviews a second of two gpu workers, over those of one. The judge waits a fixed time."""
    n = max(int(400 * scale), 24)
    seconds = {}
    with fleet(snippet_s=SLEEP_S) as town:
        town.start("redis")
        for workers in (1, 2):
            names = [f"gpu-{i + 1}" for i in range(workers)]
            town.start(*names)
            _score(town, 2 * workers, tag=f"warm{workers}")  # opens the judge in each child
            seconds[workers] = _score(town, n, tag=f"run{workers}")
            for name in names:
                town.kill(name)
    ratio = seconds[1] / seconds[2]
    return {
        "reviews": n,
        "one_worker_s": round(seconds[1], 2),
        "two_workers_s": round(seconds[2], 2),
        "ratio": round(ratio, 2),
        "is_well": ratio >= 1.9,
    }


def _score(town: Fleet, n: int, *, tag: str) -> float:
    """Seconds until `n` prepared reviews are scored."""
    app = make_app(f"redis+socket://{town.home}/redis.sock", answer_timeout_s=5)
    now = datetime.now(UTC)
    ids = [_record(town.engine, f"{tag}/r{i}", now, tag) for i in range(n)]
    for review_id in ids:
        _prepare(town.engine, review_id, now)
    started = time.monotonic()
    for review_id in ids:
        send(app, "score", review_id)
    names = "', '".join(f"{tag}/r{i}" for i in range(n))
    done = f"SELECT count(*) FROM reviews WHERE state = 'scored' AND repo IN ('{names}')"
    if not wait_until(lambda: town.scalar(done) == n, "the scores", 60 + n):
        raise SystemExit(f"not scored in time\n{town.last_words()}")
    app.close()
    return time.monotonic() - started


def flat(scale: float) -> dict[str, object]:
    """What the database takes for one review, with 100 rows in it and with 100,000.

    The two databases lie on one server and take turns, so that a busy machine slows both alike.
    """
    many = max(int(MANY * scale), 2_000)
    with fleet(is_durable=False) as town:  # the disk's wait for a commit depends on no row
        engines = []
        for name, rows in (("few", FEW), ("many", many)):
            url = f"sqlite:///{town.home / name}.sqlite"
            url = town.database.create(name) if town.database else url
            upgrade(url)
            engines.append(open_engine(url))
            _fill(engines[-1], 0, rows)
        times = [[_cost(engine, i) for engine in engines] for i in range(ROUNDS)]
        for engine in engines:
            engine.dispose()
    few_s, many_s = (statistics.median(column) for column in zip(*times[WARM_UP:], strict=True))
    ratio = statistics.median(b / a for a, b in times[WARM_UP:])
    return {
        "rows": many,
        "ms_at_100_rows": round(few_s * 1000, 2),
        "ms_at_many_rows": round(many_s * 1000, 2),
        "ratio": round(ratio, 3),
        "is_well": ratio <= 1.10,
    }


def _fill(engine: Engine, first: int, last: int) -> None:
    """Published reviews with a delivery each, as a long life leaves them behind."""
    now = datetime.now(UTC) - timedelta(days=1)
    columns = (
        "id, key, forge, repo, number, head_sha, state, reason, conclusion, attempts, postponed, "
        "sends, turn_at, base_sha, title, check_open, check_was_open, forge_review_id, check_id, "
        "comment_ids, created_at, updated_at"
    )
    values = (
        ":id, :key, 'github', :repo, :id, :sha, 'published', '', 'passed', 0, 0, 0, :now, 'b', "
        "'t', :no, :no, '', '', '[]', :now, :now"
    )
    rows = [
        {
            "id": 1_000_000 + i,
            "key": f"k{i}",
            "repo": f"old/r{i % 500}",
            "sha": sha_of("old", i),
            "now": now if engine.dialect.name != "sqlite" else now.replace(tzinfo=None),
            "no": False,
        }
        for i in range(first, last)
    ]
    received = "(forge, delivery_id, event, review_id, received_at)"
    with writing(engine) as connection:
        for at in range(0, len(rows), 5000):
            part = rows[at : at + 5000]
            connection.execute(text(f"INSERT INTO reviews ({columns}) VALUES ({values})"), part)
            connection.execute(
                text(f"INSERT INTO deliveries {received} VALUES ('github', :key, 'x', :id, :now)"),
                [{"key": one["key"], "id": one["id"], "now": one["now"]} for one in part],
            )
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def _cost(engine: Engine, i: int) -> float:
    """Seconds of every statement that a review's way through the database takes."""
    now = datetime.now(UTC)
    before = time.perf_counter()
    review_id = _record(engine, f"new/r{i % 20}", now, f"new{i}", number=i + 1)
    claim = {"now": now, "lease_s": 60.0, "per_installation": 8}
    row = claims.begin_next(engine, [State.QUEUED], **claim)  # type: ignore[arg-type]
    assert row is not None
    assert row.id == review_id
    _prepare(engine, review_id, now)
    assert claims.begin_next(engine, [State.PREPARED], **claim)  # type: ignore[arg-type]
    arrows.end(engine, review_id, State.IGNORED, reason="", check_open=False, now=now)
    return time.perf_counter() - before


def _record(engine: Engine, repo: str, now: datetime, tag: str, *, number: int = 1) -> int:
    job = ReviewJob(ChangeRef("github", repo, number, sha_of(tag, repo)), f"{tag}{repo}", "opened")
    return deliveries.record(engine, job, now=now).review_id


def _prepare(engine: Engine, review_id: int, now: datetime) -> None:
    arrows.save_prepared(
        engine,
        review_id,
        base_sha="b",
        title="t",
        rules=None,
        to_judge=[SNIPPET],
        left_out=[],
        spent_s=0.1,
        now=now,
        due_at=now + timedelta(seconds=600),
    )
