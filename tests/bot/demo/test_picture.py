from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.text import Text

from bot.demo.picture import draw, svg
from bot.problems import WrongUse


def test_the_picture_is_svg_that_shows_the_text_and_loads_nothing() -> None:
    picture = svg([Text("merge_windows")], title="northwind/depot#7")
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert "merge_windows" in picture
    assert "northwind/depot#7" in picture
    assert "url(http" not in picture.replace(" ", "").replace('"', "")


def test_the_same_review_gives_the_same_picture() -> None:
    assert svg([Text("a")], title="t") == svg([Text("a")], title="t")


def test_a_picture_that_cannot_be_written_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match=r"review\.svg"):
        draw(tmp_path / "file" / "review.svg", [Text("a")], title="t")
