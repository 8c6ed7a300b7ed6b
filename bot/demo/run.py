"""Run the demo: the whole of Gavel on a change of our own, on this machine alone. Acts."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine

from bot.demo import exhibit as exhibits
from bot.demo import show
from bot.demo.compare import HowItEnded, compare
from bot.demo.complete import what_is_wrong
from bot.demo.exhibit import Exhibit
from bot.demo.github_double import GitHubDouble
from bot.demo.github_double_shapes import pull, repository, user
from bot.demo.github_double_state import Change
from bot.demo.memory import Meter
from bot.demo.picture import draw
from bot.interrupts import Interrupted, Interrupts
from bot.problems import CouldNotJudge
from bot.programs import Place, private_environment, private_place
from bot.up import Stack, free_port, running
from judge.registry import DEFAULT_MODEL, require
from judge.train.demo_tests import Bench
from worker.escape import plain
from worker.repo_config import DEFAULT_RULES, RULES_FILE, parse_rules
from worker.settings import WorkerSettings
from worker.store import reviews, snippets
from worker.store.engine import open_engine
from worker.store.reviews import StoredReview
from worker.types import State

LIMIT_S = 600.0  # from the delivery to the review; a slow machine is not a failure
LOOK_S = 0.25
INTERRUPTED = 130  # what a shell reports for SIGINT: 128 + 2
ENDS = {State.PUBLISHED, State.SUPERSEDED, State.FAILED, State.IGNORED}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run showed: the review's row and how long it took from the delivery, in seconds."""

    review: StoredReview
    whole_s: float


def run(
    settings: WorkerSettings, environ: Mapping[str, str], *, picture: Path | None = None
) -> int:
    """Show everything and return the exit code. Raises CouldNotJudge where it did not work.

    picture  where to draw the review as SVG, or None
    """
    home = settings.home.expanduser().absolute()
    require(home, settings.model or DEFAULT_MODEL)
    console = Console(highlight=False, markup=False, emoji=False)
    state = Path(tempfile.mkdtemp(prefix="gavel-demo-"))  # 0700
    try:
        with Interrupts() as interrupts:
            _demonstrate(home, state, environ, console, interrupts, picture=picture)
    except Interrupted:
        console.print("stopped; nothing is left running")
        shutil.rmtree(state, ignore_errors=True)
        return INTERRUPTED
    except CouldNotJudge as error:
        raise CouldNotJudge(f"{error} (the logs of this run are in {state / 'logs'})") from error
    shutil.rmtree(state, ignore_errors=True)
    return 0


def _demonstrate(
    home: Path,
    state: Path,
    environ: Mapping[str, str],
    console: Console,
    interrupts: Interrupts,
    *,
    picture: Path | None,
) -> None:
    exhibit = exhibits.load()
    secret, token = secrets.token_hex(32), "ghp_" + secrets.token_hex(18)
    with ExitStack() as stack:
        double, url = _forge_with(exhibit, token, stack)
        console.print(f"a stand-in of GitHub listens on {url}")
        place = private_place(home, state, port=free_port("127.0.0.1"))
        own = private_environment(environ, url=url, token=token, secret=secret)
        pids: dict[str, int] = {}
        meter = stack.enter_context(Meter(lambda: pids.get("gpu")))
        up = stack.enter_context(running(place, own, console.print, interrupts))
        pids.update(up.supervisor.pids())
        console.print(show.pull_request(exhibit))
        _deliver(exhibit, url, secret, place)
        console.print(f"signed delivery pull_request.opened accepted by {place.address}")
        seen, engine = _watch(up, exhibit, console, interrupts)
        stack.callback(engine.dispose)
        judged = snippets.judged(engine, seen.review.id)
        threshold = _threshold(exhibit)
        console.print(show.verdicts(judged, threshold=threshold))
        _show_forge(double, exhibit, seen.review, console)
        console.print(show.cost(seen.review, meter.peak, whole_s=seen.whole_s))
        if picture is not None:
            shown = (
                show.verdicts(judged, threshold=threshold),
                *(show.comments(one.comments) for one in double.reviews),
                *(show.check(one) for one in double.check_runs),
            )
            draw(picture, shown, title=f"{exhibit.repo}#{exhibit.number}: {exhibit.title}")
    interrupts.wait(0)
    rows = compare(exhibit.functions, judged, _tested(exhibit, interrupts), threshold=threshold)
    console.print(show.comparison(rows))


