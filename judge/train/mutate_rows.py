"""Act: make wrong variants of right rows, verify them by the tests of their tasks, write them."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from judge.train.data import DataRow, read_data, unformatted
from judge.train.done import Done
from judge.train.label import LABELLERS, Labeller, Progress
from judge.train.manifest import digests, write_jsonl, write_manifest
from judge.train.mutate import Mutant, drawn
from judge.train.mutate_balance import Balance
from judge.train.mutate_ngrams import ngram_auc
from judge.train.programs import signature_of
from judge.train.tasks import Task, number_of, read_tasks, task_files
from judge.train.toolchains import Toolchains

SPARE = 1  # mutants that are drawn for each row beyond those that are wanted
_WRONG = ("assertion", "exception", "timeout")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many mutants to make, and of which draw.

    per_row   wrong variants of one right row
    per_task  right rows of one task that are mutated, 0 for all
    """

    per_row: int = 1
    per_task: int = 0
    seed: int = 0


@dataclass(slots=True)
class Mutated:
    """What a run did.

    fates      what became of each drawn mutant: its outcome by the tests, "repeated", "unverified"
    kinds      mutations of the rows that were written
    ngram_auc  how well character n-grams tell originals from mutants, split by task; None where
               there are too few rows to know
    """

    originals: int = 0
    rows: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    ngram_auc: float | None = None


def mutate_file(
    rows: Path,
    out: Path,
    *,
    wanted: Wanted,
    tasks: Path | None,
    tools: Toolchains,
    labellers: Mapping[str, Callable[[Toolchains], Labeller]] = LABELLERS,
    progress: Progress = lambda done, total: None,
) -> Mutated:
    """Write wrong variants of the right rows of `rows` to `out`, with a manifest beside it.

    A mutant of a row whose task is in `tasks` stays only if the tests call it wrong; without
    `tasks`, or for a row of no task, it is taken as it is and counted as unverified. A run that
    was cut off goes on from OUT.partial. Raises BadRow, ForbiddenRow, OtherInputs,
    SandboxUnavailable and OSError.
    """
    known = read_tasks(tasks) if tasks is not None else {}
    everything = list(read_data(rows))
    tested = task_files(tasks) if tasks is not None else []
    sources = digests((rows, *tested)) | {"wanted": str(wanted)}
    done = Done(out.with_name(out.name + ".partial"), sources)
    groups = _chosen(everything, wanted)
    found = Mutated(originals=sum(map(len, groups.values())))
    balance = Balance(row.code for group in groups.values() for row in group)
    opened: dict[str, Labeller] = {}
    try:
        for count, (task_id, group) in enumerate(groups.items(), 1):
            made = _mutants_of(group, wanted, balance)
            if task_id not in done.rows:
                task = known.get(task_id)
                told = _told(task, group, made, tools, labellers, opened)
                done.add(task_id, _entries(made, told))
            progress(count, len(groups))
    finally:
        for labeller in opened.values():
            labeller.__exit__()
    written = list(_written(groups, done, everything, wanted, found))
    found.rows = len(written)
    originals = [row for group in groups.values() for row in group]
    found.ngram_auc = ngram_auc(originals, written)
    write_jsonl(out, written)
    write_manifest(out, sources=sources, told={**asdict(wanted), **_as_told(found)})
    done.path.unlink(missing_ok=True)
    return found


def _as_told(found: Mutated) -> dict[str, object]:
    told = {name: getattr(found, name) for name in Mutated.__dataclass_fields__}
    return {name: dict(v) if isinstance(v, Counter) else v for name, v in told.items()}


def _chosen(rows: Sequence[DataRow], wanted: Wanted) -> dict[str, list[DataRow]]:
    """The right rows that are mutated, by task: drawn evenly where there are too many."""
    groups: dict[str, list[DataRow]] = {}
    for row in rows:
        if row.label == 1:
            groups.setdefault(row.task_id, []).append(row)
    for task_id, group in groups.items():
        if 0 < wanted.per_task < len(group):
            draw = random.Random(f"{wanted.seed}/{task_id}")  # noqa: S311
            groups[task_id] = draw.sample(group, wanted.per_task)
    return groups


