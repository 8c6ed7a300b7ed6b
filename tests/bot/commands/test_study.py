from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands import study
from bot.problems import WrongUse
from judge.study.answers import Answer
from judge.study.systems import NotMeasured, Rankings, open_system

Run = Callable[..., Result]
CONFIG = """
[[data]]
name = "toy"
file = "rows.jsonl"
[[systems]]
kind = "ranking"
name = "oracle"
[[systems]]
kind = "ranking"
name = "agreement"
[[systems]]
kind = "judge"
model = "no-such-model"
[[published]]
system = "theirs"
data = "other"
metric = "AUC"
value = "0.9"
source = "a paper"
"""


class Interrupted:
    """A ranking that is cut off after `tasks` tasks."""

    def __init__(self, name: str, tasks: int) -> None:
        self._inner, self._left = Rankings(name), tasks
        self.identity = self._inner.identity

    def answer(self, task: object) -> dict[str, list[Answer]]:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return self._inner.answer(task)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {
            "task_id": f"t/{n // 5}",
            "language": "python",
            "label": int(n % 5 < 2),
            "code": f"x = {n}",
        }
        for n in range(40)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "study.toml").write_text(CONFIG)
    return tmp_path


def runner(open_it: object) -> Run:
    def run(*arguments: object) -> Result:
        app = typer.Typer()
        app.callback()(lambda: None)
        study.register(app, open_it=open_it)
        return CliRunner().invoke(app, ["study", *map(str, arguments)])

    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return runner(lambda entry: open_system(entry, home=tmp_path, cache=tmp_path / "cache"))


def test_the_page_has_figures_of_what_was_measured_and_reasons_for_the_rest(
    run: Run, folder: Path
) -> None:
    out = folder / "out"
    assert run("run", folder / "study.toml", "--out", out).exit_code == 0
    assert run("report", out, "--out", folder / "page.md").exit_code == 0
    page = (folder / "page.md").read_text()
    oracle = [line for line in page.splitlines() if line.startswith("| oracle |")]
    assert "40 candidates of 8 tasks, 16 of them right" in page
    assert oracle[0].endswith("| 1.000 (1.000 to 1.000), 8 tasks |")
    assert "| no-such-model-head | not measured here | unknown model" in page
    assert page.index("0.9 | a paper") > page.index("## Published by others")
    assert (folder / "pass-at-1-toy.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_that_was_cut_off_goes_on_and_gives_the_same_answers(run: Run, folder: Path) -> None:
    cut = runner(lambda entry: Interrupted(entry.name, 3))
    out = folder / "out"
    cut("run", folder / "study.toml", "--out", out)
    kept = out / "toy" / "oracle.jsonl"
    assert len(kept.read_text().splitlines()) == 1 + 3 * 5
    with kept.open("a") as stream:
        stream.write('{"id": "cut sh')
    before = kept.read_text().splitlines()[:-1]
    assert run("run", folder / "study.toml", "--out", out).exit_code == 0
    after = kept.read_text().splitlines()
    assert (after[:16], len(after)) == (before, 41)


def test_a_limit_that_grows_only_adds_tasks(run: Run, folder: Path) -> None:
    out = folder / "out"
    run("run", folder / "study.toml", "--out", out, "--limit", 2)
    before = (out / "toy" / "oracle.jsonl").read_text()
    run("run", folder / "study.toml", "--out", out, "--limit", 4)
    after = (out / "toy" / "oracle.jsonl").read_text()
    assert after.startswith(before)
    assert len(after.splitlines()) == 1 + 4 * 5


def test_a_data_set_can_have_several_files_and_only_its_larger_tasks(
    run: Run, folder: Path
) -> None:
    rows = [
        {"task_id": "t/0", "language": "python", "label": n % 2, "code": f"y = {n}"}
        for n in range(3)
    ]
    (folder / "more.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = 'file = "rows.jsonl"\nmore = ["more.jsonl"]\n'
    (folder / "study.toml").write_text(
        CONFIG.replace('file = "rows.jsonl"\n', data + "least = 6\nmost = 7\n")
    )
    assert run("run", folder / "study.toml", "--out", folder / "a").exit_code == 0
    assert len((folder / "a" / "toy" / "pool.jsonl").read_text().splitlines()) == 7
    (folder / "study.toml").write_text(
        CONFIG.replace('file = "rows.jsonl"\n', data + "tasks = 2\n")
    )
    assert run("run", folder / "study.toml", "--out", folder / "b").exit_code == 0
    assert run("report", folder / "b", "--out", folder / "page.md").exit_code == 0
    assert "the first 2 tasks of 8 from rows.jsonl, more.jsonl" in (folder / "page.md").read_text()


def test_answers_to_other_rows_are_refused(run: Run, folder: Path) -> None:
    out = folder / "out"
    run("run", folder / "study.toml", "--out", out)
    (folder / "rows.jsonl").write_text('{"task_id": "t", "code": "x", "label": 1}\n')
    done = run("run", folder / "study.toml", "--out", out)
    assert isinstance(done.exception, WrongUse)
    assert "give another --out" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x", "not TOML"),
        ("[[data]]\nname='a'\nfile='b'", "needs a [[data]] entry and a [[systems]]"),
        (CONFIG.replace('"oracle"', '"best"'), "unknown ranking 'best'"),
        (CONFIG.replace('"agreement"', '"oracle"'), "two entries"),
        (CONFIG + "[price]\ncurrency = 'USD'\n", "expected core_hour"),
        (CONFIG + "[price]\ncore_hour = -1\n", "0 or more"),
        (CONFIG.replace('file = "rows.jsonl"', 'file = "rows.jsonl"\nleast = 0'), "1 or more"),
    ],
)
def test_a_wrong_configuration_is_told(run: Run, folder: Path, text: str, told: str) -> None:
    (folder / "study.toml").write_text(text)
    done = run("run", folder / "study.toml", "--out", folder / "out")
    assert isinstance(done.exception, WrongUse)
    assert told in str(done.exception)


