from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from judge.types import Verdict
from worker import metrics
from worker.forges.base import Unavailable
from worker.metrics_server import serve
from worker.store.migrate import upgrade

Value = Callable[..., float]


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_a_stage_is_counted_by_how_it_ended() -> None:
    name = "gavel_stage_seconds_count"
    before = value(name, stage="prepare", outcome="unavailable")
    errors = value("gavel_forge_errors_total", forge="github", kind="unavailable")
    with pytest.raises(Unavailable), metrics.stage("prepare", forge="github"):
        raise Unavailable("502")
    with metrics.stage("prepare", forge="github"):
        pass
    assert value(name, stage="prepare", outcome="unavailable") == before + 1
    assert value("gavel_forge_errors_total", forge="github", kind="unavailable") == errors + 1


def test_verdicts_and_abstentions_are_counted_apart() -> None:
    judged = value("gavel_verdicts_total", kind="judged")
    abstained = value("gavel_verdicts_total", kind="abstained")
    cost = value("gavel_judge_seconds_total")
    metrics.judged([Verdict(0.5, 0, "m"), Verdict(0.5, 0, "m", abstained=True, reason="x")], 2.0)
    assert value("gavel_verdicts_total", kind="judged") == judged + 1
    assert value("gavel_verdicts_total", kind="abstained") == abstained + 1
    assert value("gavel_judge_seconds_total") == cost + 2.0


def test_a_service_shows_its_counts_and_the_queue(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gavel.sqlite'}"
    upgrade(url)
    port = serve("127.0.0.1", 0, database_url=url)
    status, text = get(port, "/metrics")
    assert status == 200
    assert 'gavel_reviews_waiting{state="queued"} 0.0' in text
    assert "gavel_database_up 1.0" in text
    assert get(port, "/readyz") == (200, "ok\n")
    assert get(port, "/healthz") == (200, "ok\n")
    assert get(port, "/elsewhere")[0] == 404


def test_a_service_that_cannot_work_is_alive_and_not_ready(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    port = serve("127.0.0.1", 0, database_url=url, problems=(lambda: "the broker is away",))
    status, text = get(port, "/readyz")
    assert status == 503
    assert text == "the database has not the tables of this version; the broker is away\n"
    assert get(port, "/healthz")[0] == 200
    assert "gavel_database_up 0.0" in get(port, "/metrics")[1]


def test_counts_of_several_processes_are_shown_together(tmp_path: Path) -> None:
    count = "from worker import metrics; metrics.published('passed')"
    show = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess\n"
        "registry = CollectorRegistry()\n"
        "multiprocess.MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())\n"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for code in (count, count, show)
    ]
    assert 'gavel_reviews_total{conclusion="passed"} 2.0' in said[-1]


def test_the_folder_of_the_counts_goes_with_the_process_that_made_it(tmp_path: Path) -> None:
    code = (
        "import os; from worker import metrics_home; metrics_home.make(1)\n"
        "pid = os.fork()\n"
        "pid and os.waitpid(pid, 0)\n"
    )
    code += "print(os.path.isdir(os.environ['PROMETHEUS_MULTIPROC_DIR']) if pid else 'child')\n"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["child", "True"]
    assert list(tmp_path.iterdir()) == []
