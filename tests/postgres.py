"""Acts: a PostgreSQL of one's own on a private Unix socket, where Debian's package is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

USER, DATABASE = "gavel", "gavel"
MISSING = "PostgreSQL is not installed here (apt-get install postgresql)"


class NoPostgres(Exception):
    """There is no server to start. The message says how to get one."""


def programs() -> Path | None:
    """The folder with initdb and postgres, the newest version first; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    places = [*found, *([Path(on_path).resolve()] if on_path else [])]
    return next((one.parent for one in places if (one.parent / "initdb").exists()), None)


class Cluster:
    """A server that can be stopped, killed and started again on the same data."""

    def __init__(self, folder: Path, *, is_durable: bool) -> None:
        self.folder = folder
        self.url = f"postgresql://{USER}@/{DATABASE}?host={folder}"
        self._is_durable = is_durable
        self._server: subprocess.Popen[bytes] | None = None
        bin_folder = programs()
        if bin_folder is None:
            raise NoPostgres(MISSING)
        self._bin = bin_folder
        # The server refuses to run as root.
        self._as_user: Mapping[str, int] = {}
        if os.getuid() == 0:
            other = pwd.getpwnam("nobody")
            os.chown(folder, other.pw_uid, other.pw_gid)
            self._as_user = {"user": other.pw_uid, "group": other.pw_gid}
        folder.chmod(0o755)
        self._call("initdb", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        if not self._is_durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._as_user,
            )
        ready = [str(self._bin / "pg_isready"), "-q", "-h", str(self.folder), "-U", USER]
        for _ in range(600):
            if self._server.poll() is not None:
                raise NoPostgres((self.folder / "log").read_text(errors="replace")[-2000:])
            if subprocess.run([*ready, "-d", "postgres"], check=False, cwd="/").returncode == 0:
                return
            time.sleep(0.05)
        raise NoPostgres("PostgreSQL did not become ready")

    @property
    def pid(self) -> int | None:
        """The first process of the server, None while it is stopped."""
        return None if self._server is None else self._server.pid

    def create(self, database: str = DATABASE) -> str:
        """Make an empty database; returns its URL."""
        name = [str(self._bin / "createdb"), "-h", str(self.folder), "-U", USER, database]
        subprocess.run(name, check=True, cwd="/")
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def stop(self) -> None:
        """Stop at once, as SIGQUIT does: connections are cut."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
            self._server = None

    def kill(self) -> None:
        """SIGKILL to the whole server."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(30)
            self._server = None
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _call(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self._bin / program), "-D", str(self.folder / "data")]
        done = subprocess.run(
            [*command, *arguments], cwd="/", capture_output=True, check=False, **self._as_user
        )
        if done.returncode:
            raise NoPostgres(done.stderr.decode(errors="replace"))


@contextmanager
def postgres(*, is_durable: bool = False) -> Iterator[Cluster]:
    """A running server with an empty database, removed at the end. Raises NoPostgres.

    is_durable  whether a commit survives a power cut; tests have no use for that
    """
    if programs() is None:
        raise NoPostgres(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="gavel-pg-"))
    try:
        cluster = Cluster(folder, is_durable=is_durable)
        cluster.start()
        cluster.create()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _version(program: Path) -> int:
    name = program.parent.parent.name
    return int(name) if name.isdigit() else 0
