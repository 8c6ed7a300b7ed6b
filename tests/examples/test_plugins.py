from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import build
from judge import plugins
from judge.plugins import PluginError
from judge.score import load_judge
from judge.types import Example
from tests.examples.conftest import install
from worker.forges.base import Forbidden
from worker.forges.open import open_forge
from worker.jobs import ChangeRef
from worker.review import Posted, review_in_process
from worker.settings import WorkerSettings

LONG = "def long(n):\n" + "".join(f"    n += {n}\n" for n in range(60)) + "    return n\n"
SHORT = "def short(n):\n    return n\n"
HEAD, BASE = "a" * 40, "b" * 40
CHANGE = ChangeRef("example-folder", "octo/hello", 1, HEAD)


def diff_of(**files: str) -> str:
    parts = []
    for name, text in files.items():
        lines = text.splitlines()
        parts.append(f"diff --git a/{name}.py b/{name}.py\nnew file mode 100644\n--- /dev/null\n")
        parts.append(f"+++ b/{name}.py\n@@ -0,0 +1,{len(lines)} @@\n")
        parts += [f"+{line}\n" for line in lines]
    return "".join(parts)


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a change of two files."""
    folder = tmp_path / "change"
    (folder / HEAD).mkdir(parents=True)
    for name, text in {"long": LONG, "short": SHORT}.items():
        (folder / HEAD / f"{name}.py").write_text(text)
    told = {"head_sha": HEAD, "base_sha": BASE, "title": "Two functions", "author": "octocat"}
    (folder / "change.json").write_text(json.dumps(told))
    (folder / "change.diff").write_text(diff_of(long=LONG, short=SHORT))
    monkeypatch.setenv("EXAMPLE_FORGE", str(folder))
    return folder


def test_an_installed_judge_goes_by_its_name(installed: Path, tmp_path: Path) -> None:
    judge = load_judge("example-short", home=tmp_path)
    long, short, nothing = judge.judge([Example("", LONG), Example("", SHORT), Example("", " ")])
    assert long.p_correct < 0.1 < 0.9 < short.p_correct
    assert nothing.abstained


def test_the_command_line_takes_an_installed_judge(
    installed: Path, change: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    arguments = ["review", str(tmp_path), "--diff", str(change / "change.diff")]
    done = CliRunner().invoke(build(), [*arguments, "--model", "example-short", "--format", "json"])
    assert done.exit_code == 0, done.exception
    found = {one["path"]: one["is_finding"] for one in json.loads(done.stdout)["snippets"]}
    assert found == {"long.py": True, "short.py": False}


def test_an_installed_forge_is_reviewed_once(installed: Path, change: Path, tmp_path: Path) -> None:
    forge = open_forge("example-folder", WorkerSettings(home=tmp_path), installation_id=None)
    judge = load_judge("example-short", home=tmp_path)
    posted = review_in_process(CHANGE, forge=forge, judge=judge)
    assert isinstance(posted, Posted)
    said = (change / "review.md").read_text()
    assert "long.py:1" in said and "very unlikely to be correct" in said
    again = review_in_process(CHANGE, forge=forge, judge=judge)
    assert isinstance(again, Posted) and again.published.comment_ids == ()
    assert (change / "review.md").read_text().count("long.py:1") == 1


def test_a_folder_outside_the_commit_is_never_read(installed: Path, change: Path) -> None:
    forge = open_forge("example-folder", WorkerSettings(), installation_id=None)
    assert forge.file(CHANGE, "long.py", sha=HEAD) == LONG
    assert forge.file(CHANGE, "../change.json", sha=HEAD) is None


def test_an_unknown_forge_lists_those_of_plug_ins(installed: Path) -> None:
    with pytest.raises(Forbidden, match=r"expected github.*example-folder"):
        open_forge("gitbub", WorkerSettings(), installation_id=None)


def test_what_a_plug_in_cannot_bring_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {"gone": "no_such_module:open", "odd": "json:__name__", "two": "json:loads"}
    install(tmp_path / "one", "one", {plugins.JUDGES: points})
    install(tmp_path / "other", "other", {plugins.JUDGES: {"two": "json:dumps"}})
    for name in ("one", "other"):
        monkeypatch.syspath_prepend(str(tmp_path / name))
    for name, words in (("gone", "imported"), ("odd", "no function"), ("two", "2 distributions")):
        with pytest.raises(PluginError, match=words):
            plugins.load(plugins.JUDGES, name)
    assert plugins.load(plugins.JUDGES, "none") is None
