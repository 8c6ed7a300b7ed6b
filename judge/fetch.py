"""Fetch one file from the hub, an address, or a path, resuming where it stopped. Acts."""

from __future__ import annotations

import errno
import http.client
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Protocol

from judge.registry import Hub, Model

BLOCK_BYTES = 1 << 20
ANSWER_WITHIN_S = 5.0  # a closed network fails this fast, name resolution included
STALLED_AFTER_S = 20.0
ATTEMPTS_WITHOUT_PROGRESS = 4
OF_THIS_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS})


class SourceFailed(Exception):
    """A source did not give the file. Says why in one clause; another source may do."""


class Progress(Protocol):
    """Whoever shows a download to the user."""

    def begin(self, step: str, total_bytes: int | None) -> None:
        """A step starts, and the one before it is over. None: its size is not known."""
        ...

    def reach(self, done_bytes: int) -> None:
        """So much of the step is done, counted from its beginning."""
        ...

    def note(self, sentence: str) -> None:
        """Something that the user should read, such as a source that failed."""
        ...


def from_hub(
    source: Hub, model: Model, *, into: Path, progress: Progress, endpoint: str | None = None
) -> Path:
    """The file as the hub (or the one at `endpoint`) serves it, in the folder `into`.

    The library's own download keeps no partial file, so only the address is taken from it;
    it honours the library's settings, a mirror among them.
    """
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(source.repo, source.filename, revision=source.revision, endpoint=endpoint)
    return from_url(url, model, into=into, progress=progress)


def from_url(
    url: str,
    model: Model,
    *,
    into: Path,
    progress: Progress,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """The file behind an http or https address, downloaded to the folder `into`.

    Resumes a partial download of an earlier run, and one that broke off in this run.
    Raises SourceFailed; OSError only for the disk of this machine.
    """
    _check_answers(url)
    partial = into / "from-url.partial"
    progress.begin(f"downloading {model.file}", model.size_bytes)
    left = ATTEMPTS_WITHOUT_PROGRESS
    while True:
        before = _size(partial)
        try:
            _download_rest(url, model, partial, progress)
            return partial
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, OSError) and error.errno in OF_THIS_DISK:
                raise
            grown = _size(partial) > before
            left = ATTEMPTS_WITHOUT_PROGRESS if grown else left - 1
            if left == 0 or (not grown and isinstance(error, urllib.error.HTTPError)):
                raise SourceFailed(f"{_host(url)}: {reason_of(error)}") from error
            pause(1.0)


def _download_rest(url: str, model: Model, partial: Path, progress: Progress) -> None:
    """Append what is missing of `url` to `partial`, or start again where that is refused."""
    have = _size(partial)
    if have >= model.size_bytes:
        partial.unlink()
        have = 0
    request = urllib.request.Request(url)  # noqa: S310 - _check_answers let only http(s) through
    request.add_header("User-Agent", "gavel")
    request.add_header("Accept-Encoding", "identity")
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=STALLED_AFTER_S) as answer:  # noqa: S310
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        with partial.open("ab" if resumed else "wb") as out:
            copy(answer, out, done=have if resumed else 0, limit=model.size_bytes, to=progress)
    if _size(partial) < model.size_bytes:
        raise http.client.HTTPException("the connection ended before the file did")


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


def copy(
    source: Readable, out: BinaryIO, *, done: int, limit: int, to: Progress | None = None
) -> int:
    """Copy in blocks, telling how far it is, and return the bytes in `out`, `done` included.

    Raises SourceFailed beyond `limit` bytes: what is too long is not the file.
    """
    while block := source.read(BLOCK_BYTES):
        done += len(block)
        if done > limit:
            raise SourceFailed(f"more than the expected {limit:,} bytes")
        out.write(block)
        if to is not None:
            to.reach(done)
    return done


def from_path(path: Path, model: Model, *, into: Path, progress: Progress) -> Path:
    """A copy of the file at `path`, so that what is checked is what stays. Raises SourceFailed."""
    size = path.stat().st_size
    if size != model.size_bytes:
        raise SourceFailed(f"{path} has {size:,} bytes, expected {model.size_bytes:,}")
    partial = into / "from-path.partial"
    progress.begin(f"copying {path.name}", model.size_bytes)
    with path.open("rb") as source, partial.open("wb") as out:
        copy(source, out, done=0, limit=model.size_bytes, to=progress)
    return partial


def reason_of(error: Exception) -> str:
    """One clause for a network failure, without the library's class names."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code} {error.reason}"
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    return str(getattr(inner, "strerror", None) or inner or type(inner).__name__)


def _check_answers(url: str) -> None:
    """Raise SourceFailed unless `url` is http(s) and its host takes a connection in time."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceFailed(f"{url!r} is not an http or https address")
    host = parts.hostname
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host):
        return
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    failure = _connect(host, port)
    if failure is not None:
        raise SourceFailed(f"{host}: {failure}")


def _connect(host: str, port: int) -> str | None:
    """Why `host` takes no connection within ANSWER_WITHIN_S, or None where it does.

    In a thread, because neither name resolution nor a host of many addresses has a limit.
    """
    outcome: list[str | None] = []

    def attempt() -> None:
        try:
            socket.create_connection((host, port), timeout=ANSWER_WITHIN_S).close()
            outcome.append(None)
        except OSError as error:
            outcome.append(reason_of(error))

    thread = Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(ANSWER_WITHIN_S)
    return outcome[0] if outcome else "no answer in time"


def _host(url: str) -> str:
    """The host of an address, which is all of it that an error message needs."""
    return urllib.parse.urlsplit(url).hostname or url


def _size(path: Path) -> int:
    """Bytes in `path`, 0 where there is no such file."""
    return path.stat().st_size if path.exists() else 0
