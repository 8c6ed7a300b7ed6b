"""Acts: an empty machine on which a person follows docs/how-to/self-hosted.md."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.up import free_port
from tests.bare import Bare, walk_of

PAGE = "docs/how-to/self-hosted.md"
ADDRESS = "https://YOUR-HOST"
READY_S, END_S = 240.0, 60.0


def lines(name: str) -> list[list[str]]:
    """The words of each line of the page's blocks that are marked `run: NAME`."""
    return [shlex.split(line) for one in walk_of(PAGE, name) for line in one.body.splitlines()]


class Machine:
    """Gavel on it, from the page's own commands. `settings` are those of the forge's stand-in."""

    def __init__(self, place: Path, index: Path, settings: dict[str, str]) -> None:
        self.bare = Bare(place, index)
        self.place, self.port = place, free_port("127.0.0.1")
        self.address = f"http://127.0.0.1:{self.port}"
        self.kept = place / "g"
        self.bare.environment |= {
            "GAVEL_HOME": str(self.kept),
            "GAVEL_IO_CHILDREN": "1",
            **settings,
        }

    def install(self) -> None:
        """Do what stands at the top of the page."""
        self.bare.follow(walk_of(PAGE, "install"), at=self.bare.home)

    def export(self, word: str) -> None:
        """Set a variable for what comes after, as `export NAME=VALUE` does."""
        name, _, value = word.replace(ADDRESS, self.address).partition("=")
        self.bare.environment[name] = value

    def call(self, words: Sequence[str], said: str = "") -> None:
        """Run one command, with what a person types into it."""
        done = subprocess.run(
            self._command(words),
            env=self.bare.environment,
            input=said,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def up(self, words: Sequence[str]) -> Iterator[None]:
        """`gavel up …` on this machine's port until the block ends; it has to end by itself."""
        log = self.place / "up.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                self._command([str(self.port) if word == "8000" else word for word in words]),
                env=self.bare.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        before = log.stat().st_size
        try:
            self.wait(lambda: "ready;" in log.read_text()[before:], process)
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(END_S) in {0, 130, 143}, log.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait(
        self, is_so: Callable[[], bool], process: subprocess.Popen[bytes] | None = None
    ) -> None:
        """Poll until `is_so`; fails with every log where it does not become so."""
        end = time.monotonic() + READY_S
        while not is_so():
            is_dead = process is not None and process.poll() is not None
            if is_dead or time.monotonic() > end:
                logs = [*self.place.glob("*.log"), *self.kept.glob("logs/*.log")]
                pytest.fail("\n".join(f"--- {one}\n{one.read_text()[-2000:]}" for one in logs))
            time.sleep(0.1)

    def _command(self, words: Sequence[str]) -> list[str]:
        program, *rest = words
        assert program == "gavel"
        gavel = self.bare.home / ".local" / "bin" / "gavel"
        return [str(gavel), *(word.replace(ADDRESS, self.address) for word in rest)]
