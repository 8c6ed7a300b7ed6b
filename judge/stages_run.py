"""Act: put the candidates of a task through the cheap filters and through tests, in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

from judge.examples import READERS, examples_of
from judge.execute import Runners, passed, program_of
from judge.stages import FILTERS, compiles, parses, survivors, undefined_names
from judge.train.boxed import Boxed
from judge.train.label_javascript import JavaScriptLabeller
from judge.train.sandbox import Box, SandboxBroken
from judge.train.tasks import Task
from judge.train.toolchains import Toolchains
from judge.types import Example

_WITHIN_S = 60.0
_TEST_S = 10.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one candidate.

    stage   the filter that it failed, or ""
    shown   examples that its task shows
    passed  those that it passes; None where they were not run
    first   whether it passes the first of them
    """

    stage: str = ""
    shown: int = 0
    passed: int | None = None
    first: bool = False


def run_examples(task: Sequence[Example], runners: Runners) -> list[Ran]:
    """How many of the task's examples each candidate passes. Raises SandboxUnavailable.

    A task is in one language; in one without a runner, and without examples, nothing is run.
    """
    language = task[0].language if task else ""
    prompts = [one.prompt for one in task]
    shown = examples_of(prompts, [one.code for one in task], language)
    if not shown:
        return [Ran() for _ in task]
    calls = [one.call for one in shown]
    found: dict[str, Ran] = {}
    for code in dict.fromkeys(one.code for one in task):
        program = program_of(code, prompts, language)
        replies = runners.of(language).replies(program, calls)
        found[code] = Ran(
            shown=len(shown),
            passed=passed(shown, replies, language),
            first=passed(shown[:1], replies[:1], language) == 1,
        )
    return [found[one.code] for one in task]


def run_filters(
    task: Sequence[Example], runners: Runners, *, filters: Sequence[str] = FILTERS
) -> list[Ran]:
    """Where each candidate of one task fell; each filter sees what the one before it let through.

    Raises SandboxUnavailable.
    """
    ran = [Ran() for _ in task]
    alive = list(range(len(task)))
    for name in filters:
        if name == "examples":
            some = run_examples([task[one] for one in alive], runners)
            for place, one in zip(alive, some, strict=True):
                ran[place] = one
            most = max((one.passed or 0 for one in some), default=0)
            passes = {one: (ran[one].passed or 0) == most for one in alive}
        else:
            passes = {one: _PASSES[name](task[one], task) for one in alive}
        left = survivors(alive, passes)
        for place in set(alive) - set(left):
            ran[place] = replace(ran[place], stage=name)
        alive = left
    return ran


def _defines_its_names(one: Example, task: Sequence[Example]) -> bool:
    given = "\n".join(dict.fromkeys(other.prompt for other in task))
    return not undefined_names(one.code, one.language, given=given)


_PASSES: Mapping[str, Callable[[Example, Sequence[Example]], bool]] = {
    "parse": lambda one, task: parses(one.code, one.language),
    "compile": lambda one, task: compiles(one.code, one.language),
    "names": _defines_its_names,
}


class Tester(Protocol):
    """Runs a task's tests against whole programs. A context manager; used from one thread."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def passes(self, program: str, task: Task) -> bool:
        """Whether `program` passes the tests of `task`."""
        ...


class PythonTester(Boxed):
    """A box whose referee runs the tests and whose player runs the candidate."""

    def __init__(self) -> None:
        self._box = Box("python")

    def passes(self, program: str, task: Task) -> bool:
        """See Tester."""
        request = {
            "prompt": READERS["python"].imports(task.prompt),
            "source": program,
            "test": task.test,
            "entry": task.entry_point,
            "seed": 0,
            "call_s": 3.0,
            "probe_s": 1.0,
            "wall_s": _TEST_S,
            "probes": [],
        }
        try:
            return self._box.test(request, within_s=_WITHIN_S)["outcome"] == "passed"
        except SandboxBroken:
            return False


class JavaScriptTester(JavaScriptLabeller):
    """The box of the labeller, for whole programs."""

    def passes(self, program: str, task: Task) -> bool:
        """See Tester."""
        _, outcomes = self.outcomes(replace(task, prompt=""), [program])
        return outcomes[0].name == "passed"


TESTERS: Mapping[str, Callable[[Toolchains], Tester]] = {
    "python": lambda tools: PythonTester(),
    "javascript": lambda tools: JavaScriptTester(tools.paths["node"], tools.paths["lodash"]),
}


def run_tests(
    task: Task, candidates: Sequence[Example], best: Sequence[int], tester: Tester
) -> dict[int, bool]:
    """Place -> whether the candidate there passes, for the places in `best`."""
    prompts = [task.prompt, *(one.prompt for one in candidates)]
    return {
        place: tester.passes(program_of(candidates[place].code, prompts, task.language), task)
        for place in best
    }
