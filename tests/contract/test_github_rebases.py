"""Thirty rebases and force-pushes of one change: nothing twice, nothing open on gone code."""

from random import Random

from judge.diff import parse
from judge.snippets import snippets
from tests.fakes import FixedJudge
from worker.forges.hunks import hunks_between
from worker.jobs import ChangeRef
from worker.marks import fingerprint_in
from worker.review import review_in_process

OLD = "import os\n\n\ndef kept(x):\n    return x\n"
PUSHES = 30


def function(name: str, version: int) -> str:
    return f"\n\ndef {name}(x):\n    total = {version}\n    return bad(x, total)\n"


def text_of(random: Random, state: dict[str, int]) -> str:
    """The file after a push: functions moved, changed, removed and brought back."""
    name = random.choice("abcdefgh")
    if name in state and random.random() < 0.5:
        del state[name]
    else:
        state[name] = random.randrange(3)
    order = list(state)
    random.shuffle(order)
    lines_above = "# moved\n" * random.randrange(30)
    return lines_above + OLD + "".join(function(one, state[one]) for one in order)


def diff_of(text: str) -> str:
    return (
        "diff --git a/app.py b/app.py\n--- a/app.py\n+++ b/app.py\n" + hunks_between(OLD, text)
        if text != OLD
        else ""
    )


def present(diff: str, text: str) -> set[str]:
    return {one.fingerprint for file in parse(diff) for one in snippets(file, text)}


def test_thirty_force_pushes_repeat_nothing_and_leave_no_stale_thread(github) -> None:
    random, state, judge = Random(7), {}, FixedJudge(0.9, by_text={"bad(": 0.05})
    for push in range(PUSHES):
        head, text = f"{push + 16:040x}", text_of(random, state)
        diff = diff_of(text)
        github.double.push(
            repo=github.repo,
            number=7,
            head_sha=head,
            diff=diff,
            files={head: {"app.py": text}},
        )
        change = ChangeRef("github", github.repo, 7, head)
        review_in_process(change, forge=github.forge, judge=judge)
        posted = {fingerprint_in(one.body): done for one, done in github.double.threads.items()}
        assert len(posted) == len(github.double.threads)
        left_open = {fingerprint for fingerprint, done in posted.items() if not done}
        assert left_open <= present(diff, text)
        assert github.check(head) in {"neutral", "passes"}
    assert len(github.double.threads) > 5 and True in github.double.threads.values()
    assert len(github.double.issue_comments) == 1
