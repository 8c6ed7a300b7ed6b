from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import build
from bot.present import SCHEMA_VERSION
from bot.problems import Code

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def leaves(group: object, *path: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command, those of groups included, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = {" ".join(path): command for path, command in leaves(get_command(build()))}
NAMES = {*COMMANDS, *(name.partition(" ")[0] for name in COMMANDS)}  # with those of groups


def words(page: str) -> set[str]:
    return set(re.findall(r"[-\w]+", page))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_page_has_every_command_and_option(name: str) -> None:
    assert f"`gavel {name}" in PAGE
    options = [option for one in COMMANDS[name].params for option in one.opts if option[:1] == "-"]
    assert [option for option in options if option not in words(PAGE)] == []


def test_the_page_has_every_exit_code() -> None:
    assert all(f"\n| {code.value} | " in PAGE for code in Code)


def test_the_page_tells_the_current_schema() -> None:
    assert f"| `schema_version` | number | {SCHEMA_VERSION} |" in PAGE


SPAN = re.compile(r"`(gavel [a-z][^`\n]*)`")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_in_a_sentence_exists_with_its_options(page: Path) -> None:
    for span in SPAN.findall(page.read_text("utf-8")):
        name = max((one for one in NAMES if f"{span} ".startswith(f"gavel {one} ")), default="")
        assert name, f"`{span}` is no command"
        options = set(re.findall(r"--[\w-]+", span)) - {"--help"}
        params = COMMANDS[name].params if name in COMMANDS else []
        assert options <= {option for one in params for option in one.opts}, span
