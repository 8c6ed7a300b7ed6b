"""A history of made-up reviews for pages to show: deterministic, of any size, on any database."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, select, update

from judge.types import Snippet, SnippetKind
from worker.store import learning
from worker.store.engine import writing
from worker.store.page_tables import diffs, review_events
from worker.store.tables import deliveries, feedback, reviews, skipped, snippets
from worker.store.talk_tables import evidence

CODE = """def pages(total, size):
    \"\"\"How many pages of `size` rows hold `total` rows.\"\"\"
    if size < 1:
        raise ValueError("size must be positive")
    return total // size
"""
DIFF = """diff --git a/{path} b/{path}
index 1111111..2222222 100644
--- a/{path}
+++ b/{path}
@@ -{old},4 +{old},7 @@
 import math
-def pages(total, size):
-    return math.ceil(total / size)
+def pages(total, size):
+    \"\"\"How many pages of `size` rows hold `total` rows.\"\"\"
+    if size < 1:
+        raise ValueError("size must be positive")
+    return total // size
 # end
"""
TITLES = ("Count pages without floats", "Read the limit from settings", "Keep the last good answer")
REPOS = ("octo/hello", "octo/rocket", "hexagon/bees", "acme/a-rather-long-name-of-a-repository")
BATCH = 2_000
MODEL = "qwen2.5-coder-0.5b-instruct:head"


def fill(engine: Engine, count: int, *, now: datetime, seed: int = 5, said: int = 300) -> None:
    """Put `count` reviews into an empty database, and `said` signals about the newest of them."""
    chance = random.Random(seed)
    for first in range(1, count + 1, BATCH):
        numbers = range(first, min(first + BATCH, count + 1))
        with writing(engine) as connection:
            connection.execute(insert(reviews), [_review(n, count, now) for n in numbers])
            pieces = [piece for n in numbers for piece in _snippets(n, count, chance)]
            connection.execute(insert(snippets), pieces)
            connection.execute(insert(deliveries), [_delivery(n, count, now) for n in numbers])
            connection.execute(
                insert(review_events), [e for n in numbers for e in _events(n, count, now)]
            )
            connection.execute(insert(diffs), [_diff(n) for n in numbers])
            connection.execute(insert(evidence), [_evidence(n) for n in numbers])
            left_out = [_skipped(n) for n in numbers if n % 7 == 0]
            if left_out:
                connection.execute(insert(skipped), left_out)
    _speak(engine, count, said, now, chance)


def read_again(engine: Engine, model: str) -> None:
    """Let another judge read the first snippet of each review; it always says 0.5."""
    with writing(engine) as connection:
        rows = connection.execute(select(snippets).where(snippets.c.position == 0)).mappings()
        again = [
            {**row, "position": 100, "model": model, "p_correct": 0.5}
            for row in rows
            if row["p_correct"] is not None
        ]
        connection.execute(insert(snippets), again)


def enlarge(engine: Engine, review_id: int, count: int) -> None:
    """Let a review be of `count` files more, each with a judged function."""
    numbers = range(count)
    with writing(engine) as connection:
        first = select(snippets).where(snippets.c.review_id == review_id).limit(1)
        row = connection.execute(first).mappings().one()
        more = [
            {
                **row,
                "position": 1_000 + n,
                "path": f"src/part_{n}.py",
                "fingerprint": f"{review_id * 1_000 + n:016x}",
                "p_correct": 0.05 + 0.9 * n / count,
            }
            for n in numbers
        ]
        connection.execute(insert(snippets), more)
        text = "".join(DIFF.format(path=f"src/part_{n}.py", old=10) for n in numbers)
        body = zlib.compress(text.encode())
        connection.execute(update(diffs).where(diffs.c.review_id == review_id).values(body=body))


def _at(number: int, count: int, now: datetime) -> datetime:
    """The newest review is of now; ten weeks hold all of them."""
    return now - timedelta(weeks=10) * ((count - number) / count)


def _state(number: int, count: int) -> str:
    if number > count - 3:
        return ("queued", "prepared", "scored")[number % 3]
    return "failed" if number % 31 == 0 else "superseded" if number % 13 == 0 else "published"


def _repo(number: int) -> str:
    return REPOS[number % len(REPOS)] if number % 5 else f"team{number % 200}/service"


def _review(number: int, count: int, now: datetime) -> dict[str, object]:
    at, state = _at(number, count, now), _state(number, count)
    is_done = state == "published"
    repo = _repo(number)
    return {
        "id": number,
        "key": f"github:{repo}#{number}@{number:040x}",
        "forge": "github",
        "repo": repo,
        "number": number,
        "head_sha": f"{number * 2654435761 % 2**32:08x}" + "0" * 32,
        "state": state,
        "reason": "the diff cannot be read: it was cut short" if state == "failed" else "",
        "conclusion": ("advised" if number % 3 else "passed") if is_done else "",
        "turn_at": at,
        "base_sha": "b" * 40,
        "title": TITLES[number % 3],
        "rules": 'gate = "block"\n',
        "prepare_s": 0.4,
        "score_s": 1.5 + number % 5 if is_done else None,
        "publish_s": 0.8 if is_done else None,
        "created_at": at,
        "updated_at": at + timedelta(seconds=4),
    }


def _snippets(number: int, count: int, chance: random.Random) -> Iterator[dict[str, object]]:
    is_judged = _state(number, count) not in {"queued", "prepared"}
    for position in range(3):
        path = f"src/pages_{position}.py"
        snippet = Snippet(
            path=path,
            language="python",
            start_line=11,
            end_line=15,
            code=CODE.rstrip() + f"  # {number}",
            kind=SnippetKind.FUNCTION,
            name="pages",
        )
        p = min(max(chance.betavariate(1.6, 1.2), 0.01), 0.99)
        is_abstained = is_judged and number % 11 == 0 and position == 2
        yield {
            "review_id": number,
            "position": position,
            "path": path,
            "language": "python",
            "start_line": 11,
            "end_line": 15,
            "code": snippet.code,
            "kind": "function",
            "name": "pages",
            "prompt": "",
            "changed_lines": (11, 12, 13, 14, 15),
            "diff": "",
            "fingerprint": snippet.fingerprint,
            "p_correct": p if is_judged else None,
            "logit": 0.0 if is_judged else None,
            "model": MODEL if is_judged else None,
            "abstained": is_abstained if is_judged else None,
            "verdict_reason": "it is longer than the judge reads" if is_abstained else "",
        }


def _evidence(number: int) -> dict[str, object]:
    return {
        "review_id": number,
        "position": 0,
        "start_line": 15,
        "end_line": 15,
        "p_without": 0.81,
    }


def _skipped(number: int) -> dict[str, object]:
    return {
        "review_id": number,
        "position": 0,
        "path": "src/generated.py",
        "reason": "generated",
        "is_code": True,
    }


def _delivery(number: int, count: int, now: datetime) -> dict[str, object]:
    return {
        "forge": "github",
        "delivery_id": f"{number:08d}-72d3-11ef-8f52-0242ac120002",
        "event": "pull_request.opened",
        "review_id": number,
        "received_at": _at(number, count, now),
    }


def _events(number: int, count: int, now: datetime) -> Iterator[dict[str, object]]:
    at = _at(number, count, now)
    state = _state(number, count)
    path = ("queued", "prepared", "scored", "published")
    told = path[: path.index(state) + 1] if state in path else ("queued", state)
    for step, event in enumerate(told):
        yield {
            "review_id": number,
            "event": event,
            "detail": "",
            "at": at + timedelta(seconds=step),
        }


def _diff(number: int) -> dict[str, object]:
    text = "".join(DIFF.format(path=f"src/pages_{n}.py", old=10) for n in range(3))
    return {"review_id": number, "body": zlib.compress(text.encode())}


def _speak(engine: Engine, count: int, said: int, now: datetime, chance: random.Random) -> None:
    """People confirm most comments of the judge, and history confirms some of the rest."""
    step = max(count // max(said, 1), 1)
    with engine.connect() as connection:
        rows = connection.execute(
            snippets.select()
            .where(
                snippets.c.review_id % step == 0,
                snippets.c.position == 0,
                snippets.c.p_correct.is_not(None),
                snippets.c.abstained.is_(False),
            )
            .order_by(snippets.c.review_id.desc())
            .limit(said)
        ).all()
    given = [_signal(at, row, count, now, chance) for at, row in enumerate(rows)]
    if given:
        with writing(engine) as connection:
            connection.execute(insert(feedback), given[::-1])
    for repo in {str(one["repo"]) for one in given}:
        learning.relearn(engine, forge="github", repo=repo, now=now)


def _signal(
    at: int, row: object, count: int, now: datetime, chance: random.Random
) -> dict[str, object]:
    is_right = chance.random() < 0.25 + 0.6 * row.p_correct  # type: ignore[attr-defined]
    number = row.review_id  # type: ignore[attr-defined]
    author = ("ada", "grace", "linus", "barbara", "")[at % 5]
    words = ("ignored", "accepted") if author else ("kept", "fixed")
    return {
        "forge": "github",
        "delivery_id": f"signal-{at}",
        "repo": _repo(number),
        "number": number,
        "fingerprint": row.fingerprint,  # type: ignore[attr-defined]
        "signal": words[0] if is_right else words[1],
        "received_at": _at(number, count, now) + timedelta(hours=2),
        "author": author,
        "is_own": at % 17 == 0 and bool(author),
        "reason": "size is checked by the caller" if at % 9 == 0 and is_right else "",
    }
