"""Decide what the [[experiments]] entries of a study's configuration say. No I/O."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from judge.registry import DEFAULT_MODEL
from judge.study.fields import BadConfig, Fields, name, number, only, text

KINDS = (
    *("training-size", "loss", "candidates-per-task", "languages", "domains", "far"),
    *("examples", "stages"),
)


@dataclass(frozen=True, slots=True)
class ExperimentEntry:
    """An experiment.

    kind      one of KINDS
    train     files of rows to fit on
    held_out  files of rows of other tasks to measure on
    tasks     of each file at most, None for all
    per_task  rows of each held-out task and language at most
    tests     file or folder of the tasks with their tests, or ""
    lodash    lodash.js, for tests in JavaScript, or ""
    model     a name of the registry
    """

    name: str
    kind: str
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    tasks: int | None = None
    per_task: int = 10
    tests: str = ""
    lodash: str = ""
    model: str = DEFAULT_MODEL


def experiments_of(text_: str) -> list[ExperimentEntry]:
    """The entries of a configuration, which is TOML. Raises BadConfig."""
    told = tomllib.loads(text_).get("experiments", [])
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise BadConfig("experiments: expected entries that begin with [[experiments]]")
    found = [_experiment(one) for one in told]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise BadConfig("two experiments have the same name: give each a name of its own")
    return found


def _experiment(one: Fields) -> ExperimentEntry:
    kind = text(one, "kind", "[[experiments]]")
    where = f"experiment {kind}"
    only(one, where, tuple(ExperimentEntry.__dataclass_fields__))
    if kind not in KINDS:
        raise BadConfig(f"[[experiments]]: unknown kind {kind!r}: expected {', '.join(KINDS)}")
    entry = ExperimentEntry(
        name=name({"name": one.get("name", kind)}, where),
        kind=kind,
        train=_files(one, "train", where),
        held_out=_files(one, "held_out", where),
        tasks=int(number(one, "tasks", where, 1, least=1)) if "tasks" in one else None,
        per_task=int(number(one, "per_task", where, 10, least=1)),
        tests=text(one, "tests", where, default=""),
        lodash=text(one, "lodash", where, default=""),
        model=text(one, "model", where, default=DEFAULT_MODEL),
    )
    if not entry.held_out:
        raise BadConfig(f"{where}: held_out: expected files of rows to measure on")
    return entry


def _files(one: Fields, field: str, where: str) -> tuple[str, ...]:
    files = one.get(field, [])
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        raise BadConfig(f"{where}: {field}: expected a list of files")
    return tuple(files)
