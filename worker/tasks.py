"""Acts: the composition root of worker processes, and the Celery tasks, which hold no rules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Literal

from celery import Celery, Task  # type: ignore[import-untyped]
from celery.signals import setup_logging  # type: ignore[import-untyped]

from judge.registry import DEFAULT_MODEL
from judge.types import Judge
from worker import asking, groups, hindsight, metrics_server, missed, stages, tracing
from worker.desk import Desk
from worker.forges.base import Forge
from worker.forges.open import open_forge
from worker.forges.open_inbox import open_inboxes
from worker.jobs import ChangeRef
from worker.patience import Patience
from worker.pulled import model_problem
from worker.queue import WORKER_TIMEOUT_S, broker_problem, make_app, send, task_name
from worker.remembering import remembering
from worker.settings import WorkerSettings
from worker.store import tenants
from worker.store.asks import Ask
from worker.store.engine import open_engine
from worker.store.groups import Group
from worker.store.paces import StoredMemory
from worker.store.reviews import StoredReview
from worker.telemetry import set_up_logging
from worker.turns import Turns

LoadJudge = Callable[[], Judge]
EXPIRE_EVERY_S = 3600.0
EXPIRE_MOST = 20_000  # rows of a table at a time: a backlog of years takes some hours
LAST_WORDS_S = 10  # between the exception that tells a task its time is up, and its end


def build(settings: WorkerSettings, *, load_judge: LoadJudge | None = None) -> Celery:
    """The app of a worker process, with its tasks and the sweep's schedule.

    load_judge  opens the judge at the first score task; None: the one that the settings name
    """
    app = make_app(
        settings.broker_url,
        longest_task_s=max(settings.io_limit_s, settings.gpu_limit_s) + LAST_WORDS_S,
        answer_timeout_s=WORKER_TIMEOUT_S,
    )
    app.conf.update(
        worker_proc_alive_timeout=60.0,  # a child may be slow to start on a busy machine
        worker_enable_remote_control=False,
        beat_schedule={
            "sweep": {
                "task": task_name("sweep"),
                "schedule": settings.sweep_every_s,
                "options": {"expires": settings.sweep_every_s},
            },
            "reconcile": {
                "task": task_name("reconcile"),
                "schedule": settings.reconcile_every_s,
                "options": {"expires": settings.reconcile_every_s},
            },
            **_history(settings),
            **_retention(settings),
        },
    )
    register(app, settings, load_judge=load_judge or partial(load_configured_judge, settings))
    return app


def _history(settings: WorkerSettings) -> dict[str, dict[str, object]]:
    """When later history is asked about judged code, where it is at all."""
    every_s = settings.history_every_s
    entry = {"task": task_name("look_back"), "schedule": every_s, "options": {"expires": every_s}}
    return {"look_back": entry} if every_s else {}


def _retention(settings: WorkerSettings) -> dict[str, dict[str, object]]:
    """When what has ended is deleted, where it is at all."""
    entry = {
        "task": task_name("expire"),
        "schedule": EXPIRE_EVERY_S,
        "options": {"expires": EXPIRE_EVERY_S},
    }
    return {"expire": entry} if settings.keep_days else {}


def register(app: Celery, settings: WorkerSettings, *, load_judge: LoadJudge) -> None:
    """Give `app` its tasks. The database and the judge are opened by the first task that needs
    them, in the child that runs it: nothing that a fork must not share exists before."""
    desk = cache(partial(_desk, app, settings))
    judge_of = cache(partial(_judge, desk, settings, load_judge))
    opened = _Opened(settings, desk)

    def prepare(review_id: int) -> None:
        stages.prepare(desk(), review_id, forge_of=opened.of_review)

    def score(task: Task, review_id: int) -> None:
        again = bool((task.request.delivery_info or {}).get("redelivered"))
        stages.score(desk(), review_id, judge_of=judge_of, is_redelivered=again)

    def publish(review_id: int) -> None:
        stages.publish(desk(), review_id, forge_of=opened.of_review)

    def conclude(review_id: int) -> None:
        stages.conclude(desk(), review_id, forge_of=opened.of_review)

    def hear(ask_id: int) -> None:
        asking.hear(desk(), ask_id, forge_of=opened.of_ask)

    def weigh(ask_id: int) -> None:
        asking.weigh(desk(), ask_id, judge_of=judge_of)

    def answer(ask_id: int) -> None:
        asking.answer(desk(), ask_id, forge_of=opened.of_ask)

    def group(group_id: int) -> None:
        groups.answer(desk(), group_id, forge_of=opened.of_group)

    def sweep() -> None:
        stages.sweep(desk())
        asking.sweep(desk())
        groups.sweep(desk())

    def reconcile() -> None:
        missed.reconcile(desk(), open_inboxes(settings, memory_of=opened.memory_of))

    def look_back() -> None:
        hindsight.look_back(desk(), forge_of=opened.of_review, days=settings.history_days)

    def expire() -> None:
        before = desk().clock() - timedelta(days=settings.keep_days)
        tenants.expire(desk().engine, before=before, most=EXPIRE_MOST)

    for body in (prepare, publish, conclude, sweep, hear, answer, group):
        _add(app, body, limit_s=settings.io_limit_s)
    _add(app, weigh, limit_s=settings.gpu_limit_s)
    for body in (reconcile, look_back, expire):
        _add(app, body, limit_s=max(settings.io_limit_s, settings.gpu_limit_s))
    _add(app, score, limit_s=settings.gpu_limit_s, bind=True)


def run(
    role: Literal["io", "gpu", "beat"],
    settings: WorkerSettings,
    *,
    load_judge: LoadJudge | None = None,
) -> None:
    """Be a worker of one queue, or the clock of the sweep, until a signal ends the process."""
    log = partial(set_up_logging, settings.log_level, as_json=settings.log_format == "json")
    log()
    logging.captureWarnings(True)
    setup_logging.connect(lambda **_: log(), weak=False)  # it sets up its own otherwise
    app = build(settings, load_judge=load_judge)
    if settings.metrics_port:
        metrics_server.serve(
            settings.metrics_host,
            settings.metrics_port,
            database_url=settings.database_url,
            problems=(
                partial(broker_problem, app),
                *([partial(model_problem, settings)] if role == "gpu" and not load_judge else []),
            ),
        )
    RUN[role](app, settings)


def run_app(app: Celery, role: Literal["io", "gpu"], *, children: int) -> None:
    """Run the prefork worker of one queue. It stops warmly on SIGTERM: tasks end first."""
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--queues={role}",
            f"--hostname={role}@%h",
            f"--concurrency={children}",
            "--pool=prefork",
            "--without-gossip",
            "--without-mingle",
        ]
    )


def load_configured_judge(settings: WorkerSettings) -> Judge:
    """The judge that the settings name. Raises ModelMissing where it was never pulled."""
    from judge.score import load_judge  # the io worker never needs it

    return load_judge(
        settings.model or DEFAULT_MODEL,
        home=settings.home,
        method=settings.method,
        longest=settings.tokens_at_once,
    )


def _judge(desk: Callable[[], Desk], settings: WorkerSettings, load_judge: LoadJudge) -> Judge:
    return remembering(
        load_judge(),
        engine=desk().engine,
        clock=desk().clock,
        limit=settings.verdicts_kept,
    )


def _desk(app: Celery, settings: WorkerSettings) -> Desk:
    return Desk(
        engine=open_engine(settings.database_url),
        send=partial(send, app),
        clock=lambda: datetime.now(UTC),
        patience=Patience(
            lease_s=settings.lease_s,
            send_again_s=settings.send_again_s,
            max_attempts=settings.max_attempts,
        ),
        turns=Turns(per_installation=settings.per_installation),
    )


class _Opened:
    """Opens the forge of a row, for its repository alone. All workers share one memory of what
    an account wrote and was told."""

    def __init__(self, settings: WorkerSettings, desk: Callable[[], Desk]) -> None:
        self._settings = settings
        self._desk = desk

    def of_review(self, row: StoredReview) -> Forge:
        return self._open(row.change, row.installation_id)

    def of_ask(self, ask: Ask) -> Forge:
        return self._open(ask.remark.change, ask.installation_id)

    def of_group(self, row: Group) -> Forge:
        return self._open(row.group, row.installation_id)

    def memory_of(self, account: str) -> StoredMemory:
        return StoredMemory(self._desk().engine, account)

    def _open(self, change: ChangeRef, installation_id: int | None) -> Forge:
        return open_forge(
            change.forge,
            self._settings,
            installation_id=installation_id,
            repo=change.repo,
            memory_of=self.memory_of,
        )


def _add(app: Celery, body: Callable[..., None], *, limit_s: int, bind: bool = False) -> None:
    def run(task: Task, *args: int) -> None:
        with tracing.span(body.__name__, tracing.incoming(task.request)):
            body(*((task, *args) if bind else args))

    app.task(
        run,
        bind=True,
        shared=False,  # another app of this process has tasks of its own
        name=task_name(body.__name__),
        soft_time_limit=limit_s,
        time_limit=limit_s + LAST_WORDS_S,
    )


def _run_beat(app: Celery) -> None:
    app.start(["--quiet", "beat", "--scheduler=celery.beat.Scheduler", "--pidfile="])


RUN: dict[str, Callable[[Celery, WorkerSettings], None]] = {
    "io": lambda app, settings: run_app(app, "io", children=settings.io_children),
    "gpu": lambda app, settings: run_app(app, "gpu", children=1),
    "beat": lambda app, settings: _run_beat(app),
}
