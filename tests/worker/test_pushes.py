"""Thirty pushes to one change on a forge in memory: nothing is said twice, nothing stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.types import Example, Verdict
from tests.worker.office import CHANGE, Office
from worker.forges.memory import MemoryForge
from worker.types import Conclusion, Description


class Wary:
    """Finds every subtraction wrong."""

    name = "wary 1"

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        return [Verdict(0.1 if "- b" in one.code else 0.9, -2.0, self.name) for one in examples]


def text(above: int, *functions: str) -> str:
    """A file whose functions stand `above` lines lower than at first."""
    return "# moved\n" * above + "\n\n".join(functions) + "\n"


def diff(body: str) -> str:
    lines = body.splitlines()
    return (
        f"--- /dev/null\n+++ b/sums.py\n@@ -0,0 +1,{len(lines)} @@\n"
        + "\n".join(f"+{line}" for line in lines)
        + "\n"
    )


def push(office: Office, head_sha: str, body: str) -> None:
    office.forge.push(head_sha, diff(body))
    office.forge.files = {(head_sha, "sums.py"): body}
    office.run("prepare", office.deliver(replace(CHANGE, head_sha=head_sha)))
    office.run_all()


def test_thirty_rebases_and_force_pushes_repeat_nothing_and_leave_nothing_open(
    office: Office,
) -> None:
    office.judge_of = Wary
    description = Description("h0", "base", "Sums", "", "octo", True, is_draft=False)
    office.forge = MemoryForge(description)
    gone = "def gone(a, b):\n    return a - b"
    stays = "def stays(a, b):\n    return b - b"
    for number in range(30):
        functions = (gone, stays) if number < 20 else (stays,)
        push(office, f"h{number}", text(number % 7, *functions))
    comments = {one.fingerprint: one for one in office.forge.standing}
    assert len(office.forge.standing) == len(comments) == 2
    by_state = {"gone" in one.body: one.is_resolved for one in comments.values()}
    assert by_state == {True: True, False: False}
    assert "carried over from an earlier head" in office.forge.published[-1].summary


def test_code_that_was_repaired_gets_its_thread_closed_and_the_check_passes(
    office: Office,
) -> None:
    office.judge_of = Wary
    description = Description("h0", "base", "Sums", "", "octo", True, is_draft=False)
    office.forge = MemoryForge(description)
    push(office, "h1", text(0, "def add(a, b):\n    return a - b"))
    push(office, "h2", text(3, "def add(a, b):\n    return a + b"))
    (comment,) = office.forge.standing
    assert comment.is_resolved
    assert office.forge.concluded["h2"] is Conclusion.PASSED
