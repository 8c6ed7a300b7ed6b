"""Act: read a local git history, as one line of commits and as files at a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from judge.train.history import Commit, Hunk, Patch, without_moved

_SAFE = {  # a repository's own settings start no program and read no file outside it
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C.UTF-8",
}
_SETTINGS = (  # what a repository sets of its own changes neither what is read nor its form
    *("-c", "safe.directory=*", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"),
    *("-c", "log.showRoot=true", "-c", "log.follow=false", "-c", "log.diffMerges=separate"),
    *("-c", "diff.suppressBlankEmpty=false", "-c", f"diff.orderFile={os.devnull}"),
)
_FORMAT = "%x00%H%x1f%ct%x1f%ae%x1f%s%x1f%b%x00"
_NO_PROGRAMS = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature")
_FORM = (
    *("--src-prefix=a/", "--dst-prefix=b/", "--inter-hunk-context=0", "--diff-algorithm=myers"),
    *("--no-relative", "--encoding=UTF-8"),
)
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

    def is_shallow(self) -> bool:
        """Whether the clone lacks what was before some commit."""
        return self._git("rev-parse", "--is-shallow-repository").strip() == "true"

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
            *("--find-renames=100%", *_NO_PROGRAMS, *_FORM, f"--format={_FORMAT}", "HEAD", "--"),
            *(f"*{suffix}" for suffix in suffixes),
        )
        assert log.stdout is not None
        try:
            yield from _commits(log.stdout)
            if log.wait():  # or what was cut off would look like a history without fixes
                raise HistoryError(
                    f"git could not read the history of {self.path} to its end: "
                    "run `git fsck` in it, or clone it anew with all of its objects"
                )
        finally:
            log.kill()
            log.communicate()

    def files(self, revision: str) -> list[str]:
        """The names at the root of a revision."""
        return self._git("ls-tree", "--name-only", revision).splitlines()

    def _git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(  # noqa: S603
            self._command(arguments), capture_output=True, env=_environment(), check=False
        )
        if check and done.returncode:
            raise HistoryError(
                f"{self.path} is not a git repository with commits that can be read: "
                "give --repo the folder of a clone"
            )
        return done.stdout.decode("utf-8", "replace")

    def _popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            self._command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        program = shutil.which("git")
        if program is None:
            raise HistoryError("git is not installed: install it to read histories")
        return [program, "-C", str(self.path), *_SETTINGS, *arguments]


def _environment() -> dict[str, str]:
    """The folder alone says which repository is meant, also where a hook of another one runs."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_SAFE}


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
    kept = [one for one in patches if one.hunks or (one.old and one.new)]
    return Commit(sha, int(time), subject, body, tuple(without_moved(kept)), author)


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
        texts = {b"-": patch.hunks[-1].removed, b"+": patch.hunks[-1].added}.get(line[:1])
        if texts is not None:
            texts.append(line[1:].decode("utf-8", "replace").rstrip("\r\n"))
    elif line.startswith(b"--- "):
        patch.old = _path(line[4:])
    elif line.startswith(b"+++ "):
        patch.new = _path(line[4:])
    elif line.startswith(b"rename from "):
        patch.old = _path(b"a/" + line[12:])
    elif line.startswith(b"rename to "):
        patch.new = _path(b"b/" + line[10:])


def _path(name: bytes) -> str:
    """The path after `a/` or `b/`; of one that git has to quote, and of none, nothing."""
    text = name.decode("utf-8", "replace").rstrip("\n\t")
    is_quoted = text.startswith('"') or text[2:].startswith('"')
    return "" if text == "/dev/null" or is_quoted else text[2:]
