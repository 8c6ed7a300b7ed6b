"""The changes and files of a repository on this machine. Acts: runs git and reads files."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.git import GitRefused, git
from bot.problems import CouldNotJudge, WrongUse

HEAD = "HEAD"
MAX_FILE_BYTES = 20_000_000  # larger files are told as binary in the diff: see bot.git.SETTINGS
DIFF = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--no-indent-heuristic",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--find-renames",
    "--full-index",
    "--unified=3",
    "--inter-hunk-context=0",
    "--ignore-submodules=all",
    "--submodule=short",
)

# Words of git, which speaks English to us, and ours.
REMEDIES: Mapping[str, str] = {
    "not a git repository": (
        "it is not inside a git repository: change to one, or give a diff with --diff"
    ),
    "work tree": "it is a bare repository, which has no working tree: review a clone of it",
    "dubious ownership": (
        "the repository belongs to another user: where you trust it, run "
        "`git config --global --add safe.directory FOLDER`"
    ),
}


@dataclass(frozen=True, slots=True)
class LocalRepository:
    """A repository with a working tree. `root` is its top folder, absolute and without links."""

    root: Path

    def diff(self, base_sha: str) -> str:
        """What the working tree, files that git does not know included, has over a commit.

        Ignored files and submodules are left out. Bytes that are not UTF-8 become U+FFFD. Raises
        CouldNotJudge while a merge has conflicts.
        """
        conflicts = self._git("ls-files", "--unmerged", "-z")
        if conflicts:
            path = conflicts.split(b"\0")[0].split(b"\t", 1)[-1].decode("utf-8", "replace")
            raise CouldNotJudge(f"{path!r} has merge conflicts: resolve them first")
        with tempfile.TemporaryDirectory(prefix="gavel-") as scratch:
            index = self._index_with_untracked(Path(scratch, "index"))
            changes = self._git(*DIFF, "--end-of-options", base_sha, "--", index=index)
        return changes.decode("utf-8", "replace")

    def resolve(self, revision: str) -> str:
        """The commit that `revision` names, as a full hash. Raises WrongUse."""
        try:
            found = self._git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
        except GitRefused:
            raise WrongUse(
                f"unknown revision {revision!r} in {self.root}: name a branch, tag or commit "
                "that `git log` knows, and fetch it first where it is a remote one"
            ) from None
        return found.decode("ascii").strip()

    def head(self) -> str:
        """The commit that is checked out, or the empty tree where there is none yet."""
        try:
            return self.resolve(HEAD)
        except WrongUse:
            pass
        # `-t tree` of nothing: the empty tree's hash, whatever hash this repository uses.
        return self._git("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()

    def merge_base(self, base_sha: str) -> str:
        """The commit at which HEAD left the history of `base_sha`. Raises WrongUse."""
        try:
            found = self._git("merge-base", "--end-of-options", base_sha, self.resolve(HEAD))
        except GitRefused:
            raise WrongUse(
                f"HEAD and {base_sha[:12]} have no commit in common: fetch more of the history "
                "(`git fetch --unshallow`), or name another base"
            ) from None
        return found.decode("ascii").split()[0]

    def file_at(self, revision_sha: str, path: str) -> str | None:
        """Text of a file at a commit or tree, or None where there is no such file."""
        listed = self._git("ls-tree", "-z", "--full-tree", "--end-of-options", revision_sha, path)
        for entry in listed.split(b"\0"):
            mode, kind, sha = (*entry.split(b"\t", 1)[0].split(b" "), b"", b"")[:3]
            if kind == b"blob" and mode != b"120000":
                blob = self._git("cat-file", "blob", sha.decode("ascii"))
                return blob.decode("utf-8", "replace")
        return None

    def file(self, path: str) -> str | None:
        """Text of a file of the working tree, or None where there is no such text file.

        Links are not followed: nothing outside the repository is ever read.
        """
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or parts[0].lower() == ".git":
            return None
        inside = self.root.joinpath(*parts)
        if inside.parent != Path(os.path.realpath(inside.parent)):
            return None
        try:
            descriptor = os.open(inside, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (OSError, ValueError):  # no such file, a link, or a name with a NUL
            return None
        try:
            content = _content(descriptor)
        finally:
            os.close(descriptor)
        return None if content is None or b"\0" in content else content.decode("utf-8", "replace")

    def _index_with_untracked(self, index: Path) -> Path:
        """A copy of the index at `index` that also names the files git does not know yet."""
        own = self.root / os.fsdecode(self._git("rev-parse", "--git-path", "index").rstrip(b"\n"))
        if own.is_file():
            shutil.copy2(own, index)  # git tells by its time which files it must look into
        listed = self._git("ls-files", "--others", "--exclude-standard", "-z")
        # A name that ends in a slash is another repository inside this one.
        names = [name for name in listed.split(b"\0") if name and not name.endswith(b"/")]
        if names:
            self._git(
                "add",
                "--intent-to-add",
                "--pathspec-from-file=-",
                "--pathspec-file-nul",
                given=b"\0".join(names),
                index=index,
            )
        return index

    def _git(self, *arguments: str, given: bytes = b"", index: Path | None = None) -> bytes:
        environment = {} if index is None else {"GIT_INDEX_FILE": str(index)}
        return git(self.root, *arguments, given=given, environment=environment)


def _content(descriptor: int) -> bytes | None:
    """The bytes of an open regular file that is not too large, else None."""
    told = os.fstat(descriptor)
    if not stat.S_ISREG(told.st_mode) or told.st_size > MAX_FILE_BYTES:
        return None
    with open(descriptor, "rb", closefd=False) as stream:
        return stream.read(MAX_FILE_BYTES)


def find(folder: Path) -> LocalRepository:
    """The repository that `folder` is in. Raises WrongUse."""
    if not folder.is_dir():
        raise WrongUse(f"{folder} is not a folder: name one inside a git repository")
    try:
        top = git(folder, "rev-parse", "--show-toplevel")
    except GitRefused as refusal:
        said = str(refusal)
        remedy = next((ours for theirs, ours in REMEDIES.items() if theirs in said), said)
        raise WrongUse(f"cannot review {folder}: {remedy}") from None
    return LocalRepository(Path(os.path.realpath(os.fsdecode(top.removesuffix(b"\n")))))
