"""Hooks of mkdocs: fill the reference pages in, and make links out of docs/ plain. They decide."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.docs_reference import PARTS

MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!docs/)(?![^)]*\.md)([^)#]*)[^)]*\)")
DEEP = re.compile(r"\[([^\]]+)\]\(\.\./(README|CHANGELOG)\.md[^)]*\)")


def on_page_markdown(markdown: str, *, page: object, **_: object) -> str:
    """The page's Markdown as it is built. An unknown mark is an error."""
    filled = MARK.sub(lambda found: PARTS[found[1]](), markdown)
    source = str(getattr(getattr(page, "file", None), "src_uri", ""))
    depth = source.count("/")
    return DEEP.sub(r"`\2.md`", _plain(filled, depth))


def _plain(markdown: str, depth: int) -> str:
    """Links that leave docs/ as the path that they name: the site holds no code."""

    def named(found: re.Match[str]) -> str:
        up = found[0].count("../")
        return f"`{found[2]}`" if up > depth else found[0]

    return OUTWARD.sub(named, markdown)
