from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import build
from bot.commands import init
from bot.problems import WrongUse
from bot.rules_file import Answers, text
from worker.repo_config import DEFAULT_RULES, Gate, Rules, RulesError, parse_rules

Git = Callable[..., str]


def run(*arguments: str) -> object:
    return CliRunner().invoke(build(), ["init", *arguments])


def test_without_a_terminal_the_defaults_answer(git: Git, top: Path) -> None:
    assert run(str(top)).exit_code == 0
    assert parse_rules((top / ".gavel.toml").read_text()) == DEFAULT_RULES


def test_options_answer_and_the_file_stands_at_the_top(git: Git, top: Path) -> None:
    (top / "deep").mkdir()
    options = ["--gate", "block", "--threshold", "0.2", "--ignore", "a/**", "--ignore", 'q".py']
    assert run(str(top / "deep"), *options, "--yes").exit_code == 0
    rules = parse_rules((top / ".gavel.toml").read_text())
    assert (rules.gate, rules.threshold, rules.ignore) == (Gate.BLOCK, 0.2, ("a/**", 'q".py'))


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_there_is_never_overwritten(git: Git, top: Path, kind: str) -> None:
    target = top / ".gavel.toml"
    if kind == "file":
        target.write_text("mine = 1\n")
    else:
        target.symlink_to(top / "nowhere")
    done = run(str(top), "--yes")
    assert isinstance(done.exception, WrongUse)
    assert "left as it is" in str(done.exception)
    assert target.is_symlink() or target.read_text() == "mine = 1\n"
    assert not (top / "nowhere").exists()


def test_a_person_is_asked_three_questions(
    git: Git, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    answers = iter(["nope", "shadow", 7.0, 0.4, "dist/**, *.gen.py"])
    monkeypatch.setattr(init.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(
        init.typer, "prompt", lambda said, **_: (asked.append(said), next(answers))[1]
    )
    init.init(top, gate=None, threshold=None, ignore=None, yes=False)
    assert [said[:6] for said in asked] == ["1 of 3", "1 of 3", "2 of 3", "2 of 3", "3 of 3"]
    rules = parse_rules((top / ".gavel.toml").read_text())
    assert (rules.gate, rules.threshold, rules.ignore) == (
        Gate.SHADOW,
        0.4,
        ("dist/**", "*.gen.py"),
    )


def test_a_pattern_that_is_none_leaves_no_file(git: Git, top: Path) -> None:
    assert isinstance(run(str(top), "--ignore", "!").exception, RulesError)
    assert not (top / ".gavel.toml").exists()


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    assert isinstance(run(str(tmp_path)).exception, WrongUse)


@settings(deadline=None)  # a loaded machine may pause anywhere
@given(st.sampled_from(Gate), st.floats(0, 1), st.lists(st.text(min_size=1), max_size=3))
def test_every_text_is_read_back(gate: Gate, threshold: float, ignore: list[str]) -> None:
    surrogate_free = [one.encode("utf-8", "replace").decode() for one in ignore]
    content = text(Answers(gate, threshold, surrogate_free))
    try:
        rules = parse_rules(content)
    except RulesError as error:
        assert "gitignore pattern" in str(error)
        return
    assert rules == Rules(gate=gate, threshold=threshold, ignore=tuple(surrogate_free))


@pytest.mark.parametrize(
    ("instruction", "words"), [("complete_bash", "gavel in"), ("complete_zsh", "gavel in")]
)
def test_a_shell_is_told_what_may_come_next(instruction: str, words: str) -> None:
    environment = {
        **os.environ,
        "_GAVEL_COMPLETE": instruction,
        "COMP_WORDS": words,
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": words,
    }
    program = "import sys; sys.argv = ['gavel']; from bot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "init" in done.stdout, done.stderr
    assert "replay" not in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_shown(shell: str) -> None:
    environment = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    program = "import sys; sys.argv[0] = 'gavel'; from bot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--show-completion", shell],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_GAVEL_COMPLETE" in done.stdout
