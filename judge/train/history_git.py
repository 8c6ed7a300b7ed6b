"""Act: read a local git history, as one line of commits and as files at a commit."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from judge.train.history import Commit, Hunk, Patch

_SAFE = {  # a repository's own settings start no program and read no file outside it
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C.UTF-8",
}
_FORMAT = "%x00%H%x1f%ct%x1f%ae%x1f%s%x1f%b%x00"
_NO_PROGRAMS = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature")
MAX_BLOB = 1 << 20  # bytes of a source file; longer ones are generated


class HistoryError(Exception):
    """A history cannot be read; the message names the repository and the remedy."""


class GitHistory:
    """A local repository, bare or not. Use as a context manager, from one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blobs: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._blobs is not None:
            self._blobs.kill()
            self._blobs.communicate()

    def head(self) -> str:
        """The commit that HEAD names. Raises HistoryError where there is none."""
        return self._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip()

    def name(self) -> str:
        """`owner/name` by the address that it was cloned from, or else by its folder."""
        address = self._git("config", "--get", "remote.origin.url", check=False).strip()
        if address:
            parts = address.removesuffix("/").removesuffix(".git").replace(":", "/").split("/")
            return "/".join(parts[-2:])
        folder = self.path.resolve()
        while folder.name in (".git", "repo") and folder.parent != folder:
            folder = folder.parent
        return folder.name.removesuffix(".git").replace("+", "/")

    def file(self, revision: str, path: str) -> str | None:
        """The text of a file at a revision; None where it is not there, too long or no text."""
        if "\n" in path:
            return None
        if self._blobs is None:
            self._blobs = self._popen("cat-file", "--batch")
        assert self._blobs.stdin is not None
        assert self._blobs.stdout is not None
        self._blobs.stdin.write(f"{revision}:{path}\n".encode())
        self._blobs.stdin.flush()
        header = self._blobs.stdout.readline().split()
        if len(header) < 3 or header[-1] in (b"missing", b"ambiguous"):
            return None
        data = self._blobs.stdout.read(int(header[2]) + 1)[:-1]
        if header[1] != b"blob" or len(data) > MAX_BLOB or b"\0" in data:
            return None
        return data.decode("utf-8", "replace")

    def suffixes(self, known: Collection[str]) -> list[str]:
        """Those of `known` that at least one in fifty of HEAD's files so named ends in."""
        names = self._git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        counts = Counter(os.path.splitext(name)[1] for name in names)  # noqa: PTH122
        least = sum(counts[suffix] for suffix in known) / 50
        return [suffix for suffix in known if counts[suffix] > least]

    def commits(self, suffixes: Sequence[str]) -> Iterator[Commit]:
        """The first-parent line from the root to HEAD, with what each did to files so named.

        A merge counts as one commit: what it brought into the line. A file that was renamed and
        changed at once counts as new.
        """
        log = self._popen(
            *("log", "--reverse", "--first-parent", "-m", "--patch", "--unified=0"),
            *("--find-renames=100%", *_NO_PROGRAMS, f"--format={_FORMAT}", "HEAD", "--"),
            *(f"*{suffix}" for suffix in suffixes),
        )
        assert log.stdout is not None
        try:
            yield from _commits(log.stdout)
        finally:
            log.kill()
            log.communicate()

    def files(self, revision: str) -> list[str]:
        """The names at the root of a revision."""
        return self._git("ls-tree", "--name-only", revision).splitlines()

    def _git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(self.path), *arguments],  # noqa: S607
            capture_output=True,
            env={**os.environ, **_SAFE},
            check=False,
        )
        if check and done.returncode:
            raise HistoryError(
                f"{self.path} is not a git repository with commits that can be read: "
                "give --repo the folder of a clone"
            )
        return done.stdout.decode("utf-8", "replace")

    def _popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            ["git", "-C", str(self.path), *arguments],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_SAFE},
        )


def _commits(stream: Iterable[bytes]) -> Iterator[Commit]:
    """The commits of `git log`'s output: headers between zero bytes, then patches."""
    head: list[str] | None = None
    opening: bytes | None = None
    patches: list[Patch] = []
    authors: dict[str, int] = {}
    for line in stream:
        if opening is not None or line.startswith(b"\0"):
            opening = (opening or b"") + line
            if opening.count(b"\0") < 2:
                continue
            if head is not None:
                yield _commit(head, patches, authors)
            head = opening.strip(b"\0\n").decode("utf-8", "replace").split("\x1f")
            opening, patches = None, []
        elif head is not None:
            _read(line, patches)
    if head is not None:
        yield _commit(head, patches, authors)


def _commit(head: Sequence[str], patches: Sequence[Patch], authors: dict[str, int]) -> Commit:
    """A commit, its author as the number that `authors` gives; no name or address goes further."""
    sha, time, address, subject, body = [*head, "", "", "", ""][:5]
    author = authors.setdefault(address, len(authors))
    kept = tuple(one for one in patches if one.hunks)
    return Commit(sha, int(time), subject, body, kept, author)


def _read(line: bytes, patches: list[Patch]) -> None:
    """Take one line of a patch down."""
    if line.startswith(b"diff --git "):
        patches.append(Patch("", ""))
        return
    if not patches:
        return
    patch = patches[-1]
    if line.startswith(b"@@ "):
        patch.hunks.append(Hunk.of(line.decode("utf-8", "replace")))
    elif patch.hunks:
        if line.startswith(b"-"):
            patch.hunks[-1].removed.append(line[1:].decode("utf-8", "replace").rstrip("\r\n"))
    elif line.startswith(b"--- "):
        patch.old = _path(line[4:])
    elif line.startswith(b"+++ "):
        patch.new = _path(line[4:])
    elif line.startswith(b"rename from "):
        patch.renamed_from = line[12:].decode("utf-8", "replace").rstrip("\n")


def _path(name: bytes) -> str:
    text = name.decode("utf-8", "replace").rstrip("\n\t")
    return "" if text == "/dev/null" or text.startswith('"') else text[2:]
