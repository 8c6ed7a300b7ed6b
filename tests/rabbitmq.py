"""Acts: a RabbitMQ of one's own on loopback, where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.up import free_port

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
MISSING = "RabbitMQ is not installed here (apt-get install rabbitmq-server)"
START_WITHIN_S = 120.0


class NoRabbit(Exception):
    """There is no server to start. The message says how to get one."""


class Rabbit:
    """A server that can be ended and started again with what it kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, dist, epmd = (free_port("127.0.0.1") for _ in range(3))
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self._port}\nlog.console.level = error\n"
        )
        (folder / "plugins").write_text("[].\n")
        self._environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"gavel{os.getpid()}@localhost",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_DIST_PORT": str(dist),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        with (self._folder / "output").open("ab") as output:
            self._server = subprocess.Popen(
                [str(SERVER)],
                env=dict(self._environment),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + START_WITHIN_S
        while time.monotonic() < end:
            if self._server.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.2)
        raise NoRabbit((self._folder / "output").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """SIGKILL to the server and what it started."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(30)
            self._server = None

    def close(self) -> None:
        """End everything, the mapper of Erlang's names too."""
        self.kill()
        epmd = ["epmd", "-kill"]
        subprocess.run(epmd, env=dict(self._environment), check=False, capture_output=True)


@contextmanager
def rabbitmq() -> Iterator[Rabbit]:
    """A running server, removed at the end. Raises NoRabbit."""
    if not SERVER.exists():
        raise NoRabbit(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="gavel-mq-"))
    server = Rabbit(folder)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
