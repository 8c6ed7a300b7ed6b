"""Every fenced block of the pages, with the comment above it that says how it is to be tried."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Runs blocks one after the other and gives what each printed: the fixture `walk`.
Walk = Callable[..., list[str]]
FENCE = re.compile(
    r"(?:^[ ]*<!-- (?P<mark>(?:run|needs): [^\n]*?) -->\n)?"
    r"^(?P<indent>[ ]*)```(?P<language>\w*)(?P<rest>[^\n]*)\n(?P<body>.*?)^(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `mark` is such as "run: tutorial" or "needs: forge", or ""."""

    page: str
    line: int
    mark: str
    language: str
    title: str
    body: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    """All blocks of all pages, in order."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            yield Block(
                page.relative_to(ROOT).as_posix(),
                text.count("\n", 0, found.start("language")) + 1,
                found["mark"] or "",
                found["language"],
                (re.findall(r'title="([^"]*)"', found["rest"]) or [""])[0],
                textwrap.dedent(found["body"]),
            )


def marked(page: str, name: str) -> list[Block]:
    """The blocks of a page whose mark begins with `run: NAME`, in order."""
    wanted = [one for one in blocks() if one.page == page and one.mark.startswith(f"run: {name}")]
    assert wanted, f"{page} has no block marked `run: {name}`"
    return wanted
