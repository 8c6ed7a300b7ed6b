from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from judge.evaluate.pictures import draw
from judge.evaluate.sample import Sample


def test_both_pictures_are_png_and_the_same_each_time(random: Sample, tmp_path: Path) -> None:
    first, second = draw(random, tmp_path / "new" / "a"), draw(random, tmp_path / "b")
    assert all(path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n") for path in first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_rows_of_one_class_can_be_drawn(make: Callable[..., Sample], tmp_path: Path) -> None:
    assert all(path.stat().st_size for path in draw(make([1, 1], [0.5, 0.6]), tmp_path))
