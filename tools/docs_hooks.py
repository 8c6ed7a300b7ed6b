"""Hooks of mkdocs: fill the reference pages in, make links out of docs/ plain, and name the owner.

They decide; the owner is told by GITHUB_REPOSITORY, which GitHub sets where it builds the site.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.docs_reference import PARTS

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!docs/)(?![^)]*\.md)([^)#]*)[^)]*\)")
DEEP = re.compile(r"\[([^\]]+)\]\(\.\./(README|CHANGELOG)\.md[^)]*\)")


def on_page_markdown(markdown: str, *, page: object, **_: object) -> str:
    """The page's Markdown as it is built. An unknown mark is an error."""
    filled = MARK.sub(lambda found: PARTS[found[1]](), markdown)
    filled = owned(filled, os.environ.get("GITHUB_REPOSITORY", ""))
    source = str(getattr(getattr(page, "file", None), "src_uri", ""))
    depth = source.count("/")
    return DEEP.sub(r"`\2.md`", _plain(filled, depth))


def owned(markdown: str, repository: str) -> str:
    """The page with the name of the repository that publishes the Action, where that is known.

    >>> owned("uses: OWNER/gavel@v1", "octo-org/gavel")
    'uses: octo-org/gavel@v1'
    """
    return (
        markdown.replace("OWNER/gavel", repository)
        if REPOSITORY.fullmatch(repository)
        else markdown
    )


def _plain(markdown: str, depth: int) -> str:
    """Links that leave docs/ as the path that they name: the site holds no code."""

    def named(found: re.Match[str]) -> str:
        up = found[0].count("../")
        return f"`{found[2]}`" if up > depth else found[0]

    return OUTWARD.sub(named, markdown)