def _mutants_of(
    group: Sequence[DataRow], wanted: Wanted, balance: Balance
) -> list[tuple[DataRow, Mutant]]:
    return [
        (row, mutant)
        for row in group
        for mutant in drawn(
            row.code,
            row.language,
            seed=f"{wanted.seed}/{row.id}",
            at_most=wanted.per_row + SPARE,
            balance=balance,
        )
    ]


def _told(
    task: Task | None,
    group: Sequence[DataRow],
    made: Sequence[tuple[DataRow, Mutant]],
    tools: Toolchains,
    labellers: Mapping[str, Callable[[Toolchains], Labeller]],
    opened: dict[str, Labeller],
) -> list[str]:
    """What the tests say of each mutant; "unverified" where there are none for it.

    The first original is run too: where it fails, the task is not told from its rows any more.
    """
    if task is None:
        return ["unverified"] * len(made)
    if why := tools.missing(task.language):
        return [f"not run: {why}"] * len(made)
    if task.language not in opened:
        opened[task.language] = labellers[task.language](tools)
        opened[task.language].__enter__()
    codes = [group[0].code, *(mutant.code for _, mutant in made)]
    bodies = [_body(task, code) for code in codes]
    if any(body is None for body in bodies):
        return ["not of its task"] * len(made)
    _, outcomes = opened[task.language].outcomes(task, [body or "" for body in bodies])
    if outcomes[0].name != "passed":
        return ["original fails"] * len(made)
    return [outcome.name for outcome in outcomes[1:]]


def _body(task: Task, code: str) -> str | None:
    signature = signature_of(task.prompt, task.language)
    if not code.startswith(signature):
        return None
    rest = code[len(signature) :]
    return rest.lstrip("\n") if task.language == "python" else rest


def _entries(
    made: Sequence[tuple[DataRow, Mutant]], told: Sequence[str]
) -> list[dict[str, object]]:
    return [
        {"original": row.id, "told": fate, **asdict(mutant)}
        for (row, mutant), fate in zip(made, told, strict=True)
    ]


def _written(
    groups: Mapping[str, Sequence[DataRow]],
    done: Done,
    everything: Sequence[DataRow],
    wanted: Wanted,
    found: Mutated,
) -> Iterator[dict[str, object]]:
    """Rows of the mutants that stay, chosen so that together they leave no marks."""
    seen = {(number_of(row.task_id), unformatted(row.code)) for row in everything}
    balance = Balance(row.code for group in groups.values() for row in group)
    for task_id, group in groups.items():
        entries = done.rows[task_id]
        found.fates.update(str(entry["told"]).partition(":")[0] for entry in entries)
        for row in group:
            left = [one for one in entries if one["original"] == row.id and _stays(one)]
            for _ in range(wanted.per_row):
                left = [one for one in left if _key(task_id, one) not in seen]
                if not left:
                    break
                entry = left.pop(balance.best(row.code, [str(one["code"]) for one in left]))
                seen.add(_key(task_id, entry))
                found.kinds[str(entry["kind"])] += 1
                yield _row(row, entry)


def _key(task_id: str, entry: Mapping[str, object]) -> tuple[str, str]:
    return number_of(task_id), unformatted(str(entry["code"]))


def _stays(entry: Mapping[str, object]) -> bool:
    name = str(entry["told"]).partition(":")[0]
    return name in _WRONG or name == "unverified"


def _row(original: DataRow, entry: Mapping[str, object]) -> dict[str, object]:
    code = str(entry["code"])
    identity = f"{original.id}\0{code}".encode("utf-8", "surrogatepass")
    changed = replace(
        original,
        id=hashlib.sha256(identity).hexdigest()[:16],
        code=code,
        label=0,
        label_from="mutation",
    )
    told = {"original": original.id, "mutation": entry["kind"], "outcome": entry["told"]}
    return {**asdict(changed), **told}
