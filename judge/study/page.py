"""Write the page of a study from its folder, and the pictures beside it. Acts: files."""

from __future__ import annotations

from pathlib import Path

from judge.evaluate.intervals import RESAMPLES
from judge.study.answers import Answer
from judge.study.experiments import kept_in
from judge.study.experiments_page import draw_stages, told_of
from judge.study.figures import Result, differences, result_of, sizes_of
from judge.study.front import pairs
from judge.study.picture import draw_curves, draw_front
from judge.study.pool import Pool
from judge.study.record import DataRecord, Record
from judge.study.report import Measured, report
from judge.study.run import answers_in, read_pool, read_study

BEGIN = "<!-- study: from here on `gavel study report` writes -->"
END = "<!-- study: to here -->"


def write_page(folder: Path, target: Path, *, resamples: int = RESAMPLES) -> None:
    """The page of the study in `folder`, as `target`. Raises BadAnswers and OSError."""
    record = read_study(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    found = []
    for one in record.data:
        measured = measured_of(folder / one.name, record, one, resamples=resamples)
        found.append(measured)
        if measured.picture:
            draw_curves(measured.results, measured.title, target.parent / measured.picture)
        if measured.front:
            draw_front(measured.results, measured.title, target.parent / measured.front)
    told = report(
        found,
        record.published,
        commit=record.commit,
        machine=record.machine,
        limit=record.limit,
        price=record.price,
        resamples=resamples,
    )
    experiments = kept_in(folder)
    draw_stages(experiments, target.parent)
    before = target.read_text(encoding="utf-8") if target.is_file() else ""
    target.write_text(placed(told + told_of(experiments), before), encoding="utf-8")


def placed(page: str, before: str) -> str:
    """`page` in place of what stands between the two markers of `before`, else alone.

    A page that explains the study keeps its own words around the figures; their headings go one
    level down.
    """
    head, found, rest = before.partition(f"{BEGIN}\n")
    _, closed, tail = rest.partition(END)
    if not found or not closed:
        return page
    lines = [f"#{line}" if line.startswith("#") else line for line in page.splitlines()]
    return f"{head}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{tail}"


def measured_of(folder: Path, record: Record, one: DataRecord, *, resamples: int) -> Measured:
    """A data set with every system that answered about all of it. Raises BadAnswers, OSError."""
    pool = read_pool(folder)
    results: dict[str, Result] = {}
    missing: dict[str, str] = {}
    said: dict[str, dict[str, Answer]] = {}
    for name in record.systems:
        file = folder / f"{name}.jsonl"
        answers = answers_in(file) if file.is_file() else {}
        why = record.missing.get(f"{one.name}/{name}", "") or _lacks(pool, answers)
        if why:
            missing[name] = why
        else:
            said[name] = answers
            results[name] = result_of(pool, answers, resamples=resamples)
    rows = [candidate for task in pool for candidate in task]
    return Measured(
        title=one.title,
        file=one.file,
        sha256=one.sha256,
        tasks=len(pool),
        in_file=one.in_file,
        candidates=len(rows),
        right=sum(candidate.label for candidate in rows),
        sizes=sizes_of(pool),
        results=results,
        missing=missing,
        gains={
            (one_of, other): differences(pool, said[one_of], said[other], resamples=resamples)
            for one_of, other in pairs(said)
        },
        front=f"front-{one.name}.png" if results else "",
        picture=f"pass-at-1-{one.name}.png" if results and sizes_of(pool) else "",
    )


def _lacks(pool: Pool, answers: dict[str, Answer]) -> str:
    """Why the answers are not enough, or "". A part of the pool would be another pool."""
    rows = [candidate for task in pool for candidate in task]
    known = sum(candidate.id in answers for candidate in rows)
    if not rows:
        return "the data set has no candidates"
    return "" if known == len(rows) else f"it answered about {known:,} of {len(rows):,} so far"
