"""Every path of the project that the pages name leads to something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = {"bot", "worker", "judge", "tests", "bench", "docs", "deploy", ".github", ".ci"} | {
    "examples",
    "templates",
    "tools",
}
FILES = {"Makefile", "Dockerfile", "compose.yaml", "action.yml", "LICENSE", "pyproject.toml"}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def links(page: Path) -> Iterator[Path]:
    """Targets of Markdown links and images that stay inside the project."""
    for target in re.findall(r"\]\(<?([^)\s>#]+)[^)]*\)", FENCE.sub("", page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:", target):
            yield page.parent / target


def named(page: Path) -> Iterator[str]:
    """Paths, globs among them, that stand in code spans and begin in the project's root."""
    for span in re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text("utf-8"))):
        for word in span.split():
            first, slash, _ = word.partition("/")
            is_path = re.fullmatch(r"[\w.*/{},-]+", word)
            if is_path and (word in FILES or (slash and first in FOLDERS)):
                yield word


def alternatives(path: str) -> list[str]:
    """What a path with one {a,b} stands for."""
    braces = re.search(r"\{([^}]*)\}", path)
    if not braces:
        return [path]
    return [path[: braces.start()] + one + path[braces.end() :] for one in braces[1].split(",")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_into_the_project_leads_to_a_file(page: Path) -> None:
    assert [str(target) for target in links(page) if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    asked = [one for path in named(page) for one in alternatives(path)]
    assert [path for path in asked if not any(ROOT.glob(path.rstrip("/")))] == []


def test_paths_are_found_in_the_pages() -> None:
    assert "bot/" in set(named(ROOT / "README.md"))
    assert ROOT / "docs/../bot/app.py" in set(links(ROOT / "docs" / "architecture.md"))
    assert alternatives("worker/{a,b}.py") == ["worker/a.py", "worker/b.py"]