def test_a_key_that_is_not_at_hand_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from judge.study.config import ChatEntry

    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(NotMeasured, match="set SOME_KEY"):
        study.key_of(ChatEntry("a", "http://localhost", "m", key_env="SOME_KEY"))


def test_the_study_of_this_project_names_only_models_that_are_known() -> None:
    from judge.registry import MODELS, UNPINNED
    from judge.study.config import JudgeEntry, names_of, parse
    from judge.study.trained_entry import TrainedEntry

    text = (Path(__file__).parents[3] / "bench" / "study.toml").read_text()
    entries = parse(text).systems
    models = {one.model for one in entries if isinstance(one, JudgeEntry | TrainedEntry)}
    assert models <= {*MODELS, *UNPINNED}
    assert {*UNPINNED, *MODELS} == models
    names = {name for one in entries for name in names_of(one)}
    assert "qwen2.5-coder-0.5b-instruct-rank" in names
    assert "codet5-small-encoder-rankef" in names


class Headless:
    """Opens everything but heads, and counts what was opened."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, entry: object) -> object:
        from judge.study.config import names_of

        names = names_of(entry)
        self.asked.append(names)
        if any(name.endswith("-head") for name in names):
            raise NotMeasured("no head")
        return Rankings("random")


def test_methods_are_measured_together_and_apart_only_where_one_is_missing() -> None:
    from judge.study.config import JudgeEntry

    opening = Headless()
    whole, parted = (
        JudgeEntry("a", "m", ("yesno", "total")),
        JudgeEntry("b", "m", ("head", "yesno")),
    )
    assert [one for one, _ in study.opened(whole, opening)] == [whole]
    found = dict(study.opened(parted, opening))
    assert [isinstance(system, NotMeasured) for system in found.values()] == [True, False]
    assert opening.asked == [
        ("a-yesno", "a-total"),
        ("b-head", "b-yesno"),
        ("b-head",),
        ("b-yesno",),
    ]
