from __future__ import annotations

from collections.abc import Iterator

import pytest

from judge.train.sandbox import Box


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with Box("python") as opened:
        yield opened
