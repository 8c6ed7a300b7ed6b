from __future__ import annotations

import mmap
from pathlib import Path

import psutil

from bot.demo.memory import Peak, _resident

MEGABYTE = 1 << 20


def test_pages_of_a_file_are_resident_but_not_private(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"x" * 64 * MEGABYTE)
    resident, private = _resident(psutil.Process())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert sum(mapped[at] for at in range(0, len(mapped), mmap.PAGESIZE))
        resident_then, private_then = _resident(psutil.Process())
    assert resident_then - resident > 50 * MEGABYTE
    assert private_then - private < 10 * MEGABYTE


def test_a_peak_keeps_the_higher_of_each() -> None:
    first = Peak().with_(10, (5, 3), 2, is_shared=False)
    assert first.with_(8, (6, 2), 4, is_shared=True) == Peak(10, 6, 4, True, scoring_private=3)
