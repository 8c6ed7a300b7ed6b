"""Decide the reference pages from the code: commands, settings, rules, metrics, limits.

The pages are made when the site is built, so that they cannot be out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import typer
from prometheus_client import REGISTRY
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.main import get_command

from bot.cli import build
from judge.evaluate.metrics import METRICS
from judge.registry import DEFAULT_MODEL, MODELS
from worker.metrics_server import QueueCollector
from worker.repo_config import Rules
from worker.settings import StateSettings

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "worker", "judge")
# A bound of the code: a name with one of these words, and a number; a comment says what for.
BOUNDS = (
    *("MAX", "LONGEST", "LARGEST", "MOST", "MIN", "LEAST", "SHORTEST", "ENOUGH", "LIMIT"),
    *("TRIES", "ATTEMPTS", "SUSPECTS", "TIMEOUT", "WAIT", "GAP", "LEASE", "GRACE", "SILENCE"),
    *("PAGE", "ONCE", "SAMPLED", "COUNTED", "DAYS", "WALL", "WITHIN"),
)
LIMIT = re.compile(
    rf"^(_?(?:[A-Z0-9]+_)*(?:{'|'.join(BOUNDS)})(?:_[A-Z0-9]+)*)"
    r"(?:: \w+)? = (\d[\d_.]*(?:e-?\d+)?(?: ?(?:<<|\*\*|-|\*) ?\w+)*)[ ]*(?:#[ ]*(.*))?$",
    re.MULTILINE,
)
# What is cut from the model card for those who decide.
FIRST = (
    *("rows, tasks, share right", "AUC", "ECE"),
    *("precision of findings, P < 0.3", "recall of findings"),
)
HAVE_SETTINGS = ("bot.settings", "worker.settings", "bot.dashboard.settings")
HAVE_METRICS = ("worker.metrics", "worker.remembering", "bot.counts")


def commands() -> str:
    """Every command with its options, as typer knows them."""
    return "\n".join(line for path, one in leaves(get_command(build())) for line in _one(path, one))


def settings() -> str:
    """Every GAVEL_* variable, by the process that reads it."""
    for module in HAVE_SETTINGS:
        import_module(module)
    parts = []
    for kind in sorted(_kinds(StateSettings), key=lambda one: one.__name__):
        rows = [_setting(name, field) for name, field in sorted(kind.model_fields.items())]
        parts += [f"## {kind.__name__}", "", _first(kind.__doc__), ""]
        parts += ["| variable | default | meaning |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(parts)


def rules() -> str:
    """Every key of a `.gavel.toml`, tables included, as its schema has them."""
    head = ["| key | default | meaning |", "| --- | --- | --- |"]
    return "\n".join([*head, *_keys(Rules, "")])


def metrics() -> str:
    """What the services count, and what `gavel evaluate` measures."""
    for module in HAVE_METRICS:
        import_module(module)
    rows = ["| counted | kind | meaning |", "| --- | --- | --- |"]
    of_database = QueueCollector("sqlite://").collect()
    for family in sorted([*REGISTRY.collect(), *of_database], key=lambda one: one.name):
        if family.name.startswith("gavel_"):
            rows.append(f"| `{family.name}` | {family.type} | {_cell(family.documentation)} |")
    rows += ["", "| measured | unit |", "| --- | --- |"]
    rows += [f"| `{name}` | {_cell(str(one.unit))} |" for name, one in METRICS.items()]
    return "\n".join(rows)


def limits() -> str:
    """Every bound that the code keeps, with the comment that stands beside it."""
    rows = ["| limit | value | what for |", "| --- | --- | --- |"]
    for path in sorted(one for package in PACKAGES for one in (ROOT / package).rglob("*.py")):
        for name, value, why in LIMIT.findall(path.read_text(encoding="utf-8")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            number = value.strip().replace("_", ",")
            rows.append(f"| `{module}.{name}` | {number} | {_cell(why)} |")
    return "\n".join(rows)


def models() -> str:
    """Every model of the registry."""
    rows = [
        f"| `{one.name}`{' (default)' if one.name == DEFAULT_MODEL else ''} "
        f"| {one.size_bytes / 1e6:,.0f} MB | {one.license} | `{one.sha256}` |"
        for one in MODELS.values()
    ]
    return "\n".join(
        ["| model | download | licence | SHA-256 |", "| --- | --- | --- | --- |", *rows]
    )


def figures() -> str:
    """What the model card says first, as its tables of functions have it."""
    card = (ROOT / "docs" / "judge.md").read_text(encoding="utf-8")
    tables = [table for table in re.findall(r"(?:^\|.*\n)+", card, re.M) if "\n| AUC |" in table]
    if not tables:
        raise ValueError("docs/judge.md has no table with a row AUC")
    parts = []
    for table in tables:
        head, line, *rows = table.splitlines()
        told = {row.split("|")[1].strip(): row for row in rows}
        parts.append("\n".join([head, line, *(told[name] for name in FIRST if name in told)]))
    return "\n\n".join(parts)


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "settings": settings,
    "rules": rules,
    "metrics": metrics,
    "limits": limits,
    "models": models,
    "figures": figures,
}


def leaves(
    group: typer.core.TyperGroup, *path: str
) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Every command, those of groups included, with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from leaves(command, *path, name)
        else:
            yield " ".join((*path, name)), command


def _one(path: str, command: typer.core.TyperCommand) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    shown = " ".join(one.metavar or (one.name or "").upper() for one in arguments)
    yield from (f"## gavel {path}", "", f"`gavel {path} [OPTIONS] {shown}".rstrip() + "`", "")
    yield from (command.help or "", "")
    if command.epilog:
        yield from (f"*{command.epilog}*", "")
    if options:
        yield from ("| option | meaning |", "| --- | --- |")
        for one in options:
            names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            yield f"| {names} | {_cell(one.help or '')}{_default(one.default)} |"
        yield ""


def _default(value: object) -> str:
    plain = getattr(value, "value", value)
    is_told = isinstance(plain, str | int | float) and not isinstance(plain, bool)
    return f" Default: `{plain}`." if is_told and plain != "" else ""


def _kinds(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds(one)


def _setting(name: str, field: FieldInfo) -> str:
    is_secret = SecretStr.__name__ in str(field.annotation)
    secret = " A secret: never logged." if is_secret else ""
    variable = f"GAVEL_{name.upper()}"
    return f"| `{variable}` | {_told(field)} | {_cell(field.description or '')}{secret} |"


def _told(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "see the meaning"
    if field.default in (None, "", PydanticUndefined):
        return "none"
    return f"`{field.default}`"


def _keys(model: type[BaseModel], table: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield f"| `[{table}{name}]` | | {_cell(field.description or '')} |"
            yield from _keys(inner, f"{table}{name}.")
            continue
        plain = getattr(field.default, "value", field.default)
        default = "none" if plain in (None, (), {}) else f"`{plain}`"
        yield f"| `{table}{name}` | {default} | {_cell(field.description or '')} |"


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n", maxsplit=1)[0]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