def _forge_with(exhibit: Exhibit, token: str, stack: ExitStack) -> tuple[GitHubDouble, str]:
    """The stand-in with the change, listening until `stack` ends."""
    double = GitHubDouble(token=token)
    double.add_change(
        repo=exhibit.repo,
        number=exhibit.number,
        head_sha=exhibit.head_sha,
        base_sha=exhibit.base_sha,
        diff=exhibit.patch,
        title=exhibit.title,
        body=exhibit.body,
        author=exhibit.author,
        files={exhibit.base_sha: exhibit.base, exhibit.head_sha: exhibit.head},
    )
    url = double.start()
    stack.callback(double.stop)
    return double, url


def delivery(exhibit: Exhibit, url: str) -> bytes:
    """The body of the delivery that GitHub sends when the change is opened."""
    change = Change(
        exhibit.repo,
        exhibit.number,
        exhibit.title,
        exhibit.body,
        exhibit.author,
        exhibit.base_sha,
        exhibit.head_sha,
        {},
    )
    return json.dumps(
        {
            "action": "opened",
            "number": exhibit.number,
            "pull_request": pull(url, change),
            "repository": repository(url, exhibit.repo),
            "sender": user(url, exhibit.author),
        }
    ).encode()


def _deliver(exhibit: Exhibit, url: str, secret: str, place: Place) -> None:
    """Post the delivery as GitHub does. Raises CouldNotJudge unless it is accepted."""
    body = delivery(exhibit, url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/demo",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": f"demo-{secrets.token_hex(8)}",
        "X-Hub-Signature-256": "sha256="
        + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    connection = http.client.HTTPConnection(place.host, place.port, timeout=30)
    try:
        connection.request("POST", "/webhooks/github", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise CouldNotJudge(f"the receiver did not answer the delivery: {error}") from error
    finally:
        connection.close()
    if answer.status != http.client.ACCEPTED:
        raise CouldNotJudge(f"the receiver answered {answer.status}: {plain(text)}")


def _watch(
    up: Stack, exhibit: Exhibit, console: Console, interrupts: Interrupts
) -> tuple[Seen, Engine]:
    """Wait for the end of the review, telling every step. Raises CouldNotJudge."""
    engine = open_engine(up.place.database_url)
    began, last = time.monotonic(), ""
    with console.status("waiting for the workers"):
        while time.monotonic() - began < LIMIT_S:
            up.supervisor.tend()
            rows = reviews.of_change(
                engine, forge="github", repo=exhibit.repo, number=exhibit.number
            )
            state = rows[-1].state if rows else None
            took_s = time.monotonic() - began
            if state is not None and state.value != last:
                last = state.value
                console.print(f"{took_s:6.1f} s  {last}")
            if state is State.PUBLISHED:
                return Seen(rows[-1], took_s), engine
            if state in ENDS:
                raise CouldNotJudge(f"the review ended as {last}: {plain(rows[-1].reason)}")
            interrupts.wait(LOOK_S)
    raise CouldNotJudge(f"there was no review after {LIMIT_S:g} s; it is {last or 'not recorded'}")


def _show_forge(
    double: GitHubDouble, exhibit: Exhibit, review: StoredReview, console: Console
) -> None:
    """Show what the stand-in received. Raises CouldNotJudge unless it is all there, once."""
    for one in double.reviews:
        console.print(show.comments(one.comments))
    for run_ in double.check_runs:
        console.print(show.check(run_))
    wrong = what_is_wrong(
        double.reviews,
        double.check_runs,
        head_sha=exhibit.head_sha,
        recorded=len(review.comment_ids),
    )
    if wrong:
        raise CouldNotJudge(wrong)


def _threshold(exhibit: Exhibit) -> float:
    text = exhibit.base.get(RULES_FILE)
    return (parse_rules(text) if text is not None else DEFAULT_RULES).threshold


def _tested(exhibit: Exhibit, interrupts: Interrupts) -> dict[str, HowItEnded]:
    """How the tests of every function end here, or ended where they cannot be run here."""
    tested = {}
    with Bench() as bench:
        for function in exhibit.functions:
            interrupts.wait(0)
            code = f"{function.imports}\n{function.code}"
            outcome = bench.run(function.language, code, function.tests)
            if outcome.passed is None:
                tested[function.name] = HowItEnded(
                    function.recorded_passed, function.recorded_detail, was_run=False
                )
            else:
                tested[function.name] = HowItEnded(outcome.passed, outcome.detail, was_run=True)
    return tested
