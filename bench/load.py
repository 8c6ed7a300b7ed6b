"""Put a fleet under load and hold it against the bars. Prints each bar beside what was measured.

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
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faults import BASE, CODE, DIFF
from fleet import (
    MERGE_REQUEST,
    SIGNING_TOKEN,
    TOKEN,
    Fleet,
    delivery,
    fleet,
    post,
    sha_of,
    signed,
    signed_at,
    wait_until,
)
from load_receiver import receiver
from load_store import flat, gpu

from bot.demo.github_double import GitHubDouble

Bar = Callable[[float], dict[str, object]]
CLIENTS = 8
STALE = (6, 60, -60)  # minutes; GitHub signs no time, GitLab does
LONGEST_S = 540.0  # a fleet that takes longer has missed the bar


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
        over = wait_until(lambda: _is_quiet(town), "the end", min(60 + n * 0.6, LONGEST_S))
        reviews = Counter(one.commit_id for one in forge.reviews)
        last = set(heads.values())
        distinct = len({headers["X-GitHub-Delivery"] for _, headers in plan})
        result: dict[str, object] = {
            "deliveries": len(plan),
            "repeated": len(plan) - distinct,
            "superseded": distinct - len(last),
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
        is_well = over and answers[202] == len(plan) and not any(result[name] for name in bad)
        return {**result, "is_well": is_well}


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
    for _ in range(n - len(plan)):
        at = chance.randrange(len(plan))
        plan.insert(chance.randrange(at + 1, len(plan) + 1), plan[at])
    return heads, plan


def hostile(scale: float) -> dict[str, object]:
    """Forged, stale, malformed, oversized and compressed-bomb deliveries: none is accepted."""
    n = max(int(1_000 * scale), 60)
    good, headers = delivery("octo/hello", 1, sha_of("good"), "good")
    bomb = gzip.compress(b"[" * 50_000_000)
    packed = {**signed(bomb, "bomb"), "Content-Encoding": "gzip"}
    unsigned = {key: value for key, value in headers.items() if "Signature" not in key}
    deep = b"[" * 200_000
    merge, now = MERGE_REQUEST.read_bytes(), datetime.now(UTC)
    stale = [
        signed_at(merge, f"stale{minutes}", now - timedelta(minutes=minutes)) for minutes in STALE
    ]
    kinds: Sequence[tuple[bytes, dict[str, str]]] = (
        (good, signed(good, "forged", secret="another")),
        (good + b" ", headers),
        (good, unsigned),
        (b"{not json", signed(b"{not json", "malformed")),
        (deep, signed(deep, "deep")),
        (b"\xff\xfe\x00", signed(b"\xff\xfe\x00", "binary")),
        (b"[]", signed(b"[]", "list")),
        (bomb, packed),
        *((merge, headers) for headers in stale),
    )
    huge = b"x" * 27_000_000
    with fleet(settings={"GAVEL_GITLAB_WEBHOOK_SECRET": SIGNING_TOKEN}) as town:
        town.start("redis", "receiver")
        assert post(town.port, good, headers) == 202
        fresh = signed_at(merge, "fresh", datetime.now(UTC))
        assert post(town.port, merge, fresh) == 202  # its kind is refused for its age alone
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
        "rows_beyond_the_good_ones": rows - 2,
        "grown_mb": round(grown, 1),
        "is_well": accepted == 0 and failed == 0 and rows == 2 and grown <= 20,
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


def _storm(town: Fleet, kinds: Sequence[tuple[bytes, dict[str, str]]], n: int) -> Counter[int]:
    return _send(town, [kinds[i % len(kinds)] for i in range(n)])


def _rss(town: Fleet) -> int:
    first = town.process("receiver")
    return sum(one.memory_info().rss for one in (first, *first.children(recursive=True)))


def _is_quiet(town: Fleet) -> bool:
    unfinished = "state IN ('queued', 'prepared', 'scored') OR check_open"
    return town.scalar(f"SELECT count(*) FROM reviews WHERE {unfinished}") == 0


BARS: dict[str, tuple[Bar, str]] = {
    "exact": (
        exact,
        "10,000 deliveries, 30 % repeated, 20 % superseded: one review for each last head, 0 lost",
    ),
    "hostile": (hostile, "of 1,000: 0 accepted, 0 answers of 5xx, the receiver grows by <= 20 MB"),
    "receiver": (
        receiver,
        ">= 500 deliveries/s, 99th percentile <= 100 ms, <= 1 s over a queue nobody works off",
    ),
    "rolling": (rolling, "everything is restarted under load: 0 errors seen by the forge"),
    "gpu": (gpu, "two gpu workers give >= 1.9 times the reviews of one"),
    "flat": (flat, "a review's cost within 10 % from 100 to 100,000 rows"),
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
        measure, bar = BARS[name]
        figures[name] = measure(args.scale)
        word = "holds" if figures[name]["is_well"] else "MISSED"
        print(f"{name}: {word}\n  bar      {bar}", flush=True)
        print(f"  measured {json.dumps(figures[name])}", flush=True)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0 if all(one["is_well"] for one in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
