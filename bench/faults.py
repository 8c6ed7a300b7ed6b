"""Kill parts of a fleet at random moments, or let its forge fail, with work in flight.

    .venv/bin/python bench/faults.py [--kills N] [--failing SHARE] [--changes N] [--json FILE]

Receiver, io worker, gpu worker, broker and database are killed by SIGKILL, whole or one child, and
started again at once; SHARE of the forge's answers are errors, half answers or none at all. The
run fails unless in the end every change has exactly one review of its last head, no head has two,
and every check is concluded. Acts: starts processes in a temporary folder and ends them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from fleet import TOKEN, Fleet, delivery, fleet, post, sha_of, wait_until
from storm import Storm

PARTS = ("receiver", "io-1", "gpu-1", "redis", "database")
MOST_REQUESTS = 150  # for one review: 23 where nothing fails
WITHIN_S = 300.0
# One request in twenty is told to leave the forge alone for two seconds, and all who act as the
# same account do: some 2,500 requests cannot be over in less than four minutes, whoever sends them.
WITHIN_FAILING_S = 900.0
CHILDREN = ("io-1", "gpu-1", "receiver")
BASE = "0" * 40
CODE = "def add{push}(a, b):\n    return a - b\n"  # another one, or nothing new is said of it
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add{push}(a, b):\n+    return a - b\n"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `lost`, `twice` and `open_checks` must be 0.

    reviews      heads that were delivered, each of which has a row
    lost         last heads without a review
    twice        heads with more than one review
    open_checks  announced checks that are not concluded
    ended_s      seconds from the last delivery to the last review
    too_early    requests that came before the forge's retry-after was over
    """

    changes: int
    reviews: int
    deliveries: int
    superseded: int
    kills: dict[str, int]
    forge_requests: int
    forge_faults: dict[str, int]
    lost: int
    twice: int
    open_checks: int
    too_early: int
    failed_rows: int
    ended_s: float

    @property
    def is_well(self) -> bool:
        """Whether nothing was lost, nothing said twice and no limit broken, without a hot loop."""
        bad = (self.lost, self.twice, self.open_checks, self.failed_rows, self.too_early)
        return not any(bad) and self.forge_requests <= MOST_REQUESTS * self.reviews


