"""Changes that are too large for one diff: judged within limits, or skipped with a sentence."""

import pytest

from bot.demo.github_double_state import Commit
from tests.fakes import FixedJudge
from worker.forges.base import Forbidden, Unavailable
from worker.review import review_in_process

BODY = "def f{n}(x):\n" + "".join(f"    x = x + {line}\n" for line in range(64)) + "    return x\n"


def added(path: str, text: str) -> str:
    lines = text.splitlines()
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return head + f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)


def push(github, files: dict[str, str], *, held: bool = True) -> str:
    diff = "".join(added(path, text) for path, text in files.items())
    texts = {github.next: files if held else {}}
    github.double.push(repo=github.repo, number=7, head_sha=github.next, diff=diff, files=texts)
    return diff


def judged(github, p: float = 0.9):
    judge = FixedJudge(p)
    review_in_process(github.change(github.next), forge=github.forge, judge=judge)
    (run,) = [one for one in github.double.check_runs if one.head_sha == github.next]
    return judge, run


def test_the_diff_of_many_files_is_read_file_by_file(github) -> None:
    whole = push(github, {f"f{n}.py": "def f():\n    return 1\n" for n in range(301)})
    assert github.forge.diff(github.change(github.next)) == whole
    with pytest.raises(Unavailable, match="moved"):
        github.forge.diff(github.change(github.head))


def test_a_change_of_more_files_than_github_lists_is_not_judged_and_says_so(
    github, monkeypatch
) -> None:
    monkeypatch.setattr("bot.demo.github_double_rules.MAX_FILES", 3)
    monkeypatch.setattr("worker.forges.github_files.MAX_FILES", 3)
    push(github, {f"f{n}.json": "{}\n" for n in range(301)} | {"z.py": "def f():\n    return 1\n"})
    with pytest.raises(Forbidden, match="GitHub lists only 3 of the files of this change"):
        github.forge.diff(github.change(github.next))


def test_three_hundred_files_and_twenty_thousand_lines_are_judged_within_limits(github) -> None:
    files = {f"pkg/f{n}.py": BODY.format(n=n) for n in range(300)}
    diff = push(github, files)
    assert diff.count("\n+") > 19_800
    judge, run = judged(github)
    assert len(judge.asked) == 200
    assert run.status == "completed" and "100 not judged" in (run.title or "")
    assert "not judged: at most 200 of one change" in (run.summary or "")


def test_a_file_of_seventeen_megabytes_is_named_and_never_a_silent_pass(github) -> None:
    big = "\n".join(f"value_{n} = {n:030d}" for n in range(380_000))
    assert len(big) > 17_000_000
    push(github, {"big.py": big, "small.py": "def f(x):\n    return x + 1\n"})
    _, run = judged(github, p=0.05)
    assert [one.path for one in github.double.reviews[0].comments] == ["small.py"]
    assert "1 not judged" in (run.title or "") and "`big.py`" in (run.summary or "")
    assert "the forge shows no diff of its 380,000 added lines" in (run.summary or "")


def test_a_change_of_nothing_else_is_not_judged_and_says_so(github) -> None:
    push(github, {"big.py": "\n".join(f"v{n} = {n}" for n in range(30_000))})
    _, run = judged(github)
    assert run.conclusion == "neutral" and run.title.startswith("Not judged")


def test_hunks_that_github_leaves_out_are_made_of_both_texts(github) -> None:
    texts = {f"f{n}.py": BODY.format(n=n) * 45 for n in range(8)}
    push(github, texts)
    diff = github.forge.diff(github.change(github.next))
    assert diff == "".join(added(path, text) for path, text in texts.items())


def test_at_most_two_hundred_and_fifty_commits_are_listed(github) -> None:
    commits = [Commit(f"{n:040x}", "ada", f"Step {n}") for n in range(300)]
    github.double.add_change(
        repo=github.repo,
        number=7,
        head_sha=github.head,
        base_sha=github.base,
        diff=github.diff,
        commits=commits,
    )
    assert len(github.forge.commits(github.change())) == 250
