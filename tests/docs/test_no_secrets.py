"""No file of the project holds a secret. What looks like one in a test is named here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIKE_A_SECRET = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n?[A-Za-z0-9+/]{40}"
    rb"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b|\bglpat-[A-Za-z0-9_-]{20}\b"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bhf_[A-Za-z]{34}\b|\bsk-[A-Za-z0-9]{40,}\b|\bxox[baprs]-[0-9A-Za-z-]{20,}"
    rb"|\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"
)
LARGEST = 2_000_000
PUBLIC = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of the specification
FOR_SHOW = ("tests/payloads/", "tests/bot/hooks/", "tests/contract/")


def test_no_tracked_file_holds_a_secret() -> None:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or name.startswith(FOR_SHOW) or not path.is_file():
            continue
        if path.stat().st_size <= LARGEST:
            text = path.read_bytes().replace(PUBLIC, b"")
            found += [name] if LIKE_A_SECRET.search(text) else []
    assert found == []


@pytest.mark.parametrize(
    "text",
    [b"ghp_" + b"a" * 36, b"glpat-" + b"b" * 20, b"AKIA" + b"C" * 16],
    ids=["gh", "gl", "aws"],
)
def test_a_secret_would_be_seen(text: bytes) -> None:
    assert LIKE_A_SECRET.search(b"token = " + text + b"\n")
