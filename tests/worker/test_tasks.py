"""The clock of a fleet, and what a worker needs to be ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge import pull
from judge.registry import DEFAULT_MODEL, PREPARED, lookup, model_folder
from worker.pulled import model_problem
from worker.queue import QUEUE_OF, task_name
from worker.settings import WorkerSettings
from worker.tasks import build


def settings(home: Path, **given: object) -> WorkerSettings:
    return WorkerSettings(home=home, broker_url="memory://", **given)


def test_the_clock_sends_only_tasks_that_there_are_and_each_to_its_queue(tmp_path: Path) -> None:
    app = build(settings(tmp_path, keep_days=30))
    sent = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert sent == {task_name(one) for one in ("sweep", "reconcile", "look_back", "expire")}
    assert sent <= set(app.tasks)
    assert sent <= {task_name(stage) for stage in QUEUE_OF}


def test_nothing_is_deleted_unless_somebody_says_after_how_many_days(tmp_path: Path) -> None:
    assert "expire" not in build(settings(tmp_path)).conf.beat_schedule


def test_a_task_has_time_to_say_its_last_words_before_its_message_comes_back(
    tmp_path: Path,
) -> None:
    app = build(settings(tmp_path, io_limit_s=30, gpu_limit_s=2000))
    ours = [task for name, task in app.tasks.items() if name.startswith("gavel.")]
    assert {task.soft_time_limit for task in ours} == {30, 2000}
    longest = max(task.time_limit for task in ours)
    assert longest < app.conf.broker_transport_options["visibility_timeout"]


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    """A home with the default model as far as a look can tell: its file, its mark, its copy."""
    folder = model_folder(tmp_path, DEFAULT_MODEL)
    (folder / PREPARED).mkdir(parents=True)
    (folder / lookup(DEFAULT_MODEL).file).write_bytes(b"weights")
    pull._note_verified(folder, lookup(DEFAULT_MODEL))
    return tmp_path


def test_a_gpu_worker_without_its_model_is_not_ready_and_says_what_to_do(tmp_path: Path) -> None:
    problem = model_problem(settings(tmp_path))
    assert problem == f"the model {DEFAULT_MODEL} is not here: run `gavel pull {DEFAULT_MODEL}`"


def test_with_the_model_or_one_that_is_not_pulled_it_is_ready(pulled: Path) -> None:
    assert model_problem(settings(pulled)) == ""
    assert model_problem(settings(pulled, model="/a/folder/of/ours")) == ""
