"""The blocks marked `run`, in order, in a clean folder, as a reader would type them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from judge.train.suite_label import read_suite
from tests.docs.blocks import ROOT, Walk, blocks, marked

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for bash")


def without_figures(printed: str) -> list[str]:
    """The lines of a review, but for what depends on the judge: its number, the doubtful lines."""
    lines = [
        re.sub(r"P\(correct\) 0\.\d\d, [\w ]+", "P(correct)", line).rstrip("\r")
        for line in printed.strip().splitlines()
    ]
    return [line for line in lines if not re.fullmatch(r" *\|[ ^]*", line)]


def test_the_tutorial_blocks_its_bug_and_passes_its_fix(walk: Walk) -> None:
    steps = marked("docs/tutorial.md", "tutorial")
    said = walk(*steps, model="tutorial")
    (shown,) = [
        one for one in blocks() if one.page == "docs/tutorial.md" and one.language == "text"
    ]
    (at,) = [n for n, one in enumerate(steps) if one.mark.endswith("exits 1")]
    assert without_figures(said[at]) == without_figures(shown.body)


@pytest.mark.model
@pytest.mark.usefixtures("home")
def test_the_real_judge_blocks_the_tutorials_bug_and_passes_its_fix(walk: Walk) -> None:
    walk(*marked("docs/tutorial.md", "tutorial"))


def test_a_plugged_in_judge_is_called_as_its_page_says(walk: Walk, tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    (tmp_path / "repo" / "a.py").write_text("def f(n):\n    return n\n")
    walk(*marked("docs/how-to/plug-in.md", "plug-in"), at=tmp_path / "repo")


def test_the_commands_of_a_release_run(walk: Walk, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copytree(ROOT / "bot" / "static" / "vendor", tmp_path / "bot" / "static" / "vendor")
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    walk(*marked("docs/how-to/release.md", "release"))
    assert (tmp_path / "sbom.json").read_text().startswith("{")


def test_the_tag_of_a_release_is_made_and_pushed(walk: Walk, tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin.git", tmp_path / "clone"
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (
        ("init", "-q", "--bare", str(origin)),
        ("clone", "-q", str(origin), str(clone)),
        ("-C", str(clone), *who, "commit", "-q", "--allow-empty", "-m", "Start"),
    ):
        subprocess.run(["git", *words], check=True, capture_output=True)
    walk(*marked("docs/how-to/release.md", "tag"), at=clone)
    assert (origin / "refs" / "tags" / "v0.1.0").is_file()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A clone of the example repository, and candidates beside it."""
    clone = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "own-repository", clone)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "add", "."], check=True)
    row = '{"code": "def f(x):\\n    return x\\n", "language": "python", "prompt": "Give x."}\n'
    (tmp_path / "candidates.jsonl").write_text(row)
    return clone


def test_the_page_about_ones_own_repository_begins_with_a_clone(
    walk: Walk, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", "-C", str(shop), *identity, "commit", "-q", "-m", "Start"], check=True)
    shop.rename(tmp_path / "shop.git")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://git.example.com/")
    walk(*marked("docs/how-to/own-repository.md", "clone"))
    assert (tmp_path / "shop" / "shop" / "prices.py").is_file()


def test_the_page_about_ones_own_repository_describes_its_functions(walk: Walk, shop: Path) -> None:
    walk(marked("docs/how-to/own-repository.md", "own-repository")[0], at=shop)
    assert len(read_suite(shop).tasks) == 12


@pytest.mark.model
@pytest.mark.sandbox
@pytest.mark.usefixtures("home")
def test_a_clone_becomes_a_judge_in_use(walk: Walk, shop: Path, tmp_path: Path) -> None:
    walk(*marked("docs/how-to/own-repository.md", "own-repository"), at=shop)
    (scored,) = (tmp_path / "scored.jsonl").read_text().splitlines()
    assert 0 < json.loads(scored)["p_correct"] < 1
