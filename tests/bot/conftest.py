from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in a new, empty repository at tmp_path/repo, without this user's settings."""
    top = tmp_path / "repo"
    top.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def git(*arguments: str) -> str:
        named = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
        run = ["git", "-C", str(top), *named, *arguments]
        return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q", "-b", "main")
    return git


@pytest.fixture
def top(git: Git, tmp_path: Path) -> Path:
    return tmp_path / "repo"
