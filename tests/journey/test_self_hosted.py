"""From nothing to a reviewed change, as docs/how-to/self-hosted.md says.

The App is made on the dashboard of a running Gavel, GitHub delivers with its secret, and the App's
installation answers.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from bot import app_secrets
from bot.demo.github_double import GitHubDouble
from bot.up import free_port
from tests.docs.blocks import blocks
from tests.examples.conftest import EXAMPLE, install

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]
OPENED = json.loads((ROOT / "tests/payloads/github/pull_request.opened.app.json").read_text())
REPO, HEAD, BASE = "octo/hello", "a" * 40, "0" * 40
CODE = ["def long(n):", *(f"    n += {n}" for n in range(60)), "    return n"]
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    f"@@ -0,0 +1,{len(CODE)} @@\n" + "".join(f"+{line}\n" for line in CODE)
)
GAVEL = (sys.executable, "-c", "from bot.cli import main; main()")
PASSWORD = "correct horse battery"


class Machine:
    """An empty machine with Gavel installed, and GitHub beside it."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port("127.0.0.1")
        self.github = GitHubDouble(token="unused")
        self.github.add_change(
            repo=REPO,
            number=7,
            head_sha=HEAD,
            base_sha=BASE,
            diff=DIFF,
            files={HEAD: {"sums.py": "\n".join(CODE) + "\n"}},
        )
        project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
        install(home / "site", project["name"], project["entry-points"])
        url = self.github.start()
        self.environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": f"{home / 'site'}:{EXAMPLE}:{ROOT}",
            "GAVEL_HOME": str(home / "g"),
            "GAVEL_MODEL": "example-short",
            "GAVEL_GITHUB_URL": url,
            "GAVEL_GITHUB_WEB_URL": url,
            "GAVEL_GITHUB_WRITE_GAP_S": "0",
            "GAVEL_IO_CHILDREN": "1",
            "GAVEL_DASHBOARD_URL": f"http://127.0.0.1:{self.port}",
        }

    @property
    def address(self) -> str:
        return self.environment["GAVEL_DASHBOARD_URL"]

    def call(self, *words: str, said: str = "") -> None:
        done = subprocess.run(
            [*GAVEL, *words], env=self.environment, input=said, text=True, capture_output=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def up(self, line: Sequence[str]) -> Iterator[None]:
        """`gavel up …` on this machine's port until the block ends; it has to end by itself."""
        words = [str(self.port) if word == "8000" else word for word in line[1:]]
        log = self.home / "up.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [*GAVEL, *words],
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        before = log.stat().st_size
        try:
            self.wait(lambda: "ready;" in log.read_text()[before:], process)
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in {0, 130, 143}, log.read_text()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait(self, is_so, process=None, *, within_s: float = 120) -> None:
        end = time.monotonic() + within_s
        while not is_so():
            is_dead = process is not None and process.poll() is not None
            if is_dead or time.monotonic() > end:
                logs = [*self.home.glob("*.log"), *self.home.glob("g/logs/*.log")]
                pytest.fail("\n".join(f"--- {one}\n{one.read_text()[-2000:]}" for one in logs))
            time.sleep(0.1)

    def close(self) -> None:
        self.github.stop()


@pytest.fixture
def machine() -> Iterator[Machine]:
    home = Path(tempfile.mkdtemp(prefix="gavel-"))
    machine = Machine(home)
    yield machine
    machine.close()
    shutil.rmtree(home)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def make_app(machine: Machine) -> None:
    """What a person does in a browser."""
    with requests.Session() as browser:
        page = browser.get(f"{machine.address}/sign-in?next=/setup/github").text
        form = {"name": "ada", "password": PASSWORD, "csrf": field(page, "csrf")}
        form["next"] = "/setup/github"
        page = browser.post(f"{machine.address}/sign-in", data=form).text
        action = re.search(r'action="([^"]*/settings/apps/new[^"]*)"', page)
        assert action, page
        asked = {"manifest": field(page, "manifest")}
        page = browser.post(html.unescape(action[1]), data=asked).text
        assert "Install it on repositories" in page


def delivery(secret: str) -> tuple[bytes, dict[str, str]]:
    told = json.loads(json.dumps(OPENED))
    told["number"] = told["pull_request"]["number"] = 7
    told["pull_request"]["head"]["sha"] = HEAD
    told["repository"]["full_name"] = REPO
    body = json.dumps(told).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": "d1",
        "X-Hub-Signature-256": f"sha256={signed}",
    }


def on_the_page() -> list[list[str]]:
    """The words of each line that docs/how-to/self-hosted.md has run."""
    page = "docs/how-to/self-hosted.md"
    marked = [one for one in blocks() if (one.page, one.mark) == (page, "run: self-hosted")]
    return [shlex.split(line) for one in marked for line in one.body.splitlines()]


def test_an_app_that_the_dashboard_made_reviews_a_pull_request(machine: Machine) -> None:
    (said, address), admin, setup, doctor, up = on_the_page()
    assert (said, address) == ("export", "GAVEL_DASHBOARD_URL=https://YOUR-HOST")
    machine.call(*admin[1:], said=f"{PASSWORD}\n")
    hook = f"{machine.address}/webhooks/github"
    with machine.up(setup):
        assert requests.post(hook, data=b"{}", timeout=10).status_code == 401
        make_app(machine)
    kept = machine.home / "g" / app_secrets.FOLDER
    secret = (kept / app_secrets.FILES["GAVEL_GITHUB_WEBHOOK_SECRET"]).read_text()
    machine.call(*doctor[1:])
    with machine.up(up):
        body, headers = delivery(secret)
        assert requests.post(hook, data=body, headers=headers, timeout=10).status_code == 202
        machine.wait(lambda: any(one.conclusion for one in machine.github.check_runs))
    (review,) = machine.github.reviews
    assert [one.path for one in review.comments] == ["sums.py"]
    assert (kept / "private-key.pem").read_text() not in (machine.home / "up.log").read_text()
