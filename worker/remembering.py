"""Acts: puts a memory before a judge, so that a text which it has judged is not judged again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import Counter
from sqlalchemy import Engine

from judge.types import Example, Judge, Verdict, identity_of
from worker.store import remembered

# Old verdicts are dropped whenever so many of the limit are new: once in a hundred times.
SLACK = 100

_LOOKED_UP = Counter(
    "gavel_remembered_verdicts", "Texts to judge, by whether their verdict was known.", ["found"]
)


@dataclass(slots=True)
class RememberingJudge:
    """Says what `judge` says, from the database where it has said it before.

    limit  verdicts that the database keeps, all workers together; each worker may exceed it by
           a hundredth and one batch before it drops the ones that were unused for longest
    """

    judge_itself: Judge
    engine: Engine
    clock: Callable[[], datetime]
    limit: int
    _new: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """The name of the judge itself, as written into verdicts."""
        return self.judge_itself.name

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order; only new texts reach the judge, each once."""
        identity = identity_of(self.judge_itself)
        keys = [key_of(identity, example) for example in examples]
        known = remembered.find(self.engine, tuple(dict.fromkeys(keys)), now=self.clock())
        new = {key: one for key, one in zip(keys, examples, strict=True) if key not in known}
        _LOOKED_UP.labels("yes").inc(sum(key in known for key in keys))
        _LOOKED_UP.labels("no").inc(sum(key in new for key in keys))
        if new:
            judged = self.judge_itself.judge(tuple(new.values()))
            verdicts = dict(zip(new, judged, strict=True))
            self._keep(verdicts)
            known |= verdicts
        return [known[key] for key in keys]

    def _keep(self, verdicts: dict[str, Verdict]) -> None:
        remembered.keep(self.engine, verdicts, now=self.clock())
        self._new += len(verdicts)
        if self._new * SLACK >= self.limit:
            remembered.forget(self.engine, all_but=self.limit)
            self._new = 0


def remembering(
    judge: Judge, *, engine: Engine, clock: Callable[[], datetime], limit: int
) -> Judge:
    """`judge` with a memory of `limit` verdicts, where it can have one.

    A judge without an identity may change its mind under the same name: it is always asked.
    """
    if limit < 1 or not identity_of(judge):
        return judge
    return RememberingJudge(judge, engine, clock, limit)


def key_of(identity: str, example: Example) -> str:
    """Hash of everything that a verdict depends on, 64 hex digits.

    >>> key_of("m", Example("", "ab")) == key_of("m", Example("a", "b"))
    False
    """
    digest = hashlib.sha256()
    parts = (identity, example.language, example.prompt, example.code, example.diff)
    for part in (*parts, *([repr(example.history)] if example.history else [])):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
