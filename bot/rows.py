"""Read and write rows of JSON, one a line, plain or gzip. Acts: files and standard streams."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NoReturn, cast

from bot.problems import WrongUse

Row = dict[str, object]
Write = Callable[[Row], None]

STANDARD = "-"
GZIP = b"\x1f\x8b"
KINDS: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "a boolean",
    type(None): "null",
}


def read(source: str) -> Iterator[Row]:
    """The rows of a file, or of standard input where `source` is "-", one at a time.

    Compressed input is told by its first bytes, blank lines are passed over. Raises WrongUse
    that names the file and the line which is no JSON object in UTF-8.
    """
    name = "standard input" if source == STANDARD else source
    with _opened(source) as stream:
        lines = _lines(stream, name)
        for number, line in enumerate(lines, start=1):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield parse(line.rstrip(b"\r\n"), where=f"{name}, line {number}")


def parse(line: bytes, *, where: str) -> Row:
    """The row in one line of JSON. Raises WrongUse, which begins with `where`.

    >>> parse(b'{"code": "\\\\ud800"}', where="x")
    {'code': '\\ud800'}
    """
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise WrongUse(f"{where}: not UTF-8 at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise WrongUse(f"{where}: not JSON at column {error.colno}: {error.msg}") from error
    except ValueError as error:
        raise WrongUse(f"{where}: {error}") from error
    except RecursionError as error:
        raise WrongUse(f"{where}: nested too deeply to be read") from error
    if not isinstance(row, dict):
        raise WrongUse(f'{where}: expected an object such as {{"code": …}}, not {kind(row)}')
    return row


def kind(value: object) -> str:
    """What JSON calls a value of this type, with its article."""
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a boolean",
        type(None): "null",
    }
    return names.get(type(value), "a number")


def text(row: Row) -> bytes:
    """`row` as one line of JSON with its newline; lone surrogates become escapes again.

    >>> text({"code": "é\\ud800"})
    b'{"code": "\\\\u00e9\\\\ud800"}\\n'
    """
    try:
        line = json.dumps(row, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row, allow_nan=False).encode("ascii")
    return line + b"\n"


@contextmanager
def writer(target: str) -> Iterator[Write]:
    """A function that writes one row to `target`, or to standard output where it is "-".

    A file ending in .gz is compressed. A regular file appears whole when the block ends, and not
    at all when the block raises. Raises WrongUse where `target` cannot be written.
    """
    if target == STANDARD:
        with _rows_into(sys.stdout.buffer, compress=False) as write:
            yield write
        return
    path = Path(os.path.realpath(target))  # a link keeps pointing at the file that is replaced
    opened = _device(path, target) if _is_device(path) else _whole(path, target)
    with opened as stream, _rows_into(stream, compress=target.endswith(".gz")) as write:
        yield write


def check(target: str) -> None:
    """Raise WrongUse where `writer` could not write to `target`; leaves it as it is."""
    path = Path(os.path.realpath(target))
    if target == STANDARD or _is_device(path):
        return
    if path.is_dir():
        raise WrongUse(f"cannot write {target}: it is a folder, name a file")
    with _refused(target):
        scratch = _scratch(path)
        scratch.open("wb").close()
        scratch.unlink(missing_ok=True)


def _scratch(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _whole(path: Path, target: str) -> Iterator[IO[bytes]]:
    """A stream beside `path` that takes its place when the block ends well."""
    if path.is_dir():
        raise WrongUse(f"cannot write {target}: it is a folder, name a file")
    scratch = _scratch(path)
    try:
        with _refused(target):
            opened = scratch.open("wb")
        with opened as stream:
            yield stream
            with _refused(target):
                stream.flush()
                os.fsync(stream.fileno())
        with _refused(target):
            scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def _device(path: Path, target: str) -> Iterator[IO[bytes]]:
    """A stream into a pipe or a device such as /dev/null, which cannot be replaced."""
    with _refused(target):
        opened = path.open("wb")
    with opened as stream:
        yield stream


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


@contextmanager
def _rows_into(stream: IO[bytes], *, compress: bool) -> Iterator[Write]:
    if compress:
        # No name and no time in the header: the same rows give the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
            yield lambda row: _put(packed, row)
    else:
        yield lambda row: _put(stream, row)
    stream.flush()


def _put(stream: IO[bytes] | gzip.GzipFile, row: Row) -> None:
    stream.write(text(row))


@contextmanager
def _opened(source: str) -> Iterator[io.BufferedReader]:
    if source == STANDARD:
        standard: io.BufferedReader = io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer))
        try:
            yield standard
        finally:
            standard.detach()  # or standard input would be closed with it
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise WrongUse(f"cannot read {source}: {error.strerror}") from error
        yield stream


def _lines(stream: io.BufferedReader, name: str) -> Iterator[bytes]:
    """Lines of a stream, decompressed where it is gzip."""
    head = stream.peek(len(GZIP))[: len(GZIP)]
    lines = gzip.GzipFile(fileobj=stream) if head == GZIP else stream
    try:
        yield from lines
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise WrongUse(f"cannot read {name}: its gzip data is damaged or cut short") from error
    except OSError as error:
        raise WrongUse(f"cannot read {name}: {error.strerror}") from error


@contextmanager
def _refused(target: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WrongUse(f"cannot write {target}: {error.strerror}") from error


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"not JSON: {word} is no number")


def _finite(word: str) -> float:
    number = float(word)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {word[:20]} is out of range")
    return number
