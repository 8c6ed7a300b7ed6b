"""Run git on a repository that may be hostile, and read its answers. Acts."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bot.problems import WrongUse

# Nothing that a repository configures may run a program or change the form of a diff.
SETTINGS = (
    "core.quotePath=true",
    "core.fsmonitor=false",
    "core.bigFileThreshold=20m",  # larger files are told as binary, not read into a diff
    "diff.suppressBlankEmpty=false",
    f"diff.orderFile={os.devnull}",
    "submodule.recurse=false",
)
# The folder alone says which repository is meant, also inside another one's hooks.
DROPPED = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_PAGER",
        "GIT_TRACE",
    }
)
ADDED = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


class GitRefused(WrongUse):
    """Git ended with an error; the message is its last line."""


def git(
    folder: Path, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """What `git ARGUMENTS` prints in `folder`. Raises GitRefused, and WrongUse without git.

    Arguments that come from a user must stand behind `--end-of-options`.
    """
    program = shutil.which("git")
    if program is None:
        raise WrongUse("git is not installed: install it, or give a diff with --diff FILE")
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    done = subprocess.run(  # noqa: S603 - no shell; arguments are ours or behind --end-of-options
        [program, "-C", str(folder), "--no-pager", *settings, *arguments],
        input=given,
        capture_output=True,
        env=_environment(environment or {}),
        check=False,
    )
    if done.returncode != 0:
        raise GitRefused(_last_words(done.stderr) or f"git ended with code {done.returncode}")
    return done.stdout


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return {**kept, **ADDED, **more}


def _last_words(stderr: bytes) -> str:
    """The line in which git says what is wrong, without its `fatal:`."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    words = (fatal or [line for line in lines if line] or [""])[0]
    return words.removeprefix("fatal: ").removeprefix("error: ")
