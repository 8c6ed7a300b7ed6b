"""Act: label candidates by running the tests of their tasks, in boxes, with resume."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, Self

from judge.train.done import Done, OtherInputs
from judge.train.label_cpp import CppLabeller
from judge.train.label_java import JavaLabeller
from judge.train.label_javascript import JavaScriptLabeller
from judge.train.label_python import PythonLabeller
from judge.train.manifest import digests, write_jsonl, write_manifest
from judge.train.outcomes import Outcome, judge_task
from judge.train.tasks import Candidate, Task, read_candidates, read_tasks, task_files
from judge.train.toolchains import Toolchains

Progress = Callable[[int, int], None]


class Labeller(Protocol):
    """Runs candidates of one language. Kept open between tasks, used from one thread."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        """Whether the reference passes (None: it was not asked), and an outcome per body."""
        ...


LABELLERS: Mapping[str, Callable[[Toolchains], Labeller]] = {
    "python": lambda tools: PythonLabeller(),
    "javascript": lambda tools: JavaScriptLabeller(tools.paths["node"], tools.paths["lodash"]),
    "java": lambda tools: JavaLabeller(tools.paths["java"], tools.paths["javac"]),
    "cpp": lambda tools: CppLabeller(tools.paths["g++"]),
}


class LabelError(Exception):
    """Labelling cannot start or go on; the message names the thing and the remedy."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a run of `label_file` did: counts of outcomes, of labels, and of what was dropped."""

    rows: int
    outcomes: Mapping[str, int]
    labels: Mapping[str, int]
    dropped: Mapping[str, int]
    skipped_languages: Mapping[str, str]


def label_file(
    tasks: Path,
    candidates: Path,
    out: Path,
    *,
    tools: Toolchains,
    workers: int = 1,
    limit: int | None = None,
    labellers: Mapping[str, Callable[[Toolchains], Labeller]] = LABELLERS,
    progress: Progress = lambda done, total: None,
) -> Labelled:
    """Label `candidates` into `out`, one row per candidate in the file's order.

    A run that was cut off goes on from OUT.partial, which holds one line per task done; it is
    tied to the inputs by their hash. OUT.manifest.json says what the labels came from.

    limit  label the candidates of the first so many tasks only

    Raises LabelError, SandboxUnavailable, BadRow and OSError.
    """
    known = read_tasks(tasks)
    groups = _by_task(read_candidates(candidates))
    missing = [task_id for task_id in groups if task_id not in known]
    if missing:
        raise LabelError(
            f"{len(missing)} tasks of {candidates.name} are not in {tasks}, such as {missing[0]}: "
            "give the file of their tasks"
        )
    if limit is not None:
        groups = dict(list(groups.items())[:limit])
    skipped = _skipped(groups.values(), tools)
    todo = {t: g for t, g in groups.items() if g[0].language not in skipped}
    sources = digests((*task_files(tasks), candidates))
    try:
        done = Done(out.with_name(out.name + ".partial"), sources)
    except OtherInputs as refusal:
        raise LabelError(str(refusal)) from None
    _run(
        known,
        todo,
        done,
        open_labeller=lambda language: labellers[language](tools),
        workers=workers,
        progress=progress,
    )
    rows = sorted(
        (row for task_id in todo for row in done.rows[task_id]), key=lambda row: _index(row)
    )
    write_jsonl(out, rows)
    labelled = _count(rows, skipped)
    write_manifest(out, sources=sources, told=asdict(labelled))
    done.path.unlink(missing_ok=True)
    return labelled


def _by_task(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.task_id, []).append(candidate)
    return groups


def _skipped(groups: Iterable[Sequence[Candidate]], tools: Toolchains) -> dict[str, str]:
    languages = sorted({group[0].language for group in groups})
    reasons = {language: tools.missing(language) for language in languages}
    return {language: reason for language, reason in reasons.items() if reason}


def _run(
    known: Mapping[str, Task],
    groups: Mapping[str, Sequence[Candidate]],
    done: Done,
    *,
    open_labeller: Callable[[str], Labeller],
    workers: int,
    progress: Progress,
) -> None:
    todo = [task_id for task_id in groups if task_id not in done.rows]
    opened: list[Labeller] = []
    mine = threading.local()

    def one(task_id: str) -> None:
        group = groups[task_id]
        kept: dict[str, Labeller] = mine.__dict__.setdefault("labellers", {})
        language = group[0].language
        if language not in kept:
            kept[language] = open_labeller(language)
            opened.append(kept[language])
            kept[language].__enter__()
        passes, outcomes = kept[language].outcomes(known[task_id], [c.body for c in group])
        judged = judge_task(passes, outcomes)
        done.add(task_id, [_row(c, o) for c, o in zip(group, judged, strict=True)])

    pool = ThreadPoolExecutor(workers)
    try:
        futures = [pool.submit(one, task_id) for task_id in todo]
        for count, future in enumerate(as_completed(futures), 1):
            future.result()
            progress(len(groups) - len(todo) + count, len(groups))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for labeller in opened:
            labeller.__exit__()


def _row(candidate: Candidate, outcome: Outcome) -> dict[str, object]:
    return {
        "task_id": candidate.task_id,
        "index": candidate.index,
        "label": outcome.label,
        "outcome": outcome.name,
        "agree": None if outcome.agree is None else round(outcome.agree, 4),
        "dropped": outcome.dropped,
    }


def _index(row: Mapping[str, object]) -> int:
    return int(str(row["index"]))


def _count(rows: Sequence[Mapping[str, object]], skipped: Mapping[str, str]) -> Labelled:
    return Labelled(
        rows=len(rows),
        outcomes=dict(Counter(str(row["outcome"]) for row in rows).most_common()),
        labels=dict(Counter(str(row["label"]) for row in rows).most_common()),
        dropped=dict(Counter(str(row["dropped"]) for row in rows if row["dropped"]).most_common()),
        skipped_languages=skipped,
    )
