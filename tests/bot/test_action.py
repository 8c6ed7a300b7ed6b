from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.action import Runner, reliability_of, run
from bot.demo.github_double import ALL, GitHubDouble
from bot.problems import CouldNotJudge, WrongUse
from judge.reliability import Bin, Reliability, as_text
from judge.types import Snippet, SnippetKind, Verdict
from tests.described import outside
from tests.fakes import FixedJudge
from worker.compose import compose
from worker.forges.base import Unavailable
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi
from worker.forges.github_auth import client, token_auth
from worker.repo_config import Rules
from worker.types import Judged

BASE, HEAD = "b" * 40, "1" * 40
TEXT = "def add(a, b):\n    return a - b\n"
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add(a, b):\n+    return a - b\n"
)
BLOCK = 'gate = "block"\n'
Git = Callable[..., str]


class Stage:
    """A pull request on a stand-in of GitHub, and a runner beside it."""

    def __init__(self, folder: Path, *, permissions: frozenset[str], rules: str) -> None:
        self.double = GitHubDouble(token="t", permissions=permissions)
        files = {BASE: {".gavel.toml": rules}, HEAD: {"sums.py": TEXT}}
        self.double.add_change(
            repo="octo/hello", number=7, head_sha=HEAD, base_sha=BASE, diff=DIFF, files=files
        )
        self.client = client(token_auth("t"), url=self.double.start(), seconds_between_writes=0)
        self.forge = GitHubForge(GitHubApi(self.client))
        pull = {"number": 7, "head": {"sha": HEAD}, "base": {"sha": BASE}}
        self.summary, self.outputs = folder / "summary.md", folder / "outputs"
        self.runner = Runner(
            "pull_request", {"pull_request": pull}, "octo/hello", folder, self.summary, self.outputs
        )

    def close(self) -> None:
        self.client.close()
        self.double.stop()
        assert outside(self.double) == []

    def run(self, judge: FixedJudge, **more) -> int:
        given = {"forge": self.forge, "base": "", "sarif": None, "pause": lambda _: None, **more}
        return run(self.runner, judge=judge, **given)

    def output(self, name: str) -> str:
        return dict(line.split("=", 1) for line in self.outputs.read_text().splitlines())[name]


@pytest.fixture
def staged(tmp_path: Path):
    opened: list[Stage] = []

    def make(*, permissions: frozenset[str] = ALL, rules: str = BLOCK) -> Stage:
        opened.append(Stage(tmp_path, permissions=permissions, rules=rules))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_a_token_that_may_write_posts_the_review(staged, capsys) -> None:
    stage = staged()
    assert stage.run(FixedJudge(0.1)) == 1
    (review,) = stage.double.reviews
    assert [one.path for one in review.comments] == ["sums.py"]
    assert [one.conclusion for one in stage.double.check_runs] == ["failure"]
    assert stage.output("posted") == "true"
    assert "::error" not in capsys.readouterr().out
    assert "| `sums.py` | 1-2 | `add` | **0.10** |" in stage.summary.read_text()


def test_a_second_run_posts_nothing_new(staged) -> None:
    stage = staged()
    assert [stage.run(FixedJudge(0.1)), stage.run(FixedJudge(0.1))] == [1, 1]
    assert len(stage.double.reviews) == len(stage.double.check_runs) == 1


def test_a_run_for_a_fork_makes_annotations_and_keeps_the_gate(staged, capsys) -> None:
    stage = staged(permissions=frozenset())
    assert stage.run(FixedJudge(0.1)) == 1
    assert stage.double.reviews == () and stage.double.check_runs == ()
    assert "::error file=sums.py,line=1,endLine=2,title=add%3A P(correct) = 0.10" in (
        capsys.readouterr().out
    )
    assert (stage.output("posted"), stage.output("findings")) == ("false", "1")
    assert "as in every run for a fork" in stage.summary.read_text()


@pytest.mark.parametrize(("rules", "code"), [("", 0), ('gate = "shadow"\n', 0), (BLOCK, 1)])
def test_the_exit_code_is_the_gates(staged, rules: str, code: int) -> None:
    assert staged(rules=rules).run(FixedJudge(0.1)) == code


