"""The commands `gavel study …`: every system on the same candidates, and the page. They act."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import rows
from bot.commands.data_words import show_progress
from bot.commands.evaluate import commit
from bot.commands.study_experiments import run_experiments
from bot.commands.wiring import worker_settings
from bot.problems import WrongUse

if TYPE_CHECKING:
    from judge.study.config import ChatEntry, DataSet, Entry, Study
    from judge.study.pool import Pool
    from judge.study.systems import NotMeasured, System

GROUP_HELP = "Rerun the study: every system on the same candidates, by one command."
RUN_HELP = (
    "Let every system of CONFIG judge the same candidates, and keep each answer in DIR.\n\n"
    "CONFIG is a short TOML file of [[data]] and [[systems]] entries. A system that cannot be "
    "measured here is named with the reason. A run that was cut off goes on where it was when it "
    "is started again."
)
RUN_EXAMPLE = "Example: gavel study run bench/study.toml --limit 20 --out build/study"
REPORT_HELP = (
    "Write the page of a study: tables with n and intervals, costs, and a picture.\n\n"
    "The page is Markdown; the pictures lie beside it."
)
REPORT_EXAMPLE = "Example: gavel study report build/study --out build/study/study.md"
OpenSystem = Callable[["Entry"], "System"]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the answers.")]


def open_here(entry: Entry) -> System:
    """The system of `entry` with this machine's models and keys. Raises NotMeasured, WrongUse."""
    from judge.study.config import ChatEntry
    from judge.study.systems import open_system

    home = worker_settings().home.expanduser()
    key = key_of(entry) if isinstance(entry, ChatEntry) else ""
    cache = home / "cache" / "chat"
    return open_system(entry, home=home, cache=cache, key=key, show=show_progress)


def key_of(entry: ChatEntry) -> str:
    """The endpoint's key. Raises NotMeasured, which names the variable that is not set."""
    from judge.study.systems import NotMeasured

    if entry.key_env and not os.environ.get(entry.key_env):
        raise NotMeasured(f"its key is not at hand: set {entry.key_env}")
    return os.environ.get(entry.key_env, "") if entry.key_env else ""


def register(app: typer.Typer, *, open_it: OpenSystem = open_here) -> None:
    """Add the group to the command line. `open_it` opens the systems to measure."""
    group = typer.Typer(help=GROUP_HELP, no_args_is_help=True)

    @group.command("run", help=RUN_HELP, epilog=RUN_EXAMPLE)
    def run(
        config: Annotated[Path, typer.Argument(metavar="CONFIG", help="What to measure, as TOML.")],
        out: Out,
        limit: Annotated[
            int | None, typer.Option(min=1, metavar="N", help="Only N tasks of each data set.")
        ] = None,
    ) -> None:
        from judge.study.answers import BadAnswers
        from judge.study.config import BadConfig, beside, parse
        from judge.study.pool import BadPool

        try:
            told = config.read_text(encoding="utf-8")
            study = beside(parse(told), config.parent)
            measure(study, config.parent, out, limit, open_it)
            run_experiments(told, config.parent, out, limit)
        except (BadConfig, BadAnswers, BadPool) as refusal:
            raise WrongUse(f"{config}: {refusal}") from refusal
        except UnicodeDecodeError as refusal:
            raise WrongUse(f"{config}: not UTF-8 at byte {refusal.start + 1}") from refusal
        except OSError as refusal:
            raise WrongUse(f"{refusal.filename or config}: {refusal.strerror}") from refusal

    @group.command("report", help=REPORT_HELP, epilog=REPORT_EXAMPLE)
    def report(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `gavel study run` made.")],
        out: Annotated[
            Path | None, typer.Option(metavar="FILE", help="The page; default DIR/study.md.")
        ] = None,
    ) -> None:
        from judge.study.answers import BadAnswers
        from judge.study.page import write_page

        target = out or folder / "study.md"
        try:
            write_page(folder, target)
        except BadAnswers as refusal:
            raise WrongUse(str(refusal)) from refusal
        except OSError as refusal:
            raise WrongUse(f"{refusal.filename or target}: {refusal.strerror}") from refusal
        sys.stdout.write(f"written: {target}\n")

    app.add_typer(group, name="study")


def measure(study: Study, beside: Path, out: Path, limit: int | None, open_it: OpenSystem) -> None:
    """Let every system answer about every data set, whose files lie `beside` the configuration."""
    from judge.study.config import names_of
    from judge.study.pool import hash_of
    from judge.study.record import DataRecord, Record
    from judge.study.run import write_pool, write_study

    pools = {one.name: pool_in(one, beside) for one in study.data}
    hashes = {name: hash_of(pool) for name, pool in pools.items()}
    chosen = {one.name: pools[one.name][: one.tasks][:limit] for one in study.data}
    record = Record(
        commit=commit(),
        machine=f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()}",
        limit=limit,
        data=tuple(
            DataRecord(
                one.name,
                one.title,
                ", ".join(one.files),
                sha256(*(beside / file for file in one.files)),
                len(pools[one.name]),
            )
            for one in study.data
        ),
        systems=tuple(name for one in study.systems for name in names_of(one)),
        published=study.published,
        price=study.price,
    )
    for one in study.data:
        write_pool(out / one.name, chosen[one.name])
    write_study(out, record)
    missing = answers(study, chosen, hashes, out, open_it)
    write_study(out, replace(record, missing=missing))


def pool_in(one: DataSet, beside: Path) -> Pool:
    """The candidates of a data set whose files lie in `beside`. Raises BadPool, OSError."""
    from judge.study.pool import pool_of

    found = pool_of(row for file in one.files for row in rows.read(str(beside / file)))
    return [task[: one.most] for task in found if len(task) >= one.least]


def answers(
    study: Study, pools: dict[str, Pool], hashes: dict[str, str], out: Path, open_it: OpenSystem
) -> dict[str, str]:
    """Data set/system -> why it was not measured. Each model is opened once, for all data sets."""
    from judge.study.config import names_of
    from judge.study.run import answer_pool
    from judge.study.systems import NotMeasured

    missing: dict[str, str] = {}
    for part, system in (one for entry in study.systems for one in opened(entry, open_it)):
        names = names_of(part)
        label = ", ".join(names)
        if isinstance(system, NotMeasured):
            sys.stderr.write(f"{label}: not measured here: {system}\n")
            missing |= {f"{one.name}/{name}": str(system) for one in study.data for name in names}
            continue
        for one in study.data:
            about = {"data": one.name, "pool": hashes[one.name]}
            show = show_progress(f"tasks of {one.name} by {label}")
            folder = out / one.name
            try:
                answer_pool(system, names, pools[one.name], folder, about=about, progress=show)
                sys.stderr.write(f"{label}: {len(pools[one.name])} tasks of {one.name}\n")
            except NotMeasured as why:
                sys.stderr.write(f"{label}: stopped on {one.name}: {why}\n")
                missing |= {f"{one.name}/{name}": str(why) for name in names}
    return missing


def opened(entry: Entry, open_it: OpenSystem) -> Iterator[tuple[Entry, System | NotMeasured]]:
    """The system of `entry`, or those of its parts where not all of it can be opened."""
    from judge.study.systems import NotMeasured, parts_of

    try:
        yield entry, open_it(entry)
    except NotMeasured as why:
        parts = parts_of(entry)
        if len(parts) < 2:
            yield entry, why
        else:
            for part in parts:
                yield from opened(part, open_it)


def sha256(*files: Path) -> str:
    """Of the bytes of files, one after another. Raises OSError."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
