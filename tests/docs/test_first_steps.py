"""The first commands of a reader with the real weights: a review from a checkout, and a pull."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from judge.registry import DEFAULT_MODEL, MODELS, PREPARED
from tests.bare import WHO, checkout
from tests.docs.blocks import Walk, marked

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for bash"),
]
BUG = 'def second(numbers):\n    """The second number."""\n    return numbers[0]\n'


@pytest.mark.usefixtures("home")
def test_a_checkout_reviews_what_came_since_a_branch(walk: Walk, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    for words in (
        ("init", "-q", "-b", "main", str(shop)),
        ("-C", str(shop), "commit", "-q", "--allow-empty", "-m", "Start"),
        ("-C", str(shop), "checkout", "-q", "-b", "feature"),
    ):
        subprocess.run(["git", *words], env={**os.environ, **WHO}, check=True)
    (shop / "numbers.py").write_text(BUG)
    own = {"YOUR-REPOSITORY": str(shop), "PATH-TO-GAVEL": str(checkout(tmp_path / "tree"))}
    (said,) = walk(*marked("README.md", "review"), instead=own)
    assert "1 snippet" in said and "Threshold: P(correct)" in said


def test_weights_that_were_carried_in_are_checked_and_in_use(
    walk: Walk, home: Path, tmp_path: Path
) -> None:
    kept, usb = (home / "models").resolve() / DEFAULT_MODEL, tmp_path / "usb"
    (home / "models").unlink()
    own = home / "models" / DEFAULT_MODEL
    own.mkdir(parents=True)
    (own / PREPARED).symlink_to(kept / PREPARED)  # unpacking takes long, and is the same again
    usb.mkdir()
    (usb / MODELS[DEFAULT_MODEL].file).symlink_to(kept / MODELS[DEFAULT_MODEL].file)
    (said,) = walk(
        *marked("docs/how-to/closed-network.md", "weights"), instead={"/media/usb": str(usb)}
    )
    (line,) = [one for one in said.splitlines() if one.startswith(DEFAULT_MODEL)]
    assert line.split()[-2:] == ["yes", "default"]
    assert (own / MODELS[DEFAULT_MODEL].file).stat().st_size == MODELS[DEFAULT_MODEL].size_bytes