def main() -> int:
    """Run, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20, help="SIGKILLs (default 20)")
    parser.add_argument("--failing", type=float, default=0.0, help="share of failing requests")
    parser.add_argument("--changes", type=int, default=60, help="changes (default 60)")
    parser.add_argument("--every", type=float, default=1.5, help="mean seconds between kills")
    parser.add_argument("--snippet", type=float, default=0.1, help="seconds per snippet")
    parser.add_argument("--within", type=float, help="seconds to come to the end (300 or 900)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome there too")
    args = parser.parse_args()
    args.within = args.within or (WITHIN_S if not args.failing else WITHIN_FAILING_S)
    forge = Storm(token=TOKEN, share=args.failing, seed=args.seed)
    settings = {"GAVEL_IO_CHILDREN": "4"} if args.failing else {}
    with fleet(double=forge, snippet_s=args.snippet, settings=settings) as town:
        outcome = run(town, forge, args)
        words = "" if outcome.is_well else town.last_words()
    print(json.dumps(asdict(outcome), indent=2))
    print(words or "nothing lost, nothing twice, every check concluded, no limit broken")
    if args.json:
        args.json.write_text(json.dumps(asdict(outcome), indent=2) + "\n", encoding="utf-8")
    return 0 if outcome.is_well else 1


def run(town: Fleet, forge: Storm, args: argparse.Namespace) -> Outcome:
    """Deliver changes while parts die; wait for the end; look at what the forge has."""
    chance = random.Random(args.seed)
    town.start("redis", "io-1", "gpu-1", "beat", "receiver")
    seconds = max(args.kills * args.every, 5.0)
    sent = Counter[str]()
    heads: dict[int, str] = {}
    feeder = threading.Thread(
        target=feed,
        args=(town, forge, random.Random(args.seed + 1), args.changes, seconds),
        kwargs={"heads": heads, "sent": sent},
    )
    feeder.start()
    kills = kill(town, chance, n=args.kills, every_s=args.every)
    feeder.join()
    started = time.monotonic()
    wait_until(lambda: is_over(town, forge, heads), "the end", args.within)
    reviews = Counter(one.commit_id for one in forge.reviews)
    announced = Counter(one.status for one in forge.check_runs)
    return Outcome(
        changes=len(heads),
        reviews=town.scalar("SELECT count(*) FROM reviews"),
        deliveries=sent["deliveries"],
        superseded=sent["superseded"],
        kills=dict(kills),
        forge_requests=forge.counted["requests"],
        forge_faults={k: v for k, v in forge.counted.items() if k != "requests"},
        lost=sum(reviews[head] == 0 for head in heads.values()),
        twice=sum(n > 1 for n in reviews.values()),
        open_checks=announced.total() - announced["completed"],
        too_early=forge.too_early,
        failed_rows=town.scalar("SELECT count(*) FROM reviews WHERE state = 'failed'"),
        ended_s=round(time.monotonic() - started, 1),
    )


def feed(
    town: Fleet,
    forge: Storm,
    chance: random.Random,
    changes: int,
    seconds: float,
    *,
    heads: dict[int, str],
    sent: Counter[str],
) -> None:
    """Open `changes` over `seconds`; push to one in five again; deliver one in three twice.

    A delivery that is not acknowledged is sent again, as a person or `gavel reconcile` does.
    """
    for number in range(1, changes + 1):
        repo = f"octo/r{number}"
        for push in range(2 if chance.random() < 0.2 else 1):
            head = sha_of(number, push)
            at = {"repo": repo, "number": number, "head_sha": head, "diff": DIFF.format(push=push)}
            files = {head: {"sums.py": CODE.format(push=push)}}
            if push:
                forge.push(**at, files=files)  # type: ignore[arg-type]
                sent["superseded"] += 1
            else:
                forge.add_change(**at, base_sha=BASE, files=files)  # type: ignore[arg-type]
            heads[number] = head
            for _ in range(2 if chance.random() < 0.3 else 1):
                deliver(town, repo, number, head, f"{number}-{push}")
                sent["deliveries"] += 1
        time.sleep(seconds / changes)


def deliver(town: Fleet, repo: str, number: int, head: str, delivery_id: str) -> None:
    """Send a delivery until it is acknowledged."""
    body, headers = delivery(repo, number, head, delivery_id)
    while post(town.port, body, headers) != 202:
        time.sleep(0.3)


def kill(town: Fleet, chance: random.Random, *, n: int, every_s: float) -> Counter[str]:
    """SIGKILL `n` times, each part in turn at random moments; start again what died whole."""
    done: Counter[str] = Counter()
    parts = [one for one in PARTS if one != "database" or town.database is not None]
    for i in range(n):
        time.sleep(chance.uniform(0.2, 2 * every_s - 0.2))
        name = parts[i % len(parts)]
        if name in CHILDREN and chance.random() < 0.5 and town.kill_child(name, chance):
            done[f"a child of {name}"] += 1
            continue
        town.kill(name)
        done[name] += 1
        town.start(name)
    for name in town.dead():
        print(f"{name} ended by itself", file=sys.stderr)
    return done


def is_over(town: Fleet, forge: Storm, heads: dict[int, str]) -> bool:
    """Whether every last head has its review and every announced check its conclusion."""
    reviewed = {one.commit_id for one in forge.reviews}
    if not reviewed >= set(heads.values()):
        return False
    unfinished = "SELECT count(*) FROM reviews WHERE state IN ('queued', 'prepared', 'scored')"
    return town.scalar(unfinished) == 0 and all(
        one.status == "completed" for one in forge.check_runs
    )


if __name__ == "__main__":
    sys.exit(main())
