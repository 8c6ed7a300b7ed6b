"""A whole fleet on this machine, for the benchmarks: PostgreSQL, Redis, receiver, workers, forge.

Every part is a process of its own that can be killed and started again; the stand-in of GitHub
runs in the calling process. Traffic stays on loopback and Unix sockets. Acts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402
from sqlalchemy import Engine, text  # noqa: E402
from standardwebhooks import Webhook  # noqa: E402

from bot.demo.github_double import GitHubDouble  # noqa: E402
from bot.redis_server import command, find_server  # noqa: E402
from bot.up import free_port  # noqa: E402
from tests.postgres import Cluster, programs  # noqa: E402
from worker.settings import secret_names  # noqa: E402
from worker.store.engine import open_engine, reading  # noqa: E402
from worker.store.migrate import upgrade  # noqa: E402

PAYLOAD = ROOT / "tests/payloads/github/pull_request.opened.app.json"
MERGE_REQUEST = ROOT / "tests/payloads/gitlab/merge_request.open.json"
SECRET, TOKEN = "bench-webhook-secret", "bench-forge-token"
SIGNING_TOKEN = "whsec_" + base64.b64encode(b"a signing key of the bench's").decode()
QUICK = {  # a fleet that notices a death within seconds
    "GAVEL_SWEEP_EVERY_S": "1",
    "GAVEL_SEND_AGAIN_S": "3",
    "GAVEL_LEASE_S": "4",
    "GAVEL_IO_CHILDREN": "2",
    "GAVEL_GITHUB_WRITE_GAP_S": "0",
}
START_WITHIN_S = 90.0


class Fleet:
    """The processes of one run, by name: database, redis, receiver, io-1, gpu-1, beat."""

    def __init__(
        self,
        home: Path,
        *,
        settings: Mapping[str, str] | None = None,
        snippet_s: float = 0.0,
        double: GitHubDouble | None = None,
        is_durable: bool = True,
    ) -> None:
        self.home = home
        self.forge = double or GitHubDouble(token=TOKEN)
        self.database: Cluster | None = None
        if programs() is not None:
            self.database = Cluster(
                Path(tempfile.mkdtemp(prefix="gavel-pg-")), is_durable=is_durable
            )
            self.database.start()
            self.database.create()
        url = self.database.url if self.database else f"sqlite:///{home / 'gavel.sqlite'}"
        upgrade(url)
        self.engine: Engine = open_engine(url)
        self.ports: dict[str, int] = {}
        self.port = 0  # of the receiver that deliveries go to
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            "PATH": os.environ["PATH"],
            "GAVEL_HOME": str(home),
            "GAVEL_DATABASE_URL": url,
            "GAVEL_GITHUB_URL": self.forge.start(),
            "GAVEL_GITHUB_TOKEN": TOKEN,
            "GAVEL_GITHUB_WEBHOOK_SECRET": SECRET,
            "GAVEL_LOG_LEVEL": "WARNING",
            "BENCH_SNIPPET_S": str(snippet_s),
            **QUICK,
            **(settings or {}),
        }

    def start(self, *names: str) -> None:
        """Start processes by name, and wait until those that listen do."""
        for name in names:
            if name == "database":
                assert self.database is not None
                self.database.start()
                continue
            if name.startswith("receiver"):
                self.ports.setdefault(name, free_port("127.0.0.1"))
            with (self.home / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    self._command(name),
                    env=self._environment_of(name),
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "redis" in names:
            wait_until((self.home / "redis.sock").exists, "Redis", within_s=START_WITHIN_S)
        for name in names:
            if name.startswith("receiver"):
                self.send_to(name)

    def send_to(self, receiver: str) -> None:
        """Have deliveries go to this receiver once it is ready, as a load balancer does."""
        port = self.ports[receiver]
        wait_until(lambda: self.status("/readyz", port=port) == 200, receiver, START_WITHIN_S)
        self.port = port

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all its children."""
        if name == "database":
            assert self.database is not None
            self.database.kill()
            return
        process = self._processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if name == "redis":
            (self.home / "redis.sock").unlink(missing_ok=True)

    def kill_child(self, name: str, chance: random.Random) -> bool:
        """SIGKILL to one child of a process, as the kernel does when memory runs out."""
        try:
            children = psutil.Process(self._processes[name].pid).children(recursive=True)
            chance.choice(children).kill()
        except (psutil.NoSuchProcess, IndexError):
            return False
        return True

    def retire(self, name: str, *, within_s: float = 60.0) -> None:
        """End a process as a rolling update does: with SIGTERM, and time for its tasks to end."""
        process = self._processes.pop(name)
        process.terminate()
        process.wait(within_s)

    def dead(self) -> list[str]:
        """Names of the processes that ended by themselves."""
        return [name for name, one in self._processes.items() if one.poll() is not None]

    def process(self, name: str) -> psutil.Process:
        """The first process of a part."""
        return psutil.Process(self._processes[name].pid)

    def status(self, path: str, *, port: int = 0) -> int:
        """Status of a GET at the receiver; 0 where it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def scalar(self, statement: str) -> int:
        """A number from the database."""
        with reading(self.engine) as connection:
            return int(connection.execute(text(statement)).scalar_one())

    def close(self) -> None:
        """Stop everything."""
        for name in list(self._processes):
            self.kill(name)
        self.engine.dispose()
        self.forge.stop()
        if self.database is not None:
            self.database.kill()
            shutil.rmtree(self.database.folder, ignore_errors=True)

    def last_words(self) -> str:
        """The end of every log."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted(self.home.glob("*.log"))
        )

    def _command(self, name: str) -> list[str]:
        role = name.partition("-")[0]
        if role == "redis":
            return list(command(find_server(), self.home / "redis.sock"))
        if role == "receiver":
            bind = f"--bind=127.0.0.1:{self.ports[name]}"
            gunicorn = ["-m", "gunicorn", "--config=python:bot.server", bind]
            return [sys.executable, *gunicorn, "bot.app:from_environment()"]
        return [sys.executable, str(ROOT / "bench/fleet_worker.py"), role]

    def _environment_of(self, name: str) -> dict[str, str]:
        role = name.partition("-")[0]
        secrets = () if role == "io" else secret_names()
        hidden = {*secrets, *(() if role == "receiver" else ("GAVEL_GITHUB_WEBHOOK_SECRET",))}
        return {key: value for key, value in self._environment.items() if key not in hidden}


