from __future__ import annotations

import hashlib
import json
import random
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands import evaluate
from bot.problems import WrongUse
from judge.evaluate.metrics import METRICS
from judge.types import Example, Verdict
from tests.fakes import FixedJudge
from worker.repo_config import DEFAULT_RULES

Run = Callable[..., Result]
Row = dict[str, object]


class FixedJudges:
    """Two methods: a head that knows "good" code, and one that says the same of everything."""

    def __init__(self) -> None:
        self.asked: list[Example] = []

    def judge_all(self, examples: Sequence[Example]) -> dict[str, list[Verdict]]:
        self.asked.extend(examples)
        knowing = FixedJudge(0.2, by_text={"good": 0.9})
        return {"head": knowing.judge(examples), "yesno": FixedJudge(0.6).judge(examples)}


@pytest.fixture
def judges() -> FixedJudges:
    return FixedJudges()


@pytest.fixture
def run(judges: FixedJudges) -> Run:
    def run(*arguments: object) -> Result:
        app = typer.Typer()
        app.callback()(lambda: None)
        evaluate.register(app, judges_of=lambda *_: (judges, "head"))
        return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])

    return run


def put(path: Path, rows: list[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def labelled(**more: object) -> list[Row]:
    """24 rows of 8 tasks in two languages; code that is right says so."""
    return [
        {
            "task_id": f"{'MBPP' if index % 2 else 'MBJP'}/{index // 3}",
            "label": int(index % 3 == 0),
            "code": f"{'good' if index % 3 == 0 else 'bad'} = {index}",
            "language": "python" if index % 2 else "java",
            "generator": "writer-a" if index < 12 else "writer-b",
            "split": "test",
            **more,
        }
        for index in range(24)
    ]


def scored() -> list[Row]:
    draw = random.Random(5)
    return [
        {**row, "p_correct": (p := draw.random()), "logit": 4 * p - 2, "model": "m/head@1"}
        for row in labelled()
    ]


def test_the_report_tells_what_was_measured_and_how(run: Run, tmp_path: Path) -> None:
    source, out = put(tmp_path / "in.jsonl", labelled()), tmp_path / "out.json"
    done = run(source, "--json", out)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_bytes())
    assert told["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (told["file"], told["models"], told["splits"]) == ("in.jsonl", ["fixed-1"], ["test"])
    assert (told["n_rows"], told["n_right"], told["n_abstained"]) == (24, 8, 0)
    assert told["comment_threshold"] == DEFAULT_RULES.threshold
    assert set(told["metrics"]) == set(METRICS)
    assert told["metrics"]["auc"]["value"] == 1
    assert set(told["by_language"]) == {"java", "python"}
    assert set(told["by_writer"]) == {"writer-a", "writer-b"}
    assert told["baselines"]["untrained_yesno"]["metrics"]["auc"]["value"] == 0.5
    assert told["baselines"]["added_lines"]["reason"] == "not every row has a diff"
    assert "AUC" in done.output


def test_every_row_is_read_once_for_all_methods(
    run: Run, judges: FixedJudges, tmp_path: Path
) -> None:
    run(put(tmp_path / "in.jsonl", labelled()))
    assert [one.code for one in judges.asked] == [row["code"] for row in labelled()]


def test_scores_of_the_rows_are_used_without_a_judge(
    run: Run, judges: FixedJudges, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    assert run(put(tmp_path / "in", scored()), "--use-scores", "--json", out).exit_code == 0
    assert json.loads(out.read_bytes())["models"] == ["m/head@1"]
    assert judges.asked == []


def test_two_runs_give_the_same_report(run: Run, tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", scored())
    for name in ("a", "b"):
        run(source, "--use-scores", "--json", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_threshold_moves_what_is_called_correct(run: Run, tmp_path: Path) -> None:
    source, out = put(tmp_path / "in.jsonl", labelled()), tmp_path / "out.json"
    run(source, "--json", out, "--threshold", 0.95)
    told = json.loads(out.read_bytes())
    assert told["threshold"] == 0.95
    assert told["metrics"]["accuracy"]["value"] == pytest.approx(16 / 24, abs=1e-6)


def test_rows_that_cannot_be_asked_are_abstentions(run: Run, tmp_path: Path) -> None:
    source, out = put(tmp_path / "in", [*labelled(), {"label": 0}]), tmp_path / "out.json"
    assert run(source, "--json", out).exit_code == 0
    told = json.loads(out.read_bytes())
    assert (told["n_rows"], told["n_abstained"], told["answered"]["n_rows"]) == (25, 1, 24)


def test_pictures_are_png(run: Run, tmp_path: Path) -> None:
    run(put(tmp_path / "in.jsonl", labelled()), "--pictures", tmp_path / "pictures")
    drawn = sorted((tmp_path / "pictures").iterdir())
    assert [path.name for path in drawn] == ["precision-recall.png", "reliability.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_a_place_for_pictures_that_cannot_be_is_told_before_the_work(
    run: Run, judges: FixedJudges, tmp_path: Path
) -> None:
    source = put(tmp_path / "rows.jsonl", labelled())
    result = run(source, "--pictures", source)
    assert isinstance(result.exception, WrongUse)
    assert "cannot write pictures" in str(result.exception)
    assert judges.asked == []


def test_names_in_the_table_are_data(run: Run, tmp_path: Path) -> None:
    hostile = {"language": "\x1b[31mred", "generator": "[bold]w[/nothing]\n\u202e"}
    done = run(put(tmp_path / "in.jsonl", labelled(**hostile)))
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.output and "\u202e" not in done.output
    assert "[bold]" in done.output


def test_the_report_on_standard_output_is_json_alone(run: Run, tmp_path: Path) -> None:
    done = run(put(tmp_path / "in.jsonl", scored()), "--use-scores", "--json", "-")
    assert json.loads(done.stdout)["n_rows"] == 24


@pytest.mark.parametrize("bad", [{}, {"label": None}, {"label": True}, {"label": 2}])
def test_a_row_without_a_label_is_wrong_use(run: Run, tmp_path: Path, bad: Row) -> None:
    source = put(tmp_path / "in.jsonl", [*labelled(), {"code": "x", **bad}])
    done = run(source, "--json", tmp_path / "out.json")
    assert isinstance(done.exception, WrongUse)
    assert str(done.exception).startswith("row 25 has ")
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("bad", [{"p_correct": 1.5}, {"logit": "high"}, {"logit": 10**400}])
def test_scores_that_are_none_are_wrong_use(run: Run, tmp_path: Path, bad: Row) -> None:
    done = run(put(tmp_path / "in.jsonl", [{**scored()[0], **bad}]), "--use-scores")
    assert isinstance(done.exception, WrongUse)
    assert str(done.exception).startswith("row 1 has ")


def test_no_rows_are_wrong_use(run: Run, tmp_path: Path) -> None:
    assert isinstance(run(put(tmp_path / "in.jsonl", [])).exception, WrongUse)


def test_one_row_is_measured(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = run(put(tmp_path / "in.jsonl", scored()[:1]), "--use-scores", "--json", out)
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_bytes())["metrics"]["auc"]["value"] is None


def test_the_commit_is_that_of_a_checkout_which_has_the_module(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        named = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", str(tmp_path), *named, *arguments], check=True)

    module = tmp_path / "evaluate.py"
    module.write_text("x = 1\n", encoding="utf-8")
    assert evaluate.commit(module) is None
    git("init", "-q")
    assert evaluate.commit(module) is None
    git("add", "evaluate.py")
    git("commit", "-q", "-m", "m")
    clean = evaluate.commit(module)
    assert clean is not None and len(clean) == 40
    module.write_text("x = 2\n", encoding="utf-8")
    assert evaluate.commit(module) == f"{clean}-dirty"


def mutants(tmp_path: Path) -> tuple[Path, Path]:
    """Ten mutants, all of which the judge calls bad, and the originals, of which it likes half."""
    right = [
        {"id": f"o{n}", "task_id": f"T/{n}", "label": 1, "code": f"{word} = {n}"}
        for n, word in enumerate(["good", "bad"] * 5)
    ]
    wrong = [
        {"id": f"m{n}", "task_id": f"T/{n}", "label": 0, "code": f"bad = -{n}", "original": f"o{n}"}
        for n in range(10)
    ]
    return put(tmp_path / "mutants.jsonl", wrong), put(tmp_path / "right.jsonl", right)


def test_pairs_of_mutants_and_originals_are_measured_by_growth(run: Run, tmp_path: Path) -> None:
    wrong, right = mutants(tmp_path)
    done = run(wrong, "--pairs", "--originals", right, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "out.json").read_text())
    judge = told["signals"]["judge"]
    assert judge["all"]["value"] == 0.75  # half are preferred, half are equal
    assert judge["all"]["n"] == 10
    assert judge["shrank"]["n"] == 5
    assert told["signals"]["untrained_yesno"]["all"]["value"] == 0.5
    assert "length" in told["signals"]
    assert "balanced" in done.output


def test_rows_without_pairs_are_told_with_the_remedy(run: Run, tmp_path: Path) -> None:
    done = run(put(tmp_path / "rows.jsonl", labelled()), "--pairs")
    assert isinstance(done.exception, WrongUse)
    assert "--originals" in str(done.exception)


def test_rows_of_one_kind_are_measured_alone(run: Run, tmp_path: Path) -> None:
    rows = labelled(kind="introduced") + labelled(kind="fix")
    path = put(tmp_path / "rows.jsonl", rows)
    run(path, "--kind", "introduced", "--json", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["n_rows"] == 24
    assert "of kind 'none'" in str(run(path, "--kind", "none").exception)


DIFF = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n def f():\n-    return bad\n+    return good\n"


def test_swapped_changes_are_scored_both_ways(
    run: Run, judges: FixedJudges, tmp_path: Path
) -> None:
    change: Row = {"code": "def f():\n    return good", "diff": DIFF, "language": "python"}
    rows = [{**change, "label": n % 2, "task_id": f"c{n}"} for n in range(4)]
    rows.append({"code": "good", "label": 1, "diff": ""})
    done = run(put(tmp_path / "rows.jsonl", rows), "--swap", "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "out.json").read_text())
    assert (told["n_rows"], told["n_left_out"]) == (4, 1)
    assert told["turning"]["falls_where_right"]["value"] == 1.0
    assert told["turning"]["rises_where_wrong"]["value"] == 0.0
    assert judges.asked[4].code == "def f():\n    return bad"


def test_rows_that_cannot_be_swapped_are_told(run: Run, tmp_path: Path) -> None:
    done = run(put(tmp_path / "rows.jsonl", labelled()), "--swap")
    assert isinstance(done.exception, WrongUse)
    assert "nothing to swap" in str(done.exception)
    both = run(put(tmp_path / "rows.jsonl", labelled()), "--swap", "--pairs")
    assert "exclude" in str(both.exception)


@pytest.mark.parametrize(("option", "shown"), [([], True), (["--without-history"], False)])
def test_history_is_shown_to_the_judge_unless_told(
    run: Run, judges: FixedJudges, tmp_path: Path, option: list[str], shown: bool
) -> None:
    run(put(tmp_path / "rows.jsonl", labelled(history={"files": 2})), *option)
    assert {one.history for one in judges.asked} == {(("files", 2.0),) if shown else ()}
