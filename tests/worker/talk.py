"""People who talk on a change, and a judge who knows what a sum is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.types import Example, Verdict
from tests.worker.office import CHANGE, Office
from worker.forges.memory import MemoryForge
from worker.jobs import ChangeRef, Remark
from worker.store.asks import Ask, AskState
from worker.types import Description

TEXT = "def add(a, b):\n    c = a\n    return c - b\n"
DIFF = "--- /dev/null\n+++ b/sums.py\n@@ -0,0 +1,3 @@\n" + "".join(
    f"+{line}\n" for line in TEXT.splitlines()
)
FIX = "```suggestion\n    return c + b\n```"


class Mathematician:
    """Knows what a sum is, and that code outside a function cannot be judged."""

    name = "math 1"

    def __init__(self) -> None:
        self.seen: list[Example] = []

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        self.seen.extend(examples)
        return [self._verdict(one) for one in examples]

    def _verdict(self, one: Example) -> Verdict:
        if one.diff:
            return Verdict(0.5, 0.0, self.name, abstained=True, reason="no whole function")
        p = 0.1 if "- b" in one.code else 0.9 if "+ b" in one.code else 0.6
        return Verdict(p, p * 10 - 5, self.name)


def room(office: Office) -> Office:
    """The office with a change that takes where it should add, and `ann`, who may write."""
    description = Description("head", "base", "Add sums", "", "octo", True, is_draft=False)
    office.forge = MemoryForge(description, DIFF, {("head", "sums.py"): TEXT})
    office.forge.writers = frozenset({"ann"})
    judge = Mathematician()
    office.judge_of = lambda: judge
    return office


def reviewed(office: Office, change: ChangeRef = CHANGE) -> int:
    review_id = office.deliver(change)
    office.run("prepare", review_id)
    office.run_all()
    return review_id


def on_lines(body: str, *, id: str = "51", author: str = "ann", **more) -> Remark:
    change = ChangeRef("memory", "octo/hello", 7, "")
    remark = Remark(change, id, more.pop("thread", id), author, False, body, "sums.py", 3, 3)
    return replace(remark, **more)


def under(body: str, *, author: str = "ann", id: str = "61", **more) -> Remark:
    change = ChangeRef("memory", "octo/hello", 7, "")
    return replace(Remark(change, id, "", author, False, body), **more)


def answer(office: Office, ask: Ask) -> str:
    assert ask.state is AskState.ANSWERED, ask
    return office.forge.answers[ask.remark.id]
