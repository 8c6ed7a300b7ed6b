from __future__ import annotations

import copy
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.app import create_app
from bot.demo.github_double import GitHubDouble
from bot.redis_server import command, find_server
from bot.settings import BotSettings
from tests.bare import Bare, build_wheel
from tests.described import outside
from tests.doubles.gitlab.described import outside as gitlab_outside
from tests.doubles.gitlab.server import GitLabDouble
from worker.settings import secret_names
from worker.store import reviews
from worker.store.engine import open_engine
from worker.store.migrate import upgrade
from worker.store.reviews import StoredReview

HERE = Path(__file__).parent
OPENED = json.loads((HERE.parent / "payloads/github/pull_request.opened.json").read_text())
SECRET, TOKEN = "webhook-secret", "forge-token"
SIGNING_TOKEN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
REPO, NUMBER, BASE = "octo/hello", 7, "0" * 40
FIRST, SECOND = "a" * 40, "b" * 40
TEXT = "def add(a, b):\n    return a - b\n"
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add(a, b):\n+    return a - b\n"
)


class Town:
    """Everything that a delivery meets: receiver, broker, workers, database and forge."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.github = GitHubDouble(token=TOKEN)
        self.github.add_change(
            repo=REPO,
            number=NUMBER,
            head_sha=FIRST,
            base_sha=BASE,
            diff=DIFF,
            files={FIRST: {"sums.py": TEXT}},
        )
        self.gitlab = GitLabDouble(token=TOKEN)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            "PATH": os.environ["PATH"],
            "GAVEL_HOME": str(home),
            "GAVEL_GITHUB_URL": self.github.start(),
            "GAVEL_GITHUB_TOKEN": TOKEN,
            "GAVEL_GITLAB_URL": self.gitlab.start(),
            "GAVEL_GITLAB_TOKEN": TOKEN,
            "GAVEL_GITLAB_WRITE_GAP_S": "0",
            "GAVEL_SWEEP_EVERY_S": "1",
            "GAVEL_SEND_AGAIN_S": "4",
            "GAVEL_LEASE_S": "3",
            "GAVEL_IO_CHILDREN": "2",
        }
        self._database_url = f"sqlite:///{home / 'gavel.sqlite'}"
        upgrade(self._database_url)
        self.engine = open_engine(self._database_url)
        self._receiver = self._open_receiver()

    def start(self, *names: str) -> None:
        """Start processes: "redis", "io", "gpu" or "beat"."""
        for name in names:
            with (self.home / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    self._command(name),
                    env=self._environment_of(name),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            if name == "redis":
                self.wait_until((self.home / "redis.sock").exists, "the broker listens")

    def kill(self, name: str) -> None:
        """SIGKILL a process and all its children."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if name == "redis":
            (self.home / "redis.sock").unlink(missing_ok=True)

    def deliver(self, delivery_id: str, *, head_sha: str = FIRST, secret: str = SECRET) -> int:
        """Post a signed delivery; returns the status of the answer."""
        delivery = copy.deepcopy(OPENED)
        delivery["number"] = delivery["pull_request"]["number"] = NUMBER
        delivery["pull_request"]["head"]["sha"] = head_sha
        delivery["repository"]["full_name"] = REPO
        body = json.dumps(delivery).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": delivery_id,
            "X-Hub-Signature-256": "sha256="
            + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        return self.post("github", body, headers)

    def post(self, forge: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a delivery to the receiver; returns the status of the answer."""
        return self._receiver.post(f"/webhooks/{forge}", data=body, headers=headers).status_code

    def push(self, head_sha: str) -> None:
        """Move the change to a new head."""
        self.github.push(
            repo=REPO,
            number=NUMBER,
            head_sha=head_sha,
            diff=DIFF,
            files={head_sha: {"sums.py": TEXT}},
        )

    def let_judge(self) -> None:
        """Let every judge answer, now and later."""
        (self.home / "go").touch()

    def wait_for_judging(self) -> int:
        """Wait until a judge has begun; returns the id of its process."""
        path = self.home / "judging"
        self.wait_until(lambda: path.exists() and path.read_text() != "", "a judge begins")
        return int(path.read_text())

    def states(self) -> dict[str, str]:
        """State by head of the change's reviews."""
        return {row.change.head_sha: row.state.value for row in self.rows()}

    def rows(self, forge: str = "github") -> list[StoredReview]:
        """The reviews of the change, the oldest first."""
        return reviews.of_change(self.engine, forge=forge, repo=REPO, number=NUMBER)

    def wait_until(self, is_so: Callable[[], bool], what: str, *, within_s: float = 60) -> None:
        """Poll until `is_so`; fails with the logs after `within_s` seconds."""
        end = time.monotonic() + within_s
        while not is_so():
            dead = [name for name, one in self._processes.items() if one.poll() is not None]
            if dead or time.monotonic() > end:
                pytest.fail(
                    f"dead: {dead}, or not in {within_s} s: {what}; {self.states()}\n{self._logs()}"
                )
            time.sleep(0.05)

    def wait_for_states(self, expected: Mapping[str, str]) -> None:
        """Poll until the reviews of the change stand so."""
        self.wait_until(lambda: self.states() == expected, f"the states are {expected}")

    def close(self) -> None:
        """Stop every process, whatever it is doing, and release what this process holds."""
        for name in list(self._processes):
            self.kill(name)
        self.engine.dispose()
        self.github.stop()
        self.gitlab.stop()
        assert outside(self.github) == [] and gitlab_outside(self.gitlab.state.requests) == []

    def _open_receiver(self) -> FlaskClient:
        settings = BotSettings(
            home=self.home,
            database_url=self._database_url,
            broker_url=f"redis+socket://{self.home}/redis.sock",
            github_webhook_secret=SECRET,
            gitlab_webhook_secret=SIGNING_TOKEN,
        )
        return create_app(settings).test_client()

    def _command(self, name: str) -> list[str]:
        if name == "redis":
            return list(command(find_server(), self.home / "redis.sock"))
        return [sys.executable, str(HERE / "worker_app.py"), name]

    def _environment_of(self, name: str) -> dict[str, str]:
        secrets = () if name == "io" else secret_names()
        return {key: value for key, value in self._environment.items() if key not in secrets}

    def log_of(self, name: str) -> list[dict[str, object]]:
        """The lines that a worker logged so far."""
        return [json.loads(line) for line in (self.home / f"{name}.log").read_text().splitlines()]

    def _logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(self.home.glob("*.log"))
        )


@pytest.fixture
def town() -> Iterator[Town]:
    """A town of its own for each journey; its path is short enough for a socket."""
    home = Path(tempfile.mkdtemp(prefix="gavel-"))
    town = Town(home)
    yield town
    town.close()
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel of this tree."""
    return build_wheel(tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def bare(tmp_path: Path, wheels: Path) -> Bare:
    """An empty machine."""
    return Bare(tmp_path, wheels)
