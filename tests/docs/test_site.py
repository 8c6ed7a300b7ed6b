"""The site builds without a warning, and its reference has all that the code has."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.main import get_command

from bot.cli import build
from judge.evaluate.metrics import METRICS
from judge.registry import MODELS
from tools.docs_hooks import on_page_markdown, owned
from tools.docs_reference import BOUNDS, PACKAGES, PARTS, leaves
from worker.repo_config import Rules
from worker.settings import StateSettings, WorkerSettings

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"<!-- generated: (\w+) -->")


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="mkdocs-material comes with the extra `docs`")
    run = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [*run, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = [page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")]
    loaded = r'<(?:script|link|img)[^>]+(?:src|href)="https?://'
    assert len(pages) > 15
    assert [found for page in pages for found in re.findall(loaded, page)] == []
    assert not any(MARK.search(page) for page in pages)


def test_every_generated_part_has_its_place() -> None:
    pages = (ROOT / "docs").rglob("*.md")
    placed = [name for page in pages for name in MARK.findall(page.read_text(encoding="utf-8"))]
    assert sorted(placed) == sorted(PARTS)


def test_the_reference_has_every_command_and_option() -> None:
    text = PARTS["commands"]()
    for path, command in leaves(get_command(build())):
        (section,) = re.findall(rf"^## gavel {path}$(.*?)(?=^## |\Z)", text, re.M | re.S)
        options = [one for one in command.params if one.param_type_name == "option"]
        assert [name for one in options for name in one.opts if f"`{name}`" not in section] == []


def test_the_reference_has_every_setting() -> None:
    text = PARTS["settings"]()
    for kind in (*StateSettings.__subclasses__(), WorkerSettings):
        assert [n for n in kind.model_fields if f"`GAVEL_{n.upper()}`" not in text] == []


def test_the_reference_has_every_rule() -> None:
    text, left = PARTS["rules"](), [("", Rules)]
    while left:
        table, model = left.pop()
        for name, field in model.model_fields.items():
            is_table = isinstance(field.annotation, type) and issubclass(
                field.annotation, BaseModel
            )
            assert (f"| `[{table}{name}]` |" if is_table else f"| `{table}{name}` |") in text
            left += [(f"{table}{name}.", field.annotation)] if is_table else []


def test_the_reference_has_every_metric_and_model() -> None:
    assert all(f"`{name}`" in PARTS["metrics"]() for name in METRICS)
    sources = [*(ROOT / "worker").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]
    made = {
        name.removesuffix("_total")
        for one in sources
        for name in re.findall(r"\"(gavel_\w+)\",\s+\"", one.read_text("utf-8"))
    }
    assert len(made) >= 8
    assert sorted(name for name in made if f"`{name}`" not in PARTS["metrics"]()) == []
    assert all(model.sha256 in PARTS["models"]() for model in MODELS.values())


def test_the_figures_for_those_who_decide_are_those_of_the_card() -> None:
    rows = [row for row in PARTS["figures"]().splitlines() if row]
    card = (ROOT / "docs" / "judge.md").read_text("utf-8").splitlines()
    names = [row.split("|")[1].strip() for row in rows]
    assert [row for row in rows if row not in card] == []
    assert names.count("AUC") == names.count("ECE") == 2


NUMBERS = (ast.Constant, ast.BinOp, ast.operator, ast.Name, ast.expr_context)


def is_number(value: ast.expr | None) -> bool:
    """Whether a value is a number, or counted out from numbers and names."""
    parts = list(ast.walk(value)) if value is not None else []
    constants = [one.value for one in parts if isinstance(one, ast.Constant)]
    is_made_of_numbers = all(isinstance(one, NUMBERS) for one in parts)
    return (
        bool(constants)
        and is_made_of_numbers
        and all(type(one) in (int, float) for one in constants)
    )


def bounds() -> Iterator[str]:
    """Every number of a module of the packages whose name has a word for a bound."""
    for path in (one for package in PACKAGES for one in (ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and is_number(node.value):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                name = target.id if isinstance(target, ast.Name) else ""
                if set(name.split("_")) & set(BOUNDS):
                    yield f"{module}.{name}"


def test_the_reference_has_every_limit() -> None:
    text, found = PARTS["limits"](), list(bounds())
    assert len(found) > 100
    assert [name for name in found if f"`{name}`" not in text] == []


def test_a_table_of_the_reference_is_not_broken_by_a_cell() -> None:
    for name in ("settings", "rules", "limits", "models"):
        rows = [line for line in PARTS[name]().splitlines() if line.startswith("| ")]
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert len(widths) == 1


def test_links_to_code_become_its_path_and_links_to_pages_stay() -> None:
    class Page:
        class file:
            src_uri = "how-to/x.md"

    text = "[bot](../../bot/app.py#L1), [judge](../judge.md), [log](../../CHANGELOG.md)"
    told = on_page_markdown(text, page=Page)
    assert told.startswith("`bot/app.py`, [judge](../judge.md), ")


def test_a_site_names_whoever_publishes_the_action() -> None:
    assert owned("- uses: OWNER/gavel@v1", "octo-org/gavel") == "- uses: octo-org/gavel@v1"
    assert owned("OWNER/gavel", "") == owned("OWNER/gavel", "<b>/x") == "OWNER/gavel"