@pytest.mark.parametrize(("rules", "code"), [("", 0), ('not_judged = "action_required"\n', 3)])
def test_not_judged_passes_only_where_the_rules_let_it(staged, rules: str, code: int) -> None:
    class Unsure(FixedJudge):
        def _verdict(self, example):
            return super()._verdict(type(example)("", ""))

    stage = staged(rules=rules)
    assert stage.run(Unsure()) == code
    assert stage.output("conclusion") == "not_judged"


def test_a_head_that_moved_on_is_left_to_the_next_run(staged, capsys) -> None:
    stage = staged()
    stage.double.push(repo="octo/hello", number=7, head_sha="2" * 40, diff=DIFF)
    assert stage.run(FixedJudge(0.1)) == 0
    assert "moved on" in capsys.readouterr().out
    assert stage.double.reviews == ()


def test_rules_that_cannot_be_used_are_told_in_the_review_and_the_summary(staged) -> None:
    stage = staged(rules="treshold = 0.5\n")
    assert stage.run(FixedJudge(0.1)) == 0
    (check,) = stage.double.check_runs
    assert check.status == "completed" and check.conclusion != "success"
    assert "did you mean" in stage.summary.read_text()


def test_a_diff_that_cannot_be_read_fails_the_step_and_the_check_says_so(staged) -> None:
    stage = staged()
    stage.double.push(repo="octo/hello", number=7, head_sha=HEAD, diff="@@ nonsense")
    with pytest.raises(CouldNotJudge, match="diff cannot be read"):
        stage.run(FixedJudge())
    assert [one.status for one in stage.double.check_runs] == ["completed"]


def test_an_unavailable_forge_is_asked_again_after_its_own_delay(staged) -> None:
    stage, waited = staged(), []
    stage.double.fail_next(503, times=2, path="/pulls/7")
    assert stage.run(FixedJudge(0.9), pause=waited.append) == 0
    assert len(waited) == 2
    stage.double.fail_next(503, times=9)
    with pytest.raises(Unavailable):
        stage.run(FixedJudge(0.9))


def test_sarif_is_written_beside_the_review(staged, tmp_path: Path) -> None:
    stage, target = staged(), tmp_path / "out" / "gavel.sarif"
    stage.run(FixedJudge(0.1), sarif=target)
    assert len(json.loads(target.read_text())["runs"][0]["results"]) == 1
    assert stage.output("sarif") == str(target)


def test_a_push_is_judged_from_the_checkout(git: Git, top: Path, tmp_path: Path, capsys) -> None:
    (top / ".gavel.toml").write_text(BLOCK)
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    before = git("rev-parse", "HEAD")
    (top / "sums.py").write_text(TEXT)
    git("add", "-A")
    git("commit", "-q", "-m", "add")
    runner = Runner("push", {"before": before}, "octo/hello", top, None, None)
    assert run(runner, forge=None, judge=FixedJudge(0.1), base="", sarif=None) == 1
    assert "::error file=sums.py" in capsys.readouterr().out
    manual = Runner("workflow_dispatch", {}, "octo/hello", top, None, None)
    assert run(manual, forge=None, judge=FixedJudge(0.1), base="HEAD~1", sarif=None) == 1
    with pytest.raises(WrongUse, match="names no commit"):
        run(manual, forge=None, judge=FixedJudge(0.1), base="", sarif=None)


def test_outside_of_a_runner_the_command_says_what_to_use() -> None:
    with pytest.raises(WrongUse, match="gavel review"):
        Runner.of({})


def test_an_event_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "event").write_text("nope")
    given = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "event")}
    with pytest.raises(WrongUse, match="GITHUB_EVENT_PATH"):
        Runner.of(given)


def test_the_picture_is_that_of_the_judge_that_spoke(tmp_path: Path) -> None:
    snippet = Snippet("a.py", "python", 1, 1, "x", SnippetKind.FUNCTION, changed_lines=(1,))
    spoken = Judged(snippet, Verdict(0.1, 0.0, "model/head@1a2b3c4d"))
    assessment = compose([spoken], skipped=(), rules=Rules())
    (tmp_path / "model").mkdir()
    kept = tmp_path / "model" / "reliability.json"
    for version, is_shown in (("1a2b3c4d", True), ("00000000", False), ("", False)):
        kept.write_text(as_text(Reliability(version, "rows", (Bin(0.5, 0.5, 2),))))
        assert (reliability_of(assessment, adapters=tmp_path) is not None) is is_shown
    kept.write_text("{}")
    assert reliability_of(assessment, adapters=tmp_path) is None
