from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands import rank, score
from bot.problems import WrongUse
from tests.fakes import FixedJudge

Run = Callable[..., Result]
ODD = [
    {"id": 1, "code": ""},
    {"id": 2, "code": "x = 1\n" * 170_000},
    {"id": 3, "code": "a\0b"},
    {"id": 4, "code": "\ud800", "prompt": "\udfff"},
    {"id": 5, "prompt": "no code"},
    {"id": 6, "code": None},
    {"id": 7, "code": [1]},
    {"id": 8, "code": 4.5},
]


@pytest.fixture
def run() -> Run:
    def run(*arguments: object, given: bytes = b"", judge: FixedJudge | None = None) -> Result:
        app = typer.Typer()
        for command in (score, rank):
            command.register(app, judge_of=lambda *_: judge or FixedJudge(by_text={"bad": 0.1}))
        return CliRunner().invoke(app, [str(a) for a in arguments], input=given)

    return run


def lines(path: Path) -> list[dict[str, object]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


def put(path: Path, rows: list[dict[str, object]]) -> Path:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def test_odd_rows_get_a_verdict_or_an_abstention_with_a_reason(run: Run, tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl.gz", ODD)
    assert run("score", source, tmp_path / "out.jsonl.gz").exit_code == 0
    scored = lines(tmp_path / "out.jsonl.gz")
    assert [{k: row[k] for k in given} for row, given in zip(scored, ODD, strict=True)] == ODD
    assert all(0 <= row["p_correct"] <= 1 for row in scored)
    assert [row["id"] for row in scored if row["abstained"]] == [1, 5, 6, 7, 8]
    assert all(row["reason"] for row in scored if row["abstained"])


def test_standard_input_and_output_are_understood(run: Run) -> None:
    done = run("score", "-", "-", given=b'{"code": "x"}\n\n{"code": "bad"}\n')
    assert done.exit_code == 0
    assert [json.loads(line)["p_correct"] for line in done.stdout.splitlines()] == [0.9, 0.1]


def test_gzip_on_standard_input_is_understood(run: Run) -> None:
    done = run("score", "-", "-", given=gzip.compress(b'{"code": "x"}\n'))
    assert json.loads(done.stdout)["p_correct"] == 0.9


def test_no_rows_give_no_rows(run: Run, tmp_path: Path) -> None:
    assert run("score", put(tmp_path / "in", []), tmp_path / "out").exit_code == 0
    assert (tmp_path / "out").read_bytes() == b""


def test_a_bad_line_is_told_before_the_judge_is_opened(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_text('{"code": "x"}\n{')
    (tmp_path / "out").write_text("old")
    judge = FixedJudge()
    done = run("score", tmp_path / "in", tmp_path / "out", judge=judge)
    assert isinstance(done.exception, WrongUse)
    assert "in, line 2: not JSON" in str(done.exception)
    assert judge.asked == []
    assert (tmp_path / "out").read_text() == "old"


def test_a_file_can_be_scored_into_itself(run: Run, tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", [{"code": "x"}] * 100)
    assert run("score", source, source).exit_code == 0
    assert len(lines(source)) == 100
    assert "p_correct" in lines(source)[99]


def test_candidates_are_ranked_within_their_task(run: Run, tmp_path: Path) -> None:
    source = put(
        tmp_path / "in",
        [
            {"task_id": "a", "code": "bad"},
            {"task_id": "b", "code": "bad"},
            {"task_id": "a", "code": "good"},
            {"task_id": "a", "code": "", "keep": 1},
        ],
    )
    assert run("rank", source, tmp_path / "out").exit_code == 0
    ranked = lines(tmp_path / "out")
    assert [row["rank"] for row in ranked] == [2, 1, 1, 3]
    assert ranked[3]["keep"] == 1
    assert ranked[3]["abstained"] is True


def test_given_scores_are_used_only_when_asked(run: Run, tmp_path: Path) -> None:
    rows = [{"task_id": 1, "code": "good", "p_correct": 0.2, "logit": -1}]
    rows += [{"task_id": 1, "code": "bad", "p_correct": 0.8, "logit": 1}]
    source = put(tmp_path / "in", rows)
    run("rank", source, tmp_path / "judged")
    run("rank", source, tmp_path / "given", "--use-scores")
    assert [row["rank"] for row in lines(tmp_path / "judged")] == [1, 2]
    assert lines(tmp_path / "given") == [rows[0] | {"rank": 2}, rows[1] | {"rank": 1}]


def test_rows_without_the_scores_to_be_used_are_told(run: Run, tmp_path: Path) -> None:
    source = put(tmp_path / "in", [{"p_correct": 1, "logit": 0}, {"p_correct": "high"}])
    done = run("rank", source, tmp_path / "out", "--use-scores")
    assert isinstance(done.exception, WrongUse)
    assert "row 2 has no p_correct" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_ranking_reads_standard_input_too(run: Run) -> None:
    given = b'{"task_id": "t", "code": "bad"}\n{"task_id": "t", "code": "x"}\n'
    done = run("rank", "-", "-", given=given)
    assert [json.loads(line)["rank"] for line in done.stdout.splitlines()] == [2, 1]
