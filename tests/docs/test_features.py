"""The tables of features and complaints name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "forges.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
FEATURES, COMPLAINTS = 27, 15


def rows(heading: str) -> list[str]:
    """Rows of the table under a heading, without its head."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE))))
def test_every_test_that_the_page_names_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE)


def test_every_feature_has_a_test() -> None:
    features = rows("Features, each with a test")
    assert len(features) == FEATURES and all(NAMED.search(row) for row in features)


def test_every_complaint_has_a_test() -> None:
    complaints = rows("What people complain about in review bots")
    numbers = [int(row.split("|")[1]) for row in complaints]
    assert numbers == list(range(1, COMPLAINTS + 1))
    assert all(NAMED.search(row) for row in complaints)
