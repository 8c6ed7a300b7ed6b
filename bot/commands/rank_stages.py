"""Run candidates for `gavel rank`: examples, filters, the judge, tests. Acts: sandbox and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import rows, scoring
from bot.commands.score import progress
from bot.problems import CouldNotJudge, WrongUse, sentence_of
from bot.rows import Row
from judge.types import Example, Judge

if TYPE_CHECKING:
    from judge.execute import Runners
    from judge.stages_run import Ran, Tester
    from judge.train.tasks import Task
    from judge.train.toolchains import Toolchains


def with_examples(source: str, target: str) -> None:
    """Write the rows of `source` to `target`, each with how many examples it passes.

    `examples_shown` is 0 where a task shows none that can be run. Raises CouldNotJudge.
    """
    from judge.stages_run import run_examples

    held = list(rows.read(source))
    with _runners() as runners:
        ran = _by_task(held, lambda task: run_examples(task, runners))
    with rows.writer(target) as write:
        for row, one in zip(held, ran, strict=True):
            write({**row, **_told(one)})


def staged(
    source: str,
    target: str,
    opened: Callable[[], Judge],
    *,
    tests: Path | None,
    best: int,
    lodash: Path | None,
) -> None:
    """Write the rows of `source` to `target` with the stage at which each fell, "" where at none.

    What a filter took out is not judged, and has no `p_correct`. Raises CouldNotJudge, WrongUse.
    """
    from judge.stages_run import run_filters

    held = list(rows.read(source))
    tasks = _tasks(tests) if tests else {}
    with _runners() as runners:
        ran = _by_task(held, lambda task: run_filters(task, runners))
    told: list[Row] = [
        {**row, **_told(one), "stage": one.stage} for row, one in zip(held, ran, strict=True)
    ]
    alive = [place for place, one in enumerate(ran) if not one.stage]
    judged = scoring.score((told[place] for place in alive), opened())
    for place, row in zip(alive, progress(judged, total=len(alive)), strict=True):
        told[place] = row
    if tasks:
        _test(told, tasks, best, lodash)
    with rows.writer(target) as write:
        for row in told:
            write(row)


def _told(one: Ran) -> Row:
    if one.passed is None:
        return {"examples_shown": one.shown}
    return {"examples_shown": one.shown, "examples_passed": one.passed}


def _by_task(held: Sequence[Row], run: Callable[[Sequence[Example]], list[Ran]]) -> list[Ran]:
    """What `run` says of the rows of each task and language, in the order of the rows."""
    groups = list(_groups(held).values())
    ran: dict[int, Ran] = {}
    for places in progress(groups, total=len(groups)):
        ran.update(zip(places, run([_example(held[one]) for one in places]), strict=True))
    return [ran[place] for place in range(len(held))]


def _groups(held: Sequence[Row]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(held):
        key = repr(row.get("task_id")), repr(row.get("language"))
        groups.setdefault(key, []).append(place)
    return groups


def _example(row: Row) -> Example:
    posed = scoring.example_of(row)
    return posed if isinstance(posed, Example) else scoring.NOTHING


@contextmanager
def _runners() -> Iterator[Runners]:
    from judge.execute import Runners
    from judge.train.sandbox import SandboxUnavailable

    try:
        with Runners() as runners:
            yield runners
    except SandboxUnavailable as refusal:
        raise CouldNotJudge(str(refusal)) from refusal


def _tasks(file: Path) -> Mapping[str, Task]:
    from judge.train.tasks import BadRow, read_tasks

    try:
        return read_tasks(file)
    except (OSError, BadRow) as refusal:
        raise WrongUse(f"--tests: {sentence_of(refusal)}") from refusal


def _test(told: list[Row], tasks: Mapping[str, Task], best: int, lodash: Path | None) -> None:
    """Run the tests on the best of each task, and put down in `stage` what became of them."""
    from judge.rank import rank_rows
    from judge.stages import PASSED, TESTS
    from judge.stages_run import run_tests
    from judge.train.sandbox import SandboxUnavailable
    from judge.train.toolchains import find_toolchains

    ranks = [int(str(row["rank"])) for row in rank_rows(told)]
    tools = find_toolchains(lodash=lodash)
    testers: dict[str, Tester] = {}
    with ExitStack() as stack:
        for places in _groups(told).values():
            first = told[places[0]]
            task = tasks.get(str(first.get("task_id")))
            if task is None:
                continue
            if task.language not in testers:
                try:
                    testers[task.language] = stack.enter_context(_tester(task.language, tools))
                except SandboxUnavailable as refusal:
                    raise CouldNotJudge(str(refusal)) from refusal
            alive = sorted((p for p in places if not told[p]["stage"]), key=lambda p: ranks[p])
            candidates = [_example(told[place]) for place in alive]
            chosen = range(min(best, len(alive)))
            tester = testers[task.language]
            for place, passes in run_tests(task, candidates, chosen, tester).items():
                told[alive[place]] = {
                    **told[alive[place]],
                    "stage": PASSED if passes else TESTS,
                }


def _tester(language: str, tools: Toolchains) -> Tester:
    from judge.stages_run import TESTERS

    if language not in TESTERS:
        raise WrongUse(f"tests in {language} cannot be run here: expected {', '.join(TESTERS)}")
    if why := tools.missing(language):
        raise CouldNotJudge(why)
    return TESTERS[language](tools)
