"""Measure the receiver over PostgreSQL: deliveries a second, latency, and processor time. Acts.

The client is a part of the same machine, so it is as small as can be: requests that are made
beforehand go over connections that stay open, as a load balancer keeps them.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

import psutil
from fleet import Fleet, delivery, fleet, sha_of

CLIENTS = 32
PER_S, P99_MS, STILL_S = 500, 100.0, 1.0


def receiver(scale: float) -> dict[str, object]:
    """Signed deliveries a second, their latency, and the latency while nobody works them off."""
    n = max(int(10_000 * scale), 400)
    plan = [
        packed(*delivery(f"octo/r{i % 200}", i, sha_of("r", i), f"r{i}")) for i in range(1, 2 * n)
    ]
    with fleet() as town:
        town.start("redis", "receiver")
        send(town.port, plan[: n // 10])
        before, started = Spent.of(town), time.monotonic()
        times = send(town.port, plan[n // 10 : n])
        wall_s, spent = time.monotonic() - started, Spent.of(town)
        later = send(town.port, plan[n:])  # still nobody works: the queue only grows
        waiting = town.scalar("SELECT count(*) FROM reviews WHERE state = 'queued'")
    per_s, p99_ms = len(times) / wall_s, statistics.quantiles(times, n=100)[98] * 1000
    return {
        "deliveries": len(times),
        "deliveries_per_s": round(per_s, 1),
        "cpu_ms_per_delivery": {
            name: round((after - former) / len(times) * 1000, 2)
            for name, former, after in zip(Spent.NAMES, before.seconds, spent.seconds, strict=True)
        },
        "median_ms": round(statistics.median(times) * 1000, 1),
        "p99_ms": round(p99_ms, 1),
        "queue": waiting,
        "slowest_over_the_queue_ms": round(max(later) * 1000, 1),
        "is_well": per_s >= PER_S and p99_ms <= P99_MS and max(later) < STILL_S,
    }


class Spent:
    """Seconds of processor that each part has taken so far: no other load slows these much."""

    NAMES = ("receiver", "database", "client")

    def __init__(self, *seconds: float) -> None:
        self.seconds = seconds

    @classmethod
    def of(cls, town: Fleet) -> Spent:
        """What has been spent until now."""
        server = town.database.pid if town.database else None
        return cls(
            _cpu_s(town.process("receiver")),
            _cpu_s(psutil.Process(server)) if server else 0.0,
            time.process_time(),
        )


def packed(body: bytes, headers: dict[str, str]) -> bytes:
    """A delivery as it goes over the wire."""
    lines = [
        "POST /webhooks/github HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, plan: Sequence[bytes]) -> list[float]:
    """Seconds that each delivery took. Ends the run at any answer but 202."""
    times: list[list[float]] = [[] for _ in range(CLIENTS)]
    threads = [
        threading.Thread(target=_send_share, args=(port, plan[i::CLIENTS], times[i]))
        for i in range(CLIENTS)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = [one for share in times for one in share]
    if len(found) < len(plan):
        raise SystemExit(f"{len(plan) - len(found)} of {len(plan)} deliveries were not accepted")
    return found


def _send_share(port: int, share: Sequence[bytes], times: list[float]) -> None:
    with ExitStack() as stack:
        line: socket.socket | None = None
        for request in share:
            before = time.perf_counter()
            if line is None:
                line = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            line.sendall(request)
            answer = _answer(line)
            if not answer.startswith(b"HTTP/1.1 202 "):
                return
            times.append(time.perf_counter() - before)
            if b"\r\nconnection: close\r\n" in answer.lower():
                line = None


def _answer(line: socket.socket) -> bytes:
    """A whole answer: its head, and as many bytes as that names."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += (block := line.recv(1 << 16))
        if not block:
            return said
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += (block := line.recv(1 << 16))
        if not block:
            break
    return head + b"\r\n"


def _cpu_s(first: psutil.Process) -> float:
    """Of a process and its children, those that ended included."""
    total = 0.0
    for one in (first, *first.children(recursive=True)):
        times = one.cpu_times()
        total += times.user + times.system
    return total + first.cpu_times().children_user + first.cpu_times().children_system
