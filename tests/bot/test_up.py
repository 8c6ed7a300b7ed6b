"""`gavel up`: what it refuses, and what it starts and stops."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from bot.problems import WrongUse
from bot.up import free_port, place_of, refuse_taken
from worker.settings import WorkerSettings

GAVEL = (sys.executable, "-P", "-c", "from bot.cli import main; main()")
SECRETS = {"GAVEL_GITHUB_WEBHOOK_SECRET": "for the receiver", "GAVEL_GITHUB_TOKEN": "for io"}


def until(holds: Callable[[], bool], *, within_s: float = 120) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"it did not come about within {within_s} s"
        time.sleep(0.05)


def family(mark: str) -> list[psutil.Process]:
    """Every process, whoever its parent is now, that was started with `mark`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("GAVEL_TEST_MARK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


@contextmanager
def up(home: Path, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `gavel up` on a free port that says it is ready."""
    given = {k: v for k, v in os.environ.items() if not k.startswith("GAVEL_")}
    given |= SECRETS | {"GAVEL_HOME": str(home), "GAVEL_TEST_MARK": mark}
    out = home / "said.txt"
    with out.open("wb") as said:
        process = subprocess.Popen(
            [*GAVEL, "up", "--port", "0"], env=given, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: "ready; " in out.read_text() or process.poll() is not None)
        assert process.poll() is None, out.read_text()
        yield process
    finally:
        process.kill()
        process.wait()
        until(lambda: not family(mark))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def test_the_broker_is_embedded_unless_a_url_names_another(tmp_path: Path) -> None:
    embedded = place_of(WorkerSettings(home=tmp_path), host="127.0.0.1", port=1)
    assert embedded.socket is not None
    other = WorkerSettings(home=tmp_path, broker_url="redis://127.0.0.1:6379/0")
    assert place_of(other, host="127.0.0.1", port=1).socket is None


def test_port_0_becomes_a_port_that_can_be_named(tmp_path: Path) -> None:
    place = place_of(WorkerSettings(home=tmp_path), host="127.0.0.1", port=0)
    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", place.address)


def test_a_port_in_use_is_one_sentence_that_names_the_remedy() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse, match=f"port {port} is in use: .* --port"):
            refuse_taken("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(WrongUse, match=r"192\.0\.2\.1:8000 cannot be listened on"):
        refuse_taken("192.0.2.1", 8000)


def test_a_free_port_can_be_listened_on() -> None:
    refuse_taken("127.0.0.1", free_port("127.0.0.1"))


@pytest.mark.journey
def test_without_a_webhook_secret_it_refuses_and_names_the_variable(home: Path) -> None:
    done = subprocess.run([*GAVEL, "up"], env=clean(home), capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("gavel: GAVEL_GITHUB_WEBHOOK_SECRET is not set")
    assert list(home.iterdir()) == []


@pytest.mark.journey
def test_everything_is_started_alone_with_secrets_apart_and_stopped(home: Path) -> None:
    mark = uuid.uuid4().hex
    with up(home, mark) as process:
        said = (home / "said.txt").read_text()
        port = int(re.findall(r"127\.0\.0\.1:(\d+)/webhooks/github", said)[0])
        assert status(port, "/readyz") == 200
        assert status(port, "/webhooks/github") == 405
        held = holders(mark)
        assert set(held["GAVEL_GITHUB_WEBHOOK_SECRET"]) == {"supervisor", "receiver"}
        assert set(held["GAVEL_GITHUB_TOKEN"]) == {"supervisor", "io"}
        second = subprocess.run(
            [*GAVEL, "up", "--port", "0"], env=clean(home) | SECRETS, capture_output=True, text=True
        )
        assert second.returncode == 2
        assert f"runs in {home} already (process {process.pid})" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        until(lambda: not family(mark), within_s=5)
    assert not (home / "redis.sock").exists()


@pytest.mark.journey
def test_nothing_is_left_when_it_is_killed_and_it_starts_again(home: Path) -> None:
    mark = uuid.uuid4().hex
    with up(home, mark) as process:
        process.kill()
        until(lambda: not family(mark), within_s=60)
    with up(home, mark):
        pass


def clean(home: Path) -> dict[str, str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith("GAVEL_")}
    return given | {"GAVEL_HOME": str(home)}


def status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def holders(mark: str) -> Mapping[str, list[str]]:
    """Secret -> the kinds of processes whose environment holds it."""
    held: dict[str, list[str]] = {name: [] for name in SECRETS}
    for process in family(mark):
        words = process.cmdline()
        kind = "receiver" if "gunicorn" in words else words[-1]
        kind = "supervisor" if "up" in words else kind
        for name in SECRETS:
            if name in process.environ():
                held[name].append(kind)
    return held
