"""Measure every page of the dashboard with many reviews, and beside it with few.

    python bench/dashboard.py --reviews 100000 --few 1000 --json FILE

Fills an SQLite file, and a PostgreSQL of its own where one is installed, asks every page in
process as gunicorn's threads would, and prints the median of each page and its ratio to the same
page with few reviews. A page whose cost does not grow with the reviews has a ratio near 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.security import generate_password_hash

from bot.app import create_app
from bot.dashboard.settings import DashboardSettings
from bot.settings import BotSettings
from tests.histories import enlarge, fill
from tests.postgres import NoPostgres, postgres
from worker.store import admins
from worker.store.engine import open_engine
from worker.store.migrate import upgrade

PASSWORD = "correct horse battery"
LARGEST_REVIEW = 200  # functions: the most of a change that are judged


def pages(reviews: int) -> dict[str, str]:
    """Every page, the deepest ones of the lists included."""
    middle = reviews // 2
    return {
        "reviews": "/",
        "reviews, middle": f"/?before={middle}",
        "reviews, failed": "/?state=failed",
        "reviews, one repository": "/?repo=github:octo/rocket",
        "repositories": "/repositories",
        "review": f"/reviews/{reviews - 4}",
        "review, 200 functions": f"/reviews/{reviews - 5}",
        "repository": "/repositories/github/octo/rocket",
        "feedback": "/feedback",
        "judge": "/judge",
        "health": "/health",
    }


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Name -> URL of an empty database of each kind."""
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        found = {"sqlite": f"sqlite:///{folder}/gavel.sqlite"}
        try:
            with postgres() as server:
                yield found | {"postgresql": server.url}
        except NoPostgres as reason:
            print(f"without PostgreSQL: {reason}", file=sys.stderr)
            yield found


def open_pages(url: str, reviews: int) -> FlaskClient:
    """A browser that is signed in, on a database with so many reviews."""
    upgrade(url)
    engine = open_engine(url)
    fill(engine, reviews, now=datetime.now(UTC), said=2_000)
    enlarge(engine, reviews - 5, LARGEST_REVIEW)
    admins.keep(engine, "root", generate_password_hash(PASSWORD), now=datetime.now(UTC))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    engine.dispose()
    home = Path(tempfile.mkdtemp(prefix="gavel-bench-home-"))
    broker = f"redis+socket://{home}/none.sock"
    made = DashboardSettings(home=home, database_url=url, broker_url=broker)
    receiver = BotSettings(
        home=home,
        database_url=url,
        broker_url=broker,
        github_webhook_secret="s" * 32,  # type: ignore[arg-type]
    )
    client = create_app(receiver, pages=made).test_client()
    form = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    client.post("/sign-in", data={"name": "root", "password": PASSWORD, "csrf": form})
    return client


def measure(client: FlaskClient, reviews: int, *, times: int) -> dict[str, tuple[float, float]]:
    """Page -> median milliseconds until its answer, and of them those on this process's CPU."""
    found = {}
    for name, path in pages(reviews).items():
        spent, worked = [], []
        for _ in range(times):
            started, began = time.perf_counter(), time.process_time()
            answer = client.get(path)
            spent.append((time.perf_counter() - started) * 1000)
            worked.append((time.process_time() - began) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
        found[name] = statistics.median(spent), statistics.median(worked)
    return found


def compare(
    few: int, many: int, *, times: int, only: str
) -> dict[str, dict[str, dict[str, float]]]:
    """Kind of database -> page -> its medians with few and with many reviews."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for count, key in ((few, "few_ms"), (many, "many_ms")):
        with databases() as urls:
            for kind, url in urls.items():
                if only not in {"", kind}:
                    continue
                started = time.perf_counter()
                client = open_pages(url, count)
                print(f"{kind}: {count:,} reviews in {time.perf_counter() - started:.0f} s")
                for page, (spent, worked) in measure(client, count, times=times).items():
                    row = found.setdefault(kind, {}).setdefault(page, {})
                    row |= {key: spent, f"{key}_cpu": worked}
    return found


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--reviews", type=int, default=100_000)
    asked.add_argument("--few", type=int, default=1_000)
    asked.add_argument("--times", type=int, default=15)
    asked.add_argument("--only", default="", choices=["", "sqlite", "postgresql"])
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    found = compare(given.few, given.reviews, times=given.times, only=given.only)
    for kind, of_page in found.items():
        print(f"\n{kind:<28}{given.few:>10,}{given.reviews:>12,}{'ratio':>8}{'of it CPU':>13}")
        for page, spent in of_page.items():
            few, many = spent["few_ms"], spent["many_ms"]
            cpu = spent["many_ms_cpu"]
            print(f"{page:<28}{few:>7.1f} ms{many:>9.1f} ms{many / few:>8.2f}{cpu:>10.1f} ms")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