@contextmanager
def fleet(**options: object) -> Iterator[Fleet]:
    """A fleet in a temporary folder; nothing is started yet but the database and the forge."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave nothing behind
    home = Path(tempfile.mkdtemp(prefix="gavel-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        made = Fleet(home, **options)  # type: ignore[arg-type]
        stack.callback(made.close)
        yield made


def delivery(
    repo: str, number: int, head_sha: str, delivery_id: str, *, installation: int | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a signed delivery, as GitHub sends it when a change is pushed to."""
    payload = json.loads(PAYLOAD.read_text(encoding="utf-8"))
    payload["number"] = payload["pull_request"]["number"] = number
    payload["pull_request"]["head"]["sha"] = head_sha
    payload["repository"]["full_name"] = repo
    if installation is None:
        payload.pop("installation", None)
    else:
        payload["installation"] = {"id": installation}
    body = json.dumps(payload).encode()
    return body, signed(body, delivery_id)


def signed(body: bytes, delivery_id: str, *, secret: str = SECRET) -> dict[str, str]:
    """Headers that a delivery with this body carries."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": delivery_id,
        "X-Hub-Signature-256": "sha256="
        + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def signed_at(body: bytes, delivery_id: str, at: datetime) -> dict[str, str]:
    """Headers of a delivery of GitLab's that was signed then; `post` sends it there."""
    return {
        "Content-Type": "application/json",
        "X-Gitlab-Event": "Merge Request Hook",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SIGNING_TOKEN).sign(delivery_id, at, body.decode()),
    }


def post(port: int, body: bytes, headers: Mapping[str, str]) -> int:
    """Status of the answer to a delivery; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        forge = "gitlab" if "webhook-signature" in headers else "github"
        connection.request("POST", f"/webhooks/{forge}", body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def sha_of(*parts: object) -> str:
    """A commit of its own for these parts."""
    return hashlib.sha1(".".join(map(str, parts)).encode()).hexdigest()


def wait_until(is_so: Callable[[], bool], what: str, within_s: float) -> bool:
    """Poll until it is so; False after `within_s` seconds."""
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
