"""From nothing to a reviewed change, as docs/how-to/self-hosted.md says, on either forge.

The App is made on the dashboard of a running Gavel, GitHub delivers with its secret, and the App's
installation answers. The webhook on GitLab is made by the command that the page names.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot import app_secrets
from bot.demo.github_double import GitHubDouble
from tests.described import outside
from tests.doubles.gitlab.described import outside as gitlab_outside
from tests.doubles.gitlab.server import GitLabDouble
from tests.journey.machine import Machine, lines

pytestmark = pytest.mark.journey

PAYLOADS = Path(__file__).parents[1] / "payloads"
REPO, HEAD, BASE = "octo/hello", "a" * 40, "0" * 40
CODE = ["def long(n):", *(f"    n += {n}" for n in range(60)), "    return n"]
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    f"@@ -0,0 +1,{len(CODE)} @@\n" + "".join(f"+{line}\n" for line in CODE)
)
CHANGE = {
    "repo": REPO,
    "number": 7,
    "head_sha": HEAD,
    "base_sha": BASE,
    "diff": DIFF,
    "files": {HEAD: {"sums.py": "\n".join(CODE) + "\n"}},
}
PASSWORD = "correct horse battery"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short name: a Unix socket lies in it."""
    place = Path(tempfile.mkdtemp(prefix="gavel-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    double = GitHubDouble(token="unused")
    double.add_change(**CHANGE)
    yield double
    double.stop()
    assert [one for one in outside(double) if "/settings/apps/new" not in one] == []


@pytest.fixture
def gitlab() -> Iterator[GitLabDouble]:
    double = GitLabDouble(token="a-token-with-the-scope-api")
    double.add_change(**CHANGE)
    yield double
    double.stop()
    assert gitlab_outside(double.state.requests) == []


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def make_app(address: str) -> None:
    """What a person does in a browser."""
    with requests.Session() as browser:
        page = browser.get(f"{address}/sign-in?next=/setup/github").text
        form = {"name": "ada", "password": PASSWORD, "csrf": field(page, "csrf")}
        form["next"] = "/setup/github"
        page = browser.post(f"{address}/sign-in", data=form).text
        action = re.search(r'action="([^"]*/settings/apps/new[^"]*)"', page)
        assert action, page
        asked = {"manifest": field(page, "manifest")}
        page = browser.post(html.unescape(action[1]), data=asked).text
        assert "Install it on repositories" in page


def of_github(secret: str) -> tuple[bytes, dict[str, str]]:
    told = json.loads((PAYLOADS / "github/pull_request.opened.app.json").read_text())
    told["number"] = told["pull_request"]["number"] = CHANGE["number"]
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


def of_gitlab(secret: str) -> tuple[bytes, dict[str, str]]:
    told = json.loads((PAYLOADS / "gitlab/merge_request.open.json").read_text())
    told["project"]["path_with_namespace"] = REPO
    told["object_attributes"] |= {"iid": CHANGE["number"], "last_commit": {"id": HEAD}}
    return json.dumps(told).encode(), {
        "Content-Type": "application/json",
        "X-Gitlab-Event": "Merge Request Hook",
        "X-Gitlab-Event-UUID": "d1",
        "X-Gitlab-Token": secret,
    }


def test_an_app_that_the_dashboard_made_reviews_a_pull_request(
    place: Path, wheels: Path, github: GitHubDouble
) -> None:
    url = github.start()
    names = ("GAVEL_GITHUB_URL", "GAVEL_GITHUB_WEB_URL")
    settings = {**dict.fromkeys(names, url), "GAVEL_GITHUB_WRITE_GAP_S": "0"}
    machine = Machine(place, wheels, settings)
    machine.install()
    (said, address), admin, setup, doctor, up = lines("self-hosted")
    assert said == "export"
    machine.export(address)
    machine.call(admin, said=f"{PASSWORD}\n")
    hook = f"{machine.address}/webhooks/github"
    with machine.up(setup):
        assert requests.post(hook, data=b"{}", timeout=10).status_code == 401
        make_app(machine.address)
    kept = machine.kept / app_secrets.FOLDER
    secret = (kept / app_secrets.FILES["GAVEL_GITHUB_WEBHOOK_SECRET"]).read_text()
    machine.call(doctor)
    with machine.up(up):
        body, headers = of_github(secret)
        assert requests.post(hook, data=body, headers=headers, timeout=10).status_code == 202
        machine.wait(lambda: any(one.conclusion for one in github.check_runs))
    (review,) = github.reviews
    assert [one.path for one in review.comments] == ["sums.py"]
    assert (kept / "private-key.pem").read_text() not in (place / "up.log").read_text()


def test_a_webhook_that_the_command_made_reviews_a_merge_request(
    place: Path, wheels: Path, gitlab: GitLabDouble
) -> None:
    settings = {"GAVEL_GITLAB_URL": gitlab.start(), "GAVEL_GITLAB_WRITE_GAP_S": "0"}
    machine = Machine(place, wheels, settings)
    machine.install()
    (_, token), (_, secret), install, up = lines("gitlab")
    machine.export(token)
    machine.export(secret)
    machine.call([REPO if word == "GROUP/PROJECT" else word for word in install])
    (hook,) = gitlab.state.hooks
    assert hook["url"] == f"{machine.address}/webhooks/gitlab"
    with machine.up(up):
        body, headers = of_gitlab(str(hook["token"]))
        answer = requests.post(str(hook["url"]), data=body, headers=headers, timeout=10)
        assert answer.status_code == 202
        machine.wait(lambda: any(one.status != "pending" for one in gitlab.state.statuses))
    comment, _ = gitlab.state.discussions
    assert comment.notes[0].position["new_path"] == "sums.py"
