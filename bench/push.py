"""Measure a push: from the signed delivery to the posted review, with the model and a warm worker.

    .venv/bin/python bench/push.py [--rounds N] [--functions N] [--json FILE]

Everything that `gavel up` starts, on this machine: receiver, both workers, the embedded Redis, an
SQLite database, and a stand-in of GitHub on loopback. A round is a pull request of twenty functions
that nobody has judged yet, then a push to it that changes one of them. The clock runs from just
before the delivery is posted until the check of its head is concluded, which comes after the
review. Acts: starts processes in a temporary folder and ends them; reads weights of GAVEL_HOME.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from fleet import SECRET, TOKEN, delivery, post  # isort: skip - it puts the project on the path
from inference import commit, machine, versions
from inference_rows import load
from push_change import Push, functions, push_of, spread
from sqlalchemy import Engine

from bot.demo.github_double import GitHubDouble
from bot.demo.memory import Meter
from bot.interrupts import Interrupts
from bot.programs import Place, private_environment, private_place
from bot.up import free_port, running
from worker.settings import WorkerSettings
from worker.store import reviews, snippets
from worker.store.engine import open_engine
from worker.store.reviews import StoredReview
from worker.types import State

REPO, BASE = "bench/push", "0" * 40
WITHIN_S = 300.0
LOOK_S = 0.01
BARS = {"new": 20.0, "one changed": 3.0}  # seconds, of issue 9


@dataclass(frozen=True, slots=True)
class Measured:
    """One push. Times in seconds.

    whole_s           from the delivery to the concluded check
    prepare_s, …_s    what the stages took of it
    judged, comments  snippets with a verdict; comments posted for this head
    """

    kind: str
    whole_s: float
    prepare_s: float | None
    score_s: float | None
    publish_s: float | None
    judged: int
    comments: int


def main() -> int:
    """Measure, print, write, and return the exit code: 1 where a median misses its bar."""
    parser = argparse.ArgumentParser(description="Measure a push on this machine.")
    parser.add_argument("--rounds", type=int, default=2, help="pull requests (default 2)")
    parser.add_argument("--functions", type=int, default=20, help="of each (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        pushes, memory = measure(Path(folder), rounds=args.rounds, size=args.functions)
    report = {
        "machine": machine(),
        "commit": commit(),
        "versions": versions(),
        "memory_mb": memory,
        "pushes": [asdict(one) for one in pushes],
    }
    medians = {
        kind: statistics.median(one.whole_s for one in pushes if one.kind == kind) for kind in BARS
    }
    print(text(report, pushes, medians))
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return int(any(medians[kind] > bar for kind, bar in BARS.items()))


def measure(state: Path, *, rounds: int, size: int) -> tuple[list[Measured], dict[str, float]]:
    """Every push, and the scoring process's memory in megabytes."""
    codes = functions([row for row in load() if row.set == "functions"])
    forge = GitHubDouble(token=TOKEN)
    with stack(forge, state) as (place, meter):
        warm = push_of(codes[-1:])
        open_change(forge, 1, warm)
        judged(place, forge, 1, warm, kind="warm-up")
        found = []
        for number in range(2, 2 + rounds):
            lot = spread(codes[:-1], size=size, of=rounds, number=number - 2)
            first = push_of(lot)
            lot[size // 2] = changed(lot[size // 2])
            second = push_of(lot)
            open_change(forge, number, first)
            found.append(judged(place, forge, number, first, kind="new"))
            forge.push(
                repo=REPO,
                number=number,
                head_sha=second.sha,
                diff=second.diff,
                files={second.sha: second.files},
            )
            found.append(judged(place, forge, number, second, kind="one changed"))
        peak = meter.peak
    own = {"resident": peak.scoring / 1e6, "private": peak.scoring_private / 1e6}
    return found, {name: round(size_mb) for name, size_mb in own.items()}


@contextmanager
def stack(forge: GitHubDouble, state: Path) -> Iterator[tuple[Place, Meter]]:
    """All that `gavel up` starts, with its state in `state`, and a look at its memory."""
    with ExitStack() as held:
        url = forge.start()
        held.callback(forge.stop)
        home = WorkerSettings().home.expanduser().absolute()
        place = private_place(home, state, port=free_port("127.0.0.1"))
        own = private_environment(os.environ, url=url, token=TOKEN, secret=SECRET)
        pids: dict[str, int] = {}
        meter = held.enter_context(Meter(lambda: pids.get("gpu")))
        interrupts = held.enter_context(Interrupts())
        up = held.enter_context(running(place, own, quiet, interrupts))
        pids.update(up.supervisor.pids())
        yield place, meter


def open_change(forge: GitHubDouble, number: int, push: Push) -> None:
    """Open a pull request whose files are all new."""
    forge.add_change(
        repo=REPO,
        number=number,
        head_sha=push.sha,
        base_sha=BASE,
        diff=push.diff,
        files={BASE: {}, push.sha: push.files},
    )


def judged(place: Place, forge: GitHubDouble, number: int, push: Push, *, kind: str) -> Measured:
    """Deliver a push and wait for its end. Ends the run where it does not come, or is no review."""
    body, headers = delivery(REPO, number, push.sha, f"bench-{number}-{push.sha[:8]}")
    began = time.perf_counter()
    status = post(place.port, body, headers)
    if status != 202:
        sys.exit(f"the receiver answered {status}: see {place.logs}")
    while not is_concluded(forge, push.sha):
        if time.perf_counter() - began > WITHIN_S:
            sys.exit(f"there was no review after {WITHIN_S:g} s")
        time.sleep(LOOK_S)
    whole_s = time.perf_counter() - began
    engine = open_engine(place.database_url)
    try:
        row = settled(engine, number)
        verdicts = snippets.judged(engine, row.id)
    finally:
        engine.dispose()
    comments = sum(len(one.comments) for one in forge.reviews if one.commit_id == push.sha)
    print(f"{kind}: {whole_s:.1f} s", file=sys.stderr)
    return Measured(
        kind, whole_s, row.prepare_s, row.score_s, row.publish_s, len(verdicts), comments
    )


def settled(engine: Engine, number: int) -> StoredReview:
    """The newest review of a change, published. Ends the run where it ended in another way."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        row = reviews.of_change(engine, forge="github", repo=REPO, number=number)[-1]
        if row.state is State.PUBLISHED:
            return row
        if row.state in {State.FAILED, State.IGNORED, State.SUPERSEDED}:
            sys.exit(f"the review ended as {row.state.value}: {row.reason}")
        time.sleep(LOOK_S)
    sys.exit(f"the review was not recorded as published within {WITHIN_S:g} s")


def is_concluded(forge: GitHubDouble, sha: str) -> bool:
    """Whether the check of a head has ended."""
    return any(one.head_sha == sha and one.status == "completed" for one in forge.check_runs)


def changed(code: str) -> str:
    """The function with one more line at its end."""
    return f"{code}\n    return None"


def text(report: Mapping[str, object], pushes: list[Measured], medians: Mapping[str, float]) -> str:
    """The report for people."""
    lines = [f"push · commit {report['commit']} · {report['machine']}"]
    for one in pushes:
        stages = (("prepare", one.prepare_s), ("score", one.score_s), ("publish", one.publish_s))
        took = ", ".join(f"{name} {value:.1f} s" for name, value in stages if value is not None)
        lines.append(
            f"  {one.kind:<12}{one.whole_s:>6.1f} s  ({took})  "
            f"{one.judged} snippets, {one.comments} comments"
        )
    for kind, bar in BARS.items():
        met = "met" if medians[kind] <= bar else "missed"
        lines.append(f"{kind}: median {medians[kind]:.1f} s, bar {bar:g} s: {met}")
    memory = report["memory_mb"]
    lines.append(f"scoring process, MB at most: {memory}")
    return "\n".join(lines)


def quiet(_line: str) -> None:
    """Say nothing of what is started."""


if __name__ == "__main__":
    sys.exit(main())
