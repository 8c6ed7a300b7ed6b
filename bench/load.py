"""Put a fleet under load and hold it against the bars. Prints one line per bar, and ratios.

    .venv/bin/python bench/load.py [--bar NAME ...] [--scale X] [--json FILE]

Scale 1 is the bar as it is written (10,000 deliveries, 1,000 hostile ones, 100,000 rows); the
default of 0.03 is for a busy laptop. PostgreSQL where it is installed, else SQLite; the embedded
Redis; a stand-in of GitHub; traffic on loopback only. Acts: starts processes, ends them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults import BASE, CODE, DIFF
from fleet import TOKEN, Fleet, delivery, fleet, post, sha_of, signed, wait_until
from load_store import flat, gpu

from bot.demo.github_double import GitHubDouble

Bar = Callable[[float], dict[str, object]]
CLIENTS = 8


def exact(scale: float) -> dict[str, object]:
    """Duplicates and superseded heads: one review for each last head, none lost."""
    n = max(int(10_000 * scale), 40)
    forge = GitHubDouble(token=TOKEN)
    chance = random.Random(7)
    heads, plan = _plan(n, chance, forge)
    settings = {"GAVEL_IO_CHILDREN": "6"}
    with fleet(double=forge, settings=settings) as town:
        town.start("redis", "io-1", "gpu-1", "beat", "receiver")
        started = time.monotonic()
        answers = _send(town, plan)
        sent_s = time.monotonic() - started
        over = wait_until(lambda: _is_quiet(town), "the end", 60 + n * 0.6)
        reviews = Counter(one.commit_id for one in forge.reviews)
        last = set(heads.values())
        result = {
            "deliveries": len(plan),
            "answered_202": answers[202],
            "sent_per_s": round(len(plan) / sent_s, 1),
            "last_heads": len(last),
            "lost": sum(reviews[head] == 0 for head in last),
            "twice": sum(count > 1 for count in reviews.values()),
            "reviews_of_older_heads": sum(head not in last for head in reviews),
            "open_checks": sum(one.status != "completed" for one in forge.check_runs),
            "reviews_per_s": round(len(reviews) / (time.monotonic() - started), 2),
        }
        bad = ("lost", "twice", "reviews_of_older_heads", "open_checks")
        return {**result, "is_well": over and not any(result[name] for name in bad)}


def _plan(
    n: int, chance: random.Random, forge: GitHubDouble
) -> tuple[dict[int, str], list[tuple[bytes, dict[str, str]]]]:
    """Deliveries in the order of their sending: 30 % repeat another, 20 % are of older heads."""
    firsts = int(n * 0.5)
    heads: dict[int, str] = {}
    plan: list[tuple[bytes, dict[str, str]]] = []
    for number in range(1, firsts + 1):
        pushes = 2 if number <= int(n * 0.2) else 1
        repo = f"octo/r{number % 50}"
        for push in range(pushes):
            head = sha_of("exact", number, push)
            plan.append(delivery(repo, number, head, f"{number}-{push}"))
        heads[number] = head
        files = {head: {"sums.py": CODE.format(push=0)}}
        forge.add_change(
            repo=repo,
            number=number,
            head_sha=head,
            base_sha=BASE,
            diff=DIFF.format(push=0),
            files=files,
        )
    plan += [chance.choice(plan) for _ in range(n - len(plan))]
    return heads, plan


def hostile(scale: float) -> dict[str, object]:
    """Forged, stale, malformed, oversized and compressed-bomb deliveries: none is accepted."""
    n = max(int(1_000 * scale), 60)
    good, headers = delivery("octo/hello", 1, sha_of("good"), "good")
    bomb = gzip.compress(b"[" * 50_000_000)
    packed = {**signed(bomb, "bomb"), "Content-Encoding": "gzip"}
    unsigned = {key: value for key, value in headers.items() if "Signature" not in key}
    deep = b"[" * 200_000
    kinds: Sequence[tuple[bytes, dict[str, str]]] = (
        (good, signed(good, "forged", secret="another")),
        (good + b" ", headers),
        (good, unsigned),
        (b"{not json", signed(b"{not json", "malformed")),
        (deep, signed(deep, "deep")),
        (b"\xff\xfe\x00", signed(b"\xff\xfe\x00", "binary")),
        (b"[]", signed(b"[]", "list")),
        (bomb, packed),
    )
    huge = b"x" * 27_000_000
    with fleet() as town:
        town.start("redis", "receiver")
        assert post(town.port, good, headers) == 202
        _storm(town, kinds, len(kinds) * 3)  # what every process allocates once
        before = _rss(town)
        answers = _storm(town, kinds, n)
        answers.update(Counter([post(town.port, huge, signed(huge, "huge")) for _ in range(3)]))
        grown = (_rss(town) - before) / 1e6
        rows = town.scalar("SELECT count(*) FROM deliveries")
    accepted = sum(count for status, count in answers.items() if 200 <= status < 300)
    failed = sum(count for status, count in answers.items() if status >= 500 or status == 0)
    return {
        "sent": sum(answers.values()),
        "answers": {str(status): count for status, count in sorted(answers.items())},
        "rows_beyond_the_good_one": rows - 1,
        "grown_mb": round(grown, 1),
        "is_well": accepted == 0 and failed == 0 and rows == 1 and grown <= 20,
    }


def receiver(scale: float) -> dict[str, object]:
    """Signed deliveries a second, their latency, and the latency over a long queue."""
    n = max(int(20_000 * scale), 400)
    plan = [delivery("octo/r", i, sha_of("r", i), f"r{i}") for i in range(2 * n)]
    with fleet() as town:
        town.start("redis", "receiver")
        _send(town, plan[:50])
        cpu_s, started = _cpu(town), time.monotonic()
        times = _timed(town, plan[50:n])
        wall_s, cpu_s = time.monotonic() - started, _cpu(town) - cpu_s
        later = _timed(town, plan[n:])  # nobody works: the queue only grows
        waiting = town.scalar("SELECT count(*) FROM reviews WHERE state = 'queued'")
    p99 = statistics.quantiles(times, n=100)[98]
    return {
        "deliveries_per_s": round(len(times) / wall_s, 1),
        "cpu_ms_per_delivery": round(cpu_s / len(times) * 1000, 2),
        "median_ms": round(statistics.median(times) * 1000, 1),
        "p99_ms": round(p99 * 1000, 1),
        "queue": waiting,
        "slowest_over_the_queue_ms": round(max(later) * 1000, 1),
        "is_well": max(later) < 1.0,
        "meets_500_per_s_and_100_ms": len(times) / wall_s >= 500 and p99 <= 0.1,
    }


def rolling(scale: float) -> dict[str, object]:
    """Restart everything while deliveries come in: the forge sees no error."""
    n = max(int(2_000 * scale), 60)
    forge = GitHubDouble(token=TOKEN)
    heads, plan = _plan(n, random.Random(9), forge)
    answers: Counter[int] = Counter()
    with fleet(double=forge, snippet_s=0.05) as town:
        town.start("redis", "io-1", "gpu-1", "beat", "receiver")
        sender = threading.Thread(target=lambda: answers.update(_send(town, plan, pause_s=0.2)))
        sender.start()
        number = 1
        while sender.is_alive():
            number += 1
            _replace(town, "receiver" if number == 2 else f"receiver-{number - 1}", number)
            for role in ("io", "gpu"):
                town.start(f"{role}-{number}")  # the new one first, then the old one drains
                town.retire(f"{role}-{number - 1}")
        sender.join()
        over = wait_until(lambda: _is_quiet(town), "the end", 120)
        reviews = Counter(one.commit_id for one in forge.reviews)
    errors = sum(count for status, count in answers.items() if status != 202)
    lost = sum(reviews[head] != 1 for head in heads.values())
    return {
        "deliveries": sum(answers.values()),
        "restarts_of_everything": number - 1,
        "errors_seen_by_the_forge": errors,
        "lost_or_twice": lost,
        "is_well": over and not errors and not lost,
    }


def _replace(town: Fleet, old: str, number: int) -> None:
    """A new receiver, then the end of the old one when nothing is sent to it any more."""
    town.start(f"receiver-{number}")
    time.sleep(1.0)
    town.retire(old)


def _send(
    town: Fleet, plan: Sequence[tuple[bytes, dict[str, str]]], *, pause_s: float = 0.0
) -> Counter[int]:
    def one(item: tuple[bytes, dict[str, str]]) -> int:
        time.sleep(pause_s)
        return post(town.port, *item)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(one, plan))


def _timed(town: Fleet, plan: Sequence[tuple[bytes, dict[str, str]]]) -> list[float]:
    def one(item: tuple[bytes, dict[str, str]]) -> float:
        before = time.perf_counter()
        status = post(town.port, *item)
        if status != 202:
            raise SystemExit(f"the receiver answered {status}")
        return time.perf_counter() - before

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, plan))


def _storm(town: Fleet, kinds: Sequence[tuple[bytes, dict[str, str]]], n: int) -> Counter[int]:
    return _send(town, [kinds[i % len(kinds)] for i in range(n)])


def _rss(town: Fleet) -> int:
    first = town.process("receiver")
    return sum(one.memory_info().rss for one in (first, *first.children(recursive=True)))


def _cpu(town: Fleet) -> float:
    """Seconds of processor that the receiver's processes have taken: no other load slows these."""
    first = town.process("receiver")
    times = [one.cpu_times() for one in (first, *first.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _is_quiet(town: Fleet) -> bool:
    unfinished = "state IN ('queued', 'prepared', 'scored') OR check_open"
    return town.scalar(f"SELECT count(*) FROM reviews WHERE {unfinished}") == 0


BARS: dict[str, Bar] = {
    "exact": exact,
    "hostile": hostile,
    "receiver": receiver,
    "rolling": rolling,
    "gpu": gpu,
    "flat": flat,
}


def main() -> int:
    """Hold the fleet against each bar and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bar", action="append", choices=list(BARS), help="only this one")
    parser.add_argument("--scale", type=float, default=0.03, help="1 is the bar as written")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    figures = {}
    for name in args.bar or BARS:
        figures[name] = BARS[name](args.scale)
        print(name, json.dumps(figures[name]), flush=True)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one["is_well"] for one in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
