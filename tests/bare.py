"""Acts: an empty machine: a home, git, Python, and what stands in for the network and pipx.

The index that pip asks is a folder with a wheel of this tree. What the wheel requires is found in
the environment of the tests, and so are the judges of the example plug-in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.docs.blocks import Block, blocks
from tests.examples.conftest import EXAMPLE, install
from tools.run_action import export

# What pip would fetch is there already, and nothing is fetched: a test uses no network.
OFFLINE = {
    "PIP_NO_DEPS": "1",
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of --build-isolation
    "PIP_IGNORE_INSTALLED": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
POINTS = {
    "gavel.judges": {"example-short": "gavel_example.judge:open_judge"},
    "gavel.forges": {"example-folder": "gavel_example.forge:open_forge"},
}
PIPX = """#!/bin/sh
# A program of its own in an environment of its own, which is all that pipx does for `install`.
set -e
test "$1" = install
python -m venv "$HOME/.local/pipx/$2"
"$HOME/.local/pipx/$2/bin/pip" install --quiet "$2"
mkdir -p "$HOME/.local/bin"
ln -s "$HOME/.local/pipx/$2/bin/gavel" "$HOME/.local/bin/gavel"
"""
WHO = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "ada"), ("EMAIL", "ada@example.com"))
}


def walk_of(page: str, name: str) -> list[Block]:
    """The blocks of a page that are marked `run: NAME`, in order."""
    found = [one for one in blocks() if (one.page, one.mark) == (page, f"run: {name}")]
    assert found, f"{page} has no block marked `run: {name}`"
    return found


def build_wheel(folder: Path) -> Path:
    """A wheel of this tree, without what git ignores, in a new folder that pip can look in."""
    export(folder / "tree")
    run = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder / "index")]
    done = subprocess.run(
        [*run, str(folder / "tree")],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "index"


def checkout(folder: Path) -> Path:
    """A copy of this tree in `folder`, set up as `make setup` does, by what the tests run in."""
    export(folder)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, how in (("python", ""), ("gavel", "-P -c 'from bot.cli import main; main()'")):
        script = f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} {how} "$@"\n'
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    (folder / ".venv" / ".installed").touch()
    return folder


class Bare:
    """The machine, below `place`; `index` is where pip finds wheels."""

    def __init__(self, place: Path, index: Path) -> None:
        self.place, self.home = place, place / "home"
        self.home.mkdir(parents=True)
        install(place / "site", "example", POINTS)
        self.program("pipx", PIPX)
        self.program("python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        libraries = sysconfig.get_path("purelib")
        self.environment: dict[str, str] = {
            **OFFLINE,
            **WHO,
            "PIP_FIND_LINKS": str(index),
            "PATH": os.pathsep.join([str(place / "bin"), f"{self.home}/.local/bin", *_clean()]),
            "HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join([str(place / "site"), str(EXAMPLE), libraries]),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GAVEL_MODEL": "example-short",
        }

    def program(self, name: str, script: str) -> None:
        """Put a program on the machine's path."""
        target = self.place / "bin" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(script)
        target.chmod(0o755)

    def bash(
        self, script: str, *, at: Path, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a script as a shell of a person or a runner does."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=at,
            env={**self.environment, **(more or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, script: str, *, at: Path) -> None:
        """Run a script that has to succeed."""
        done = self.bash(f"{script}\n:", at=at)  # so that bash is there until its end
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"

    def follow(self, steps: Iterable[Block], *, at: Path) -> None:
        """Do what a page says: run its commands, write its files."""
        for step in steps:
            if step.language == "bash":
                self.do(step.body, at=at)
            else:
                assert re.fullmatch(r"[\w./-]+", step.title), f"{step} names no file"
                (at / step.title).parent.mkdir(parents=True, exist_ok=True)
                (at / step.title).write_text(step.body)

    def clone(self) -> Path:
        """A clone of a repository that the forge keeps, with one commit on `main`."""
        self.do(
            "git init -q --bare -b main origin.git && git clone -q origin.git shop 2> /dev/null\n"
            "cd shop && git commit -q --allow-empty -m Start && git push -q -u origin HEAD:main",
            at=self.place,
        )
        return self.place / "shop"


def _clean() -> list[str]:
    """The folders with programs of this machine, but for those that have a gavel already."""
    every = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [one for one in every if not (Path(one) / "gavel").exists()]
