"""Experiments that run candidates: examples, and staged verification. Acts: the sandbox, a file.

Each task is run once: filters, examples and full tests, each with its time. What a policy would
have chosen, and what that would have cost, is worked out from there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from judge.evaluate.intervals import Figure, Measured, difference
from judge.execute import Runners
from judge.stages_run import TESTERS, Tester, run_examples, run_filters, run_tests
from judge.study.experiments_inputs import Inputs, measured_of
from judge.study.policies import POLICIES, Outcome, chosen
from judge.train.data import DataRow
from judge.train.tasks import BadRow
from judge.types import Example

CHEAP = ("parse", "compile", "names")
TIMED_ROWS = 40  # that the judge reads for its time
Figures = Mapping[str, Figure]
Cell = tuple[str, Callable[[], Figures]]


def examples(inputs: Inputs) -> Iterator[Cell]:
    """The judge alone, then with the examples of the prompts, on tasks that have examples."""
    for name in ("judge", "first example, judge", "examples", "examples, judge", "tests"):
        yield name, partial(_against_judge, inputs, name)


def stages(inputs: Inputs) -> Iterator[Cell]:
    """Every policy with its accuracy and its throughput."""
    for name in POLICIES:
        yield name, partial(_on_front, inputs, name)


EXECUTED: Mapping[str, tuple[str, str, Callable[[Inputs], Iterator[Cell]]]] = {
    "examples": (
        "Execution features: none, the docstring's examples, the full tests",
        "Top-1 among the candidates of each task whose prompts show examples. Where the tasks are "
        "made of their tests, the examples that a prompt shows are tests too, and running all of "
        "them is running the tests; the first example alone is nearer to other descriptions.",
        examples,
    ),
    "stages": (
        "Staged verification",
        "What each policy chooses and costs, on one pool: filters are parse, compile and undefined "
        "names; tests run on the best few by the order before.",
        stages,
    ),
}


def _against_judge(inputs: Inputs, name: str) -> Figures:
    ran = [one for one in outcomes(inputs) if one.shown]
    if not ran:
        raise BadRow("no prompt of the held-out rows shows an example to run")
    judge = _measured(inputs, ran, "judge")
    asked = _measured(inputs, ran, name)
    return {**asked.figures, "above_judge": difference(asked, judge, "top1")}


def _on_front(inputs: Inputs, name: str) -> Figures:
    judge_s = _judge_seconds(inputs, inputs.work / f"judge-{inputs.hash}.json")
    ran = [replace(one, judge_s=judge_s) for one in outcomes(inputs)]
    measured = _measured(inputs, ran, name)
    seconds = chosen(name, ran).seconds
    rate = len(ran) / seconds if seconds else None
    figure = Figure(rate, None, None, len(ran), "candidates", "" if rate else "it costs nothing")
    return {"top1": measured.figures["top1"], "candidates_per_second": figure}


def _measured(inputs: Inputs, ran: Sequence[Outcome], name: str) -> Measured:
    rows = {row.id: row for row in inputs.known}
    scores = np.array(chosen(name, ran).scores)
    names = ("top1", "top1_random", "top1_oracle")
    held = [rows[one.id] for one in ran]
    return measured_of(held, scores, names=names, resamples=inputs.resamples)


def outcomes(inputs: Inputs) -> list[Outcome]:
    """What became of every held-out row, from the file in `inputs.work` where it is known.

    The judge's time is left at 0.

    Raises SandboxUnavailable, ModelMissing, OSError.
    """
    inputs.work.mkdir(parents=True, exist_ok=True)
    file = inputs.work / f"ran-{inputs.hash}.jsonl"
    known = _known(file)
    groups: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(inputs.known):
        groups.setdefault((row.language, row.task_id), []).append(place)
    with ExitStack() as stack:
        runners = stack.enter_context(Runners())
        testers: dict[str, Tester] = {}
        for places in groups.values():
            rows = [inputs.known[place] for place in places]
            if all(row.id in known for row in rows):
                continue
            told = _run(inputs, rows, runners, testers, stack)
            with file.open("a", encoding="utf-8") as out:
                out.write("".join(json.dumps(one) + "\n" for one in told))
            known |= {str(one["id"]): one for one in told}
    return [
        Outcome(
            **known[row.id],  # type: ignore[arg-type]
            task=f"{row.language} {row.task_id}",
            code=row.code,
            label=row.label,
            p_correct=verdict.p_correct,
            logit=verdict.logit,
            judge_s=0.0,
        )
        for row, verdict in zip(inputs.known, inputs.judged, strict=True)
        if row.id in known
    ]


def _known(file: Path) -> dict[str, dict[str, object]]:
    if not file.is_file():
        return {}
    text = file.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return {row["id"]: row for row in rows}


def _run(
    inputs: Inputs,
    rows: Sequence[DataRow],
    runners: Runners,
    testers: dict[str, Tester],
    stack: ExitStack,
) -> list[dict[str, object]]:
    """What became of the rows of one task; times are the task's over its rows."""
    posed = [Example(row.prompt, row.code, row.language) for row in rows]
    language, count = rows[0].language, len(rows)
    began = time.perf_counter()
    filtered = run_filters(posed, runners, filters=CHEAP)
    between = time.perf_counter()
    ran = run_examples(posed, runners)
    after = time.perf_counter()
    task = inputs.tasks.get(rows[0].task_id)
    passes: dict[int, bool] = {}
    if task is not None and language in TESTERS and not inputs.tools.missing(language):
        if language not in testers:
            testers[language] = stack.enter_context(TESTERS[language](inputs.tools))
        after = time.perf_counter()
        passes = run_tests(task, posed, range(count), testers[language])
    ended = time.perf_counter()
    return [
        {
            "id": row.id,
            "stage": cheap.stage,
            "shown": one.shown,
            "passed": one.passed,
            "first": one.first,
            "passes": passes.get(place),
            "filters_s": (between - began) / count,
            "examples_s": (after - between) / count,
            "tests_s": (ended - after) / count,
        }
        for place, (row, cheap, one) in enumerate(zip(rows, filtered, ran, strict=True))
    ]


def _judge_seconds(inputs: Inputs, file: Path) -> float:
    """Wall seconds that the judge takes for a candidate, measured once on the first rows."""
    if file.is_file():
        return float(json.loads(file.read_text(encoding="utf-8"))["seconds"])
    from judge.score import load_judges

    judges = load_judges(inputs.model, home=inputs.home, methods=["head"])
    rows = inputs.known[:TIMED_ROWS]
    posed = [Example(row.prompt, row.code, row.language) for row in rows]
    judges.judge_all(posed[:2])
    began = time.perf_counter()
    judges.judge_all(posed)
    seconds = (time.perf_counter() - began) / len(posed)
    file.write_text(json.dumps({"seconds": seconds, "rows": len(posed)}) + "\n", encoding="utf-8")
    return seconds
