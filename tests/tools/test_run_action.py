from __future__ import annotations

from pathlib import Path

import pytest

from tools.run_action import NotUnderstood, Run, execute

CACHE = "actions/cache@" + "a" * 40
PYTHON = "actions/setup-python@" + "b" * 40


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name in ("_temp", "ws", "cache/home/models"):
        (tmp_path / name).mkdir(parents=True)
    values = {"inputs.model": "m", "runner.temp": str(tmp_path / "_temp")}
    return Run(tmp_path, tmp_path / "ws", tmp_path / "cache", {"PATH": "/usr/bin:/bin"}, values)


def script(text: str, **more: object) -> dict[str, object]:
    return {"id": "one", "shell": "bash", "run": text, **more}


def test_an_expression_is_its_value_and_an_unset_output_is_nothing(run: Run) -> None:
    assert run.resolve("x-${{ inputs.model }}-${{steps.a.outputs.b}}") == "x-m-"
    with pytest.raises(NotUnderstood, match=r"unknown expression.*github\.secret"):
        run.resolve("${{ github.secret }}")


def test_a_step_sees_its_own_environment_and_sets_outputs(run: Run) -> None:
    execute(
        run, [script('echo "said=$WORD" >> "$GITHUB_OUTPUT"', env={"WORD": "${{ inputs.model }}"})]
    )
    assert run.values["steps.one.outputs.said"] == "m"
    assert run.failed == 0


def test_the_first_step_that_fails_ends_the_run(run: Run) -> None:
    execute(run, [script("exit 3"), script("touch reached")])
    assert run.failed == 3
    assert not (run.workspace / "reached").exists()


def test_a_failure_inside_of_a_pipe_counts(run: Run) -> None:
    execute(run, [script("false | true")])
    assert run.failed == 1


def test_the_cache_brings_back_what_was_kept_and_no_more(run: Run) -> None:
    paths = "${{ runner.temp }}/home/models\n${{ runner.temp }}/pip\n"
    execute(run, [{"uses": CACHE, "with": {"path": paths, "key": "k"}}])
    assert run.log == ["restored home/models"]
    assert (run.temp / "home" / "models").is_dir()


def test_python_is_the_one_that_runs(run: Run) -> None:
    execute(run, [{"id": "python", "uses": PYTHON, "with": {"python-version": "3.12"}}])
    assert Path(run.values["steps.python.outputs.python-path"]).exists()


@pytest.mark.parametrize(
    "step",
    [
        {"uses": "actions/cache@v4", "with": {}},
        {"uses": "someone/else@" + "a" * 40},
        {"run": "true", "shell": "sh"},
        {"run": "true", "shell": "bash", "if": "always()"},
    ],
)
def test_what_is_not_understood_is_never_passed_over(run: Run, step: dict) -> None:
    with pytest.raises(NotUnderstood):
        execute(run, [step])
