"""A signed delivery of GitLab through real processes, to a review on the merge request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Protocol

import pytest

pytestmark = pytest.mark.journey

PAYLOADS = Path(__file__).parents[1] / "payloads" / "gitlab"
KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
REPO, NUMBER, HEAD, BASE = "octo/hello", 7, "a" * 40, "0" * 40
DIFF = (
    "diff --git a/sums.py b/sums.py\nnew file mode 100644\n--- /dev/null\n+++ b/sums.py\n"
    "@@ -0,0 +1,2 @@\n+def add(a, b):\n+    return a - b\n"
)


class Town(Protocol):
    """See conftest."""

    def __getattr__(self, name: str): ...


def signed(body: bytes, delivery_id: str) -> dict[str, str]:
    now = str(int(time.time()))
    mac = hmac.new(KEY, f"{delivery_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Gitlab-Event": "Merge Request Hook",
        "Idempotency-Key": delivery_id,
        "webhook-id": delivery_id,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def delivery(name: str, key: str, **changed: object) -> bytes:
    """A delivery about our merge request, which stands under `key`."""
    sent = json.loads((PAYLOADS / f"{name}.json").read_text())
    sent["project"]["path_with_namespace"] = REPO
    sent[key]["iid"] = NUMBER
    sent[key]["last_commit"] = {"id": HEAD}
    sent["object_attributes"].update(changed)
    return json.dumps(sent).encode()


def test_a_signed_delivery_becomes_one_review_and_a_command_is_answered(town: Town) -> None:
    town.gitlab.add_change(
        repo=REPO,
        number=NUMBER,
        head_sha=HEAD,
        base_sha=BASE,
        diff=DIFF,
        files={HEAD: {"sums.py": "def add(a, b):\n    return a - b\n"}},
    )
    town.let_judge()
    town.start("redis", "io", "gpu", "beat")
    body = delivery("merge_request.open", "object_attributes")
    assert town.post("gitlab", body, {**signed(body, "d1"), "webhook-id": "d9"}) == 401
    assert [town.post("gitlab", body, signed(body, name)) for name in ("d1", "d1", "d2")] == [
        202, 202, 202,
    ]  # fmt: skip
    town.wait_until(
        lambda: [row.state.value for row in town.rows("gitlab")] == ["published"],
        "the review is published",
    )
    comment, summary = town.gitlab.state.discussions
    position = comment.notes[0].position
    assert (position["new_path"], position["new_line"]) == ("sums.py", 2)
    assert "gavel:summary=" in summary.notes[0].body
    (status,) = town.gitlab.state.statuses
    assert (status.sha, status.name, status.status) == (HEAD, "gavel/review", "success")
    assert status.description.startswith("Advice: ")

    town.gitlab.state.members["bob"] = (30, "active")
    asked = delivery("note.command", "merge_request", note="/gavel help")
    assert town.post("gitlab", asked, signed(asked, "d3")) == 202
    town.wait_until(lambda: len(town.gitlab.state.discussions) == 3, "the command is answered")
    (answer,) = town.gitlab.state.discussions[2].notes
    assert "/gavel" in answer.body and "gavel:re=1244" in answer.body
