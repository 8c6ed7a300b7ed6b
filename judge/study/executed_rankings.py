"""Rankings that run the candidates: agreement by output, tests that a model writes. Acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from judge.examples import Call, Shown, examples_of
from judge.execute import Reply, Runners, passed, program_of
from judge.execute_agreement import by_tests, output_agreement
from judge.execute_inputs import inputs_of
from judge.execute_written import written_tests
from judge.registry import DEFAULT_MODEL, ModelMissing, require
from judge.study.answers import Answer, NotMeasured
from judge.study.pool import SIZES
from judge.study.rankings import EXECUTED
from judge.study.timing import Task, timed
from judge.train.generate import Writer, open_writer
from judge.train.sandbox import SandboxUnavailable

OUTPUTS, WRITTEN = EXECUTED
Rows = Sequence[Sequence[object]]  # what each candidate did, call by call


class ExecutedRanking:
    """A system that runs the candidates of a task in the sandbox and scores what they gave.

    In a language that cannot be run, and where there is nothing to call, all candidates tie.
    """

    def __init__(self, name: str, runners: Runners, writer: Callable[[], Writer]) -> None:
        self._name, self._runners, self._writer = name, runners, writer
        self.identity = f"ranking {name} 1"

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """An answer for each candidate; `among` holds those for the first N. Raises NotMeasured."""
        try:
            return timed(task, lambda: {self._name: self._answers(task)}, others=True)
        except (SandboxUnavailable, ModelMissing) as why:
            raise NotMeasured(str(why)) from None

    def _answers(self, task: Task) -> list[Answer]:
        did, score = self._ran(task)
        among: list[dict[int, float]] = [{} for _ in task]
        for size in (one for one in SIZES if one <= len(task)):
            for known, value in zip(among, score(did[:size]), strict=False):
                known[size] = value
        return [
            Answer(one.id, value, among=known)
            for one, value, known in zip(task, score(did), among, strict=True)
        ]

    def _ran(self, task: Task) -> tuple[Rows, Callable[[Rows], list[float]]]:
        language, prompts = task[0].language, [one.prompt for one in task]
        codes = [one.code for one in task]
        shown = examples_of(prompts, codes, language)
        if self._name == WRITTEN:
            tests = self._tests(task)
            replies = self._replies(task, [one.call for one in tests])
            passes = [
                [
                    bool(passed([test], [reply], language))
                    for test, reply in zip(tests, row, strict=True)
                ]
                for row in replies
            ]
            return passes, _by_tests
        calls = inputs_of(shown, codes, language) if language in _RUN else []
        return self._replies(task, calls), _by_outputs

    def _tests(self, task: Task) -> list[Shown]:
        language = task[0].language
        if language not in _RUN:
            return []
        prompt = max((one.prompt for one in task), key=len)
        return written_tests(prompt, [one.code for one in task], language, writer=self._writer())

    def _replies(self, task: Task, calls: Sequence[Call]) -> list[list[Reply]]:
        if not calls:
            return [[] for _ in task]
        language, prompts = task[0].language, [one.prompt for one in task]
        runner = self._runners.of(language)
        return [runner.replies(program_of(one.code, prompts, language), calls) for one in task]


_RUN = ("python", "javascript")


def open_executed(name: str, home: Path) -> ExecutedRanking:
    """The ranking `name`; its sandbox and its model are opened when they are first needed."""
    kept: dict[str, Writer] = {}

    def writer() -> Writer:
        return kept.setdefault(
            "writer", kept.get("writer") or open_writer(require(home, DEFAULT_MODEL))
        )

    return ExecutedRanking(name, Runners(), writer)


def _by_outputs(rows: Rows) -> list[float]:
    return output_agreement([[one for one in row if isinstance(one, Reply)] for row in rows])


def _by_tests(rows: Rows) -> list[float]:
    return by_tests([[bool(one) for one in row] for row in rows])
